"""A gate's answers, as the camera's program gives them."""

import numpy as np
from numpy.typing import NDArray

from tinyinspect.evaluation.source import Answer
from tinyinspect.tasks.gate.decision import Gate, similarities
from tinyinspect.tasks.gate.report import NEAR


def answers(outputs: NDArray[np.float32], decision: Gate, classes: list[str]) -> list[Answer]:
    """Whether each embedding, a row of (n, d), is like the normal ones, with its similarity; unsure near the limit."""
    limit = decision.of_int8.threshold
    found = similarities(outputs, decision.of_int8.centroid)
    return [
        Answer("normal" if score >= limit else "abnormal", float(score), bool(abs(score - limit) < NEAR))
        for score in found
    ]
