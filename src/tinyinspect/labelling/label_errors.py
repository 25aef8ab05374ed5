"""Labels that are likely wrong: those that a model which never saw the frame, or its neighbours, contradicts.

A logistic regression on the embeddings is trained on all stretches of the recordings but one and asked about that one;
cleanlab finds the labels among its answers that are likelier noise than hard cases (Northcutt et al. 2021, "Confident
Learning"). It takes seconds and needs no trained model.
"""

import numpy as np
from numpy.typing import NDArray

from tinyinspect.errors import InputError
from tinyinspect.labelling.judged import Judged

_FOLDS = 5
_TRAIN_ON = 20_000  # frames a fold; more make it no wiser
STRETCH = 50  # frames; neighbours in time look alike and would vouch for each other


class Doubts(Judged):
    """Doubtful labels, the most doubtful first; the probabilities are those of the cross-validated model."""


def doubtful(
    embeddings: NDArray[np.float32], rows: NDArray[np.int64], labels: NDArray[np.object_], classes: list[str]
) -> Doubts:
    """Find labels that are likely wrong.

    Args:
        embeddings: of all n frames, (n, d).
        rows: of the labelled ones among them, (m,).
        labels: theirs, (m,), each one of ``classes``.
        classes: k names.

    Raises:
        InputError: There are too few labels to judge by.
    """
    from cleanlab.filter import find_label_issues

    present = [name for name in classes if (labels == name).sum() >= _FOLDS]
    if len(present) < 2:
        raise InputError(
            f"too few labels to look for errors: at least two classes need {_FOLDS} frames each; label more"
        )
    if len(np.unique(rows // STRETCH)) < 2:
        raise InputError(f"too few labels to look for errors; label frames more than {STRETCH} apart")
    kept = np.isin(labels, present)
    rows, codes = rows[kept], np.array([present.index(label) for label in labels[kept]])
    probabilities = _cross_validated(np.asarray(embeddings[rows], np.float64), codes, rows // STRETCH)
    issues = find_label_issues(codes, probabilities, return_indices_ranked_by="self_confidence", n_jobs=1)
    return Doubts(rows[issues], probabilities[issues].astype(np.float32), present)


def _cross_validated(
    features: NDArray[np.float64], codes: NDArray[np.int64], groups: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Probability of each class, (m, k), by models that were not trained on a frame's group."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rng, classes = np.random.default_rng(0), codes.max() + 1
    probabilities = np.full((len(codes), classes), 1 / classes)  # where a fold could not tell
    folds = StratifiedGroupKFold(min(_FOLDS, len(np.unique(groups))), shuffle=True, random_state=0)
    for train, held_out in folds.split(features, codes, groups):
        train = rng.permutation(train)[:_TRAIN_ON]
        seen = np.unique(codes[train])
        if len(seen) < 2:
            continue
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(features[train], codes[train])
        probabilities[held_out] = 0
        probabilities[np.ix_(held_out, seen)] = model.predict_proba(features[held_out])
    return probabilities
