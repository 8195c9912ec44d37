"""What is measured, in recalls and in spike trains."""
