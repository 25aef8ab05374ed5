"""The measures in words."""

from typing import Any

from tinyinspect.report.table import Table


def headings(metrics: dict[str, Any]) -> list[tuple[str, ...]]:
    """One column."""
    return [("mean absolute", "error")]


def cells(measured: dict[str, Any]) -> list[tuple[str, str]]:
    """The error."""
    return [(f"{measured['mean_absolute_error']:.3f}", "")]


def tables(metrics: dict[str, Any]) -> list[Table]:
    """None: all pictures are frames of the recordings."""
    return []


def baselines(metrics: dict[str, Any]) -> None:
    """None."""


def quantization(metrics: dict[str, Any]) -> str:
    """What int8 costs."""
    return f"int8 adds {metrics['quantization']['error_gained']:.4f} to the error."


def curves() -> list[tuple[str, str, list[str]]]:
    """The loss."""
    return [("training", "loss", ["train/loss"])]
