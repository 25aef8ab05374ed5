"""A gate's answers, as the camera's program gives them."""

import numpy as np
from numpy.typing import NDArray

from tinyinspect.evaluation.source import Answer
from tinyinspect.tasks.gate.decision import Gate
from tinyinspect.tasks.gate.settings import Task

NEAR = 0.05  # similarity; so close to the threshold an answer is unsure


def answers(outputs: NDArray[np.float32], decision: Gate, classes: list[str]) -> list[Answer]:
    """Whether each picture, a row of (n, d + s), is like normal ones, with its similarity; unsure near the limit."""
    limit = decision.of_int8.threshold
    found = decision.of_int8.similarities(outputs)
    return [
        Answer("normal" if score >= limit else "abnormal", float(score), bool(abs(score - limit) < NEAR))
        for score in found
    ]


def truth_of(label: str, task: Task) -> str:
    """The right answer for a frame with a label: whether the gate is to let it through."""
    return "normal" if label in task.normal_classes else "abnormal"
