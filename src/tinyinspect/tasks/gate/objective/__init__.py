"""What a gate is trained for."""

from tinyinspect.tasks.gate.objective.cross_fitting import held_out
from tinyinspect.tasks.gate.objective.metric_learning import fit, network

__all__ = ["fit", "held_out", "network"]
