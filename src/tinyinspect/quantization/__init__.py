"""What the int8 file is calibrated with."""
