"""What a classifier is trained for."""

from tinyinspect.tasks.classifier.objective.classification import fit, held_out, network

__all__ = ["fit", "held_out", "network"]
