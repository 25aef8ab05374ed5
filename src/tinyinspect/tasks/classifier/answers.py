"""A classifier's answers, as the camera's program gives them."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from tinyinspect.evaluation.source import Answer
from tinyinspect.tasks.classifier.decision import ScoreLimits


def answers(outputs: NDArray[np.float32], decision: ScoreLimits, classes: list[str]) -> list[Answer]:
    """The class of each row of logits (n, classes), with its score; unsure where the score does not count."""
    scores = softmax(outputs / decision.temperature, axis=1)
    return [Answer(classes[row.argmax()], float(row.max()), bool(row.max() < decision.min_score)) for row in scores]
