"""What the report and a comparison say of a gate."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tinyinspect.report.numbers import change
from tinyinspect.report.verdict import Headline
from tinyinspect.tasks.gate.answers import NEAR
from tinyinspect.tasks.gate.decision import Gate, knows
from tinyinspect.tasks.gate.metrics import Metrics

SCORE = "similarity to the centroid"
IS_PROBABILITY = False
LEAST_ACCEPTED, MOST_FALSE = 0.9, 0.1  # beyond these, a warning
MOST_FAULTS = 0.05  # of a kind of camera fault that may pass without a warning


def headline(metrics: Metrics) -> Headline:
    """The area under the ROC curve on the camera and what int8 costs."""
    camera, cost = metrics.tflite_micro, metrics.quantization
    return Headline(
        name="AUROC on the camera",
        value=camera.auroc,
        low=camera.auroc_ci_low,
        high=camera.auroc_ci_high,
        lost=f"{change(100 * cost.auroc_lost, 2)} points",
        lost_interval=f"{100 * cost.ci_low:.2f} to {100 * cost.ci_high:.2f} points",
    )


def warnings(metrics: dict[str, Any]) -> list[str]:
    """What a person should know before trusting an accepted model."""
    camera = metrics["tflite_micro"]
    found = list(metrics["decision"]["warnings"])
    if camera["true_accept_rate"] < LEAST_ACCEPTED:
        found.append(f"it lets only {100 * camera['true_accept_rate']:.1f} % of the normal frames pass")
    if camera["false_accept_rate"] > MOST_FALSE:
        found.append(f"it lets {100 * camera['false_accept_rate']:.1f} % of the abnormal pictures pass")
    if faults := _passing_faults(camera["sources"]):
        found.append(f"it lets pictures of a faulty camera pass: {', '.join(faults)}")
    if metrics["quantization"]["ci_low"] > 0:
        found.append(f"int8 loses {100 * metrics['quantization']['auroc_lost']:.2f} points of AUROC, beyond chance")
    return found


def _passing_faults(sources: dict[str, Any]) -> list[str]:
    """Kinds of camera fault of which more than a share passes."""
    return [
        f"{100 * one['false_accept_rate']:.0f} % of {name.partition('/')[2]}"
        for name, one in sources.items()
        if name.startswith("camera_fault/") and one["false_accept_rate"] > MOST_FAULTS
    ]


def unsure(predictions: pd.DataFrame, decision: Gate) -> NDArray[np.bool_]:
    """Which test pictures lie close to the threshold, (n,)."""
    return ((predictions["score_camera"] - decision.of_int8.threshold).abs() < NEAR).to_numpy()


def limits(decision: Gate) -> dict[str, float]:
    """The threshold on the camera."""
    return {"passes from here": decision.of_int8.threshold}


def evidence(outputs: Any, decision: Gate) -> Any:
    """What speaks for passing: the cosine of each embedding in a tensor (n, d + s) to the nearest centroid, (n,)."""
    centroids = outputs.new_tensor(decision.of_float.centroids)
    embeddings = outputs[:, : centroids.shape[1]]
    lengths = embeddings.norm(dim=1, keepdim=True) * centroids.norm(dim=1)
    return (embeddings @ centroids.T / lengths.clamp(min=1e-12)).max(1).values


def card(metrics: dict[str, Any], classes: list[str]) -> list[tuple[str, str]]:
    """Intended use and limits."""
    decision = metrics["decision"]
    chosen = knows(*(decision[name] for name in ("normal", "refused", "abnormal", "passed")))
    return [
        ("Intended use", "Says on the camera whether a picture is like the normal frames of this line."),
        (
            "Limits",
            "It says that something is strange, not what. It is measured on the abnormal sources listed here; others "
            "may pass. Light, lens, distance and parts other than those recorded are not measured.",
        ),
        (
            "Threshold",
            f"{decision['threshold']:.3f} (95 % interval {decision['threshold_low']:.3f} to "
            f"{decision['threshold_high']:.3f}). {chosen}",
        ),
    ]
