"""Why it is refused."""

from typing import Any

from tinyinspect.config.accept import Accept


def reasons(metrics: Any, accept: Accept) -> list[str]:
    """An error that says nothing."""
    error = metrics.tflite_micro.mean_absolute_error
    return [f"its error is {error:.2f}; train for longer"] if error > 0.5 else []


def lost(metrics: Any) -> tuple[float, float]:
    """Hundredths of the error that int8 adds."""
    gained = 100 * metrics.quantization.error_gained
    return gained, gained
