"""From a camera recording to a vision model that provably runs on a microcontroller camera."""

__version__ = "0.2.0"
