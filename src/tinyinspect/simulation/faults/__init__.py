"""Faults of a camera, made from a frame that it took when nothing was wrong."""

from tinyinspect.simulation.faults.kinds import STEPS, Fault, differs, fault

__all__ = ["STEPS", "Fault", "differs", "fault"]
