"""Typical frames: of each cluster of embeddings the frame that lies densest among its like.

With few labels, frames that stand for many others teach more than odd ones, which a coreset takes first (Hacohen,
Dekel & Weinshall 2022, "Active Learning on a Budget: Opposite Strategies Suit High and Low Budgets", TypiClust). There
are as many clusters as frames wanted, so a larger budget looks at finer differences.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinyinspect.selection.coreset import typicality_of
from tinyinspect.selection.pools import nth_rows

MOST_CLUSTERS = 500  # of a budget beyond, clusters give a second frame
FULL_FIT = 50  # clusters up to which all embeddings are looked at in each step
SAMPLE = 100_000  # embeddings that are clustered; a draw of more has the same dense places
SMALL = 5  # frames; smaller clusters give theirs last

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Typical:
    """What was chosen: rows (m,) int64 in the order chosen, and how many frames the cluster of each has, (m,)."""

    rows: Rows
    alike: Rows


def select_typical(
    embeddings: NDArray[np.float32],
    pool: NDArray[np.bool_],
    size: int,
    *,
    preselected: Rows,
    rng: np.random.Generator,
) -> Typical:
    """Choose ``size`` of the embeddings of a pool that stand for many others.

    Of the clusters with the fewest frames chosen, the largest gives its most typical frame, again and again.

    Args:
        embeddings: (n, d) float32, mapped or in memory.
        pool: (n,) those to choose from.
        size: how many to choose, preselected ones included; at most the pool are.
        preselected: (p,) rows of the pool that are chosen in any case; their clusters are covered by them.
        rng: source of randomness.

    Returns:
        The rows of the embeddings that were chosen beside the preselected ones.
    """
    count = int(np.count_nonzero(pool))
    size = min(size, count)
    wanted = size - len(preselected)
    if wanted <= 0:
        return Typical(np.zeros(0, np.int64), np.zeros(0, np.int64))
    rows = _sample(pool, count, max(SAMPLE, size), preselected, rng)
    points = _directions(np.asarray(embeddings[rows]))
    clusters = _clusters(points, min(size, MOST_CLUSTERS), rng)
    covered = np.bincount(clusters[np.isin(rows, preselected)], minlength=clusters.max() + 1)
    queues = _queues(points, clusters, ~np.isin(rows, preselected))
    counts = np.bincount(clusters)
    chosen = []
    for _ in range(wanted):
        # Small clusters last, then those least covered, then the largest.
        cluster = min(queues, key=lambda one: (counts[one] < SMALL, covered[one], -counts[one]))
        chosen.append(queues[cluster].pop())
        covered[cluster] += 1
        if not queues[cluster]:
            del queues[cluster]
    alike = np.round(counts[clusters[chosen]] * count / len(rows)).astype(np.int64)
    return Typical(rows[chosen], alike)


def _sample(pool: NDArray[np.bool_], count: int, most: int, preselected: Rows, rng: np.random.Generator) -> Rows:
    """Rows of the pool, ascending: all, or of more than ``most`` the preselected ones and others drawn."""
    if count <= most:
        return np.flatnonzero(pool)
    free = pool.copy()
    free[preselected] = False
    drawn = rng.choice(count - len(preselected), most - len(preselected), replace=False)
    return np.sort(np.concatenate([preselected, nth_rows(free, np.sort(drawn))]))


def _directions(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Embeddings at length 1: how bright or contrasty a frame is says little of what it shows."""
    return points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-9)


def _clusters(points: NDArray[np.float32], count: int, rng: np.random.Generator) -> Rows:
    """The cluster of each point, (n,), numbered from 0 without a gap."""
    from sklearn.cluster import KMeans, MiniBatchKMeans  # here: it takes a second to load

    seed = int(rng.integers(2**31))
    count = min(count, len(np.unique(points, axis=0)))
    if count <= FULL_FIT:
        found = KMeans(count, n_init=1, random_state=seed).fit_predict(points)
    else:
        found = MiniBatchKMeans(count, n_init=1, batch_size=4096, random_state=seed).fit_predict(points)
    return np.unique(found, return_inverse=True)[1]


def _queues(points: NDArray[np.float32], clusters: Rows, free: NDArray[np.bool_]) -> dict[int, list[int]]:
    """Of each cluster its free points, the most typical last."""
    queues = {}
    for cluster in range(clusters.max() + 1):
        mine = np.flatnonzero(clusters == cluster)
        # Of frames that are all the same none is a number.
        typical = np.nan_to_num(typicality_of(points[mine])) if len(mine) > 1 else np.zeros(1)
        ordered = mine[np.argsort(typical, kind="stable")]
        if left := ordered[free[ordered]].tolist():
            queues[cluster] = left
    return queues
