"""What a network has learned: traces, connections, their files. Nothing here simulates."""
