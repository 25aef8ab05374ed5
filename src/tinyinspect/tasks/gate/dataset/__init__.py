"""Which pictures train, validate and test a gate."""

from tinyinspect.tasks.gate.dataset.normal_and_abnormal import complete, summary, unlabelled

__all__ = ["complete", "summary", "unlabelled"]
