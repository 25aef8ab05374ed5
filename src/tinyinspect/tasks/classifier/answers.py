"""A classifier's answers, as the camera's program gives them."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from tinyinspect.evaluation.source import Answer
from tinyinspect.tasks.classifier.decision import ScoreLimits
from tinyinspect.tasks.classifier.settings import Task


def answers(outputs: NDArray[np.float32], decision: ScoreLimits, classes: list[str]) -> list[Answer]:
    """The class of each row of logits (n, classes), with its score; unsure where the score does not count."""
    found = []
    for row in softmax(outputs / decision.temperature, axis=1):
        score = float(row.max())
        counts = score >= decision.min_score
        found.append(Answer(classes[row.argmax()], score, unsure=not counts, counts=counts))
    return found


def truth_of(label: str, task: Task) -> str:
    """The right answer for a frame with a label: the label."""
    return label
