"""Which pictures train, validate and test a classifier."""

from tinyinspect.tasks.classifier.dataset.labelled_frames import complete, summary, unlabelled

__all__ = ["complete", "summary", "unlabelled"]
