"""What the report and a comparison say of a classifier."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tinyinspect.report.numbers import change
from tinyinspect.report.verdict import Headline
from tinyinspect.tasks.classifier.decision import ScoreLimits
from tinyinspect.tasks.classifier.metrics import Metrics

SCORE = "score of the class given"
IS_PROBABILITY = True  # the score says how often the answer is right
LEAST_RECALL, FEW = 0.8, 30  # below these, a warning


def headline(metrics: Metrics) -> Headline:
    """Accuracy on the camera and what int8 costs."""
    camera, cost = metrics.tflite_micro, metrics.quantization
    return Headline(
        name="accuracy on the camera",
        value=camera.accuracy,
        low=camera.accuracy_ci_low,
        high=camera.accuracy_ci_high,
        lost=f"{change(cost.accuracy_lost_points, 2)} points",
        lost_interval=f"{cost.ci_low:.2f} to {cost.ci_high:.2f} points",
    )


def warnings(metrics: dict[str, Any]) -> list[str]:
    """What a person should know before trusting an accepted model."""
    recalls = metrics["tflite_micro"]["recall"]
    worst = min(recalls, key=recalls.__getitem__)
    found = []
    if recalls[worst] < LEAST_RECALL:
        found.append(f"it finds only {100 * recalls[worst]:.1f} % of '{worst}'; label more of that class")
    few = {name: count for name, count in metrics["test_frames"]["of_class"].items() if count < FEW}
    if few:
        listed = ", ".join(f"{count} of '{name}'" for name, count in few.items())
        found.append(f"there are few test frames: {listed}; the intervals are wide")
    if metrics["quantization"]["ci_low"] > 0:
        found.append(f"int8 loses {metrics['quantization']['accuracy_lost_points']:.2f} points, beyond chance")
    return found


def unsure(predictions: pd.DataFrame, decision: ScoreLimits) -> NDArray[np.bool_]:
    """Which test frames the camera does not count, (n,)."""
    return (predictions["score_camera"] < decision.min_score).to_numpy()


def limits(decision: ScoreLimits) -> dict[str, float]:
    """The limits of the score, by name."""
    return {"counts from here": decision.min_score, "collected below": decision.unsure_below}


def evidence(outputs: Any, decision: ScoreLimits) -> Any:
    """What speaks for the answer: the largest logit of each row of a tensor (n, k), (n,)."""
    return outputs.max(1).values


def card(metrics: dict[str, Any], classes: list[str]) -> list[tuple[str, str]]:
    """Intended use and limits."""
    return [
        ("Intended use", f"Says which of {', '.join(classes)} a frame of this line shows, on the camera itself."),
        (
            "Limits",
            "It knows its classes alone: whatever else comes before the camera gets one of them"
            f"{_confident(metrics.get('unknown', {}))}. Light, lens, distance and parts other than those recorded are "
            "not measured here.",
        ),
    ]


def _confident(unknown: dict[str, Any]) -> str:
    """How often it is sure of pictures of none of its classes; nothing of an earlier version's measures."""
    if not unknown:
        return ""
    shares = ", ".join(f"{100 * one['confident']:.0f} % of {group}" for group, one in unknown.items())
    return f", with a score of 90 % or more for {shares}; a gate before it refuses such pictures"
