"""A linear classifier on the features of a network that is not trained itself."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

_REGULARISATION = 0.1  # won or tied in cross-validation on three kinds of frames


def linear_classifier(features: NDArray[np.float32], labels: NDArray[np.int64]) -> "Pipeline":
    """A linear classifier on standardized features.

    Args:
        features: (n, d).
        labels: (n,), at least two kinds.
    """
    from sklearn.linear_model import LogisticRegression  # here: not all that load this need scikit-learn
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    classifier = make_pipeline(StandardScaler(), LogisticRegression(C=_REGULARISATION, max_iter=1000))
    return classifier.fit(features, labels)


def probabilities_of(
    known: NDArray[np.float32], labels: NDArray[np.int64], seen: NDArray[np.float32], classes: int
) -> NDArray[np.float32]:
    """What a linear classifier that is fitted to labelled frames takes others for.

    Args:
        known: features of labelled frames, (n, d).
        labels: of these, (n,), at least two kinds.
        seen: features of other frames, (m, d).
        classes: k, how many there are; one without a label has probability 0.

    Returns:
        (m, k), rows sum to 1.
    """
    linear = linear_classifier(known, labels)
    found = np.zeros((len(seen), classes), np.float32)
    found[:, linear.classes_] = linear.predict_proba(seen)
    return found
