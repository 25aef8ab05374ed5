"""From a float network to the int8 file: calibration, repairs before rounding, and what rounding costs."""
