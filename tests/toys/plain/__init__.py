"""Three convolutions."""
