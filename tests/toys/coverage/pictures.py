"""The frames to calibrate on, as a classifier has them."""

from tinyinspect.tasks.classifier.pictures import calibration

__all__ = ["calibration"]
