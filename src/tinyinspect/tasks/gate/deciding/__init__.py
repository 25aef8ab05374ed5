"""Which pictures a gate lets through."""

from tinyinspect.tasks.gate.deciding.centroid_and_threshold import decide

__all__ = ["decide"]
