"""What the camera can load and run, at what cost."""
