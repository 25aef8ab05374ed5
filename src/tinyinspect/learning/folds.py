"""Parts of a labelled set, each to be scored by a network that was trained on the others (cross-fitting)."""

import numpy as np
from numpy.typing import NDArray


def split_folds(labels: NDArray[np.int64], folds: int, seed: int) -> list[NDArray[np.int64]]:
    """Rows in so many parts, each with its share of every class."""
    random = np.random.default_rng(seed)
    part, dealt = np.empty(len(labels), np.int64), 0
    for label in np.unique(labels):
        rows = random.permutation(np.flatnonzero(labels == label))
        part[rows] = (np.arange(len(rows)) + dealt) % folds  # dealt on, so that no part gets all of a small set
        dealt += len(rows)
    return [rows for fold in range(folds) if len(rows := np.flatnonzero(part == fold))]
