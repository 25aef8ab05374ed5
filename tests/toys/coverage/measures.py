"""The mean absolute error, and how often the nearest number is the right one."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyinspect.evaluation.scored import FLOAT, INT8, Scored, TestSet
from tinyinspect.selection.labelled import frames_folder, read_labelled


def test_set(dataset: Path, *, classes: list[str], task: Any) -> TestSet:
    """The labelled test frames."""
    frames = read_labelled(frames_folder(dataset, "test"), classes)
    return TestSet(frames, classes, np.full(len(frames), ""), np.zeros(len(frames), bool))


def score(outputs: dict[str, NDArray[np.float32]], test: TestSet, decision: Any, seed: int) -> Scored:
    """Measure every runtime."""
    covered, labels = np.array(decision.covered, np.float32), test.frames.labels
    logits = {name: -np.abs(values - covered) for name, values in outputs.items()}
    errors = {name: float(np.abs(values[:, 0] - covered[labels]).mean()) for name, values in outputs.items()}
    right = logits[INT8].argmax(1) == labels
    metrics: dict[str, Any] = {
        "test_frames": {
            "total": len(labels),
            "of_class": dict(zip(test.classes, np.bincount(labels).tolist(), strict=True)),
        },
        **{name: {"mean_absolute_error": error} for name, error in errors.items()},
        "quantization": {"error_gained": errors[INT8] - errors[FLOAT]},
    }
    return Scored(
        test=test,
        metrics=metrics,
        logits=logits,
        scores={name: outputs[name][:, 0] for name in (FLOAT, INT8)},
        score_name="part of the tray that is covered",
        threshold=None,
        groups={"right": right, "wrong": ~right},
    )


def of_training(outputs: NDArray[np.float32], frames: Any, decision: Any) -> dict[str, float]:
    """Nothing."""
    return {}
