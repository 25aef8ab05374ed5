"""Which scores of a classifier count."""

from tinyinspect.tasks.classifier.deciding.score_limits import decide

__all__ = ["decide"]
