"""The labelled frames, as a classifier has them."""

from tinyinspect.tasks.classifier.dataset import complete, summary

__all__ = ["complete", "summary"]
