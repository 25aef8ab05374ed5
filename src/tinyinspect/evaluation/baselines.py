"""What a measure is to be compared with: simple answers, and a linear classifier on the features of the teacher.

One typed file, ``baselines.json``, written by the stage ``baselines`` and read by ``evaluate``.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

BASELINES = Path("baselines.json")
MOST_FRAMES = 250  # of either side: the teacher takes minutes for more
_REGULARISATION = 0.1  # won or tied in cross-validation on three kinds of frames


class Baselines(BaseModel):
    """What ``baselines.json`` holds.

    Attributes:
        teacher: whose features they are; null where there is none.
        measures: shares in [0, 1], by baseline and measure.
    """

    teacher: str | None
    measures: dict[str, dict[str, float]]


def linear_classifier(features: NDArray[np.float32], labels: NDArray[np.int64]) -> "Pipeline":
    """A linear classifier on standardized features.

    Args:
        features: (n, d).
        labels: (n,), at least two kinds.
    """
    from sklearn.linear_model import LogisticRegression  # here: most that read baselines alone need no scikit-learn
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    classifier = make_pipeline(StandardScaler(), LogisticRegression(C=_REGULARISATION, max_iter=1000))
    return classifier.fit(features, labels)
