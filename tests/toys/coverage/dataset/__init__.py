"""The labelled frames, as a classifier has them."""

from typing import Any

from tinyinspect.tasks.classifier.dataset import complete, summary

__all__ = ["complete", "summary", "unlabelled"]


def unlabelled(task: Any) -> int:
    """None."""
    return 0
