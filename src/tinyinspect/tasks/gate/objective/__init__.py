"""What a gate is trained for."""

from tinyinspect.tasks.gate.objective.metric_learning import fit, held_out, outputs

__all__ = ["fit", "held_out", "outputs"]
