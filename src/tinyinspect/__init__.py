"""From a camera recording to a vision model that provably runs on a microcontroller camera."""

__version__ = "0.1.0"
