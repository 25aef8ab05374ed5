"""Frames that look alike, by their embeddings: clusters of a size to label at once, and the nearest to one frame."""

import numpy as np
from numpy.typing import NDArray

Embeddings = NDArray[np.float32]  # (n, d)
CLUSTER_FRAMES = 20  # about so many frames fit a screen and a glance
_MOST_CLUSTERS = 2000
_LEARN_FROM = 20_000  # frames; more of them make no better centres


def clusters(embeddings: Embeddings) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Cluster embeddings by k-means, about :data:`CLUSTER_FRAMES` frames in each.

    Args:
        embeddings: (n, d), n at least 1.

    Returns:
        Each frame's cluster, (n,), and its distance to the cluster's centre, (n,).
    """
    from sklearn.cluster import MiniBatchKMeans

    units = _unit(embeddings)
    wanted = int(np.clip(len(units) // CLUSTER_FRAMES, 1, _MOST_CLUSTERS))
    sample = np.random.default_rng(0).permutation(len(units))[:_LEARN_FROM]
    fitted = MiniBatchKMeans(wanted, random_state=0, n_init=1, batch_size=4096).fit(units[sample])
    found = fitted.predict(units).astype(np.int64)
    distances = np.linalg.norm(units - fitted.cluster_centers_[found].astype(np.float32), axis=1)
    return found, distances.astype(np.float32)


def nearest(embeddings: Embeddings, row: int, count: int) -> list[int]:
    """The ``count`` rows most like a row by cosine similarity, itself first."""
    likeness = _unit(embeddings) @ _unit(embeddings[row : row + 1])[0]
    likeness[row] = np.inf
    count = min(count, len(likeness))
    best = np.argpartition(-likeness, count - 1)[:count]
    return [int(one) for one in best[np.argsort(-likeness[best], kind="stable")]]


def _unit(embeddings: Embeddings) -> Embeddings:
    values = np.asarray(embeddings, np.float32)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return (values / np.where(lengths > 0, lengths, 1)).astype(np.float32)
