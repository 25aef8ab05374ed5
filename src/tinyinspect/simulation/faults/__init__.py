"""Faults of a camera, made from a frame that it took when nothing was wrong."""

from tinyinspect.simulation.faults.kinds import STEPS, Fault, fault

__all__ = ["STEPS", "Fault", "fault"]
