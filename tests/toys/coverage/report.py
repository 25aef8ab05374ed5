"""What the report says."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tinyinspect.report.verdict import Headline

SCORE = "part of the tray that is covered"
IS_PROBABILITY = False


def headline(metrics: Any) -> Headline:
    """The part of a tray that the answer is right by."""
    right = 1 - metrics.tflite_micro.mean_absolute_error
    lost = f"adds {metrics.quantization.error_gained:.4f}"
    return Headline(name="1 - error on the camera", value=right, low=right, high=right, lost=lost, lost_interval="")


def warnings(metrics: dict[str, Any]) -> list[str]:
    """None."""
    return []


def unsure(predictions: pd.DataFrame, decision: Any) -> NDArray[np.bool_]:
    """None."""
    return np.zeros(len(predictions), bool)


def limits(decision: Any) -> dict[str, float]:
    """None."""
    return {}


def evidence(outputs: Any, decision: Any) -> Any:
    """The number itself."""
    return outputs[:, 0]


def card(metrics: dict[str, Any], classes: list[str]) -> list[tuple[str, str]]:
    """In a sentence."""
    return [("Intended use", "Says how much of the tray is covered.")]
