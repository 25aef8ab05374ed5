"""What the camera gets: the bundle, the cascade, copying to the drive, talking to the board."""
