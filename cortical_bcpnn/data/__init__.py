"""Images, patterns of activity made of them, and cues."""
