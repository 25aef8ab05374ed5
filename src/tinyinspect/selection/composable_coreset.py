"""A coreset of more embeddings than one greedy run takes: the coreset of the coresets of parts.

Greedy k-center is composable (Indyk, Mahabadi, Mahdian & Mirrokni 2014, "Composable Core-sets for Diversity and
Coverage Maximization"; Mirrokni & Zadimoghaddam 2015, "Randomized Composable Core-sets for Distributed Submodular
Maximization"): each part gives as many embeddings as are wanted in all, and greedy k-center over what they gave covers
all nearly as well as one run would. Parts are read one after the other, so one part at a time is in memory.
"""

import numpy as np
from numpy.typing import NDArray

from tinyinspect.selection.coreset import select_coreset, typicality_of

EXACT = 1_000_000  # embeddings that one greedy run takes
PART = 131_072  # embeddings read at a time
SHARE = 4  # a part has so many times the wanted embeddings at least, so that its coreset is smaller than it

Rows = NDArray[np.int64]


def select_coreset_of_many(
    embeddings: NDArray[np.float32],
    rows: Rows,
    size: int,
    *,
    preselected: Rows,
    classes: NDArray[np.int64],
    typicality: float,
    class_balance: float,
    rng: np.random.Generator,
) -> Rows:
    """Choose ``size`` of the n embeddings at ``rows``: by one greedy run up to :data:`EXACT` of them, else by parts.

    The preselected ones stand before each part. How typical an embedding is, is measured among those of its part.

    Args:
        embeddings: (m, d) float32, mapped or in memory; of a mapped file one part is read at a time.
        rows: (n,) ascending.
        size: how many to choose, preselected ones included; at most n are.
        preselected: (p,) places in ``rows`` that are in the coreset in any case.
        classes: (n,) class index of each, -1 where it is not known.
        typicality: weight of the closeness to the nearest neighbours, against outliers.
        class_balance: weight of equally many of each known class.
        rng: source of randomness.

    Returns:
        Places in ``rows``, (max(p, min(size, n)),) int64, in the order chosen, preselected ones first.
    """
    if len(rows) <= EXACT:
        return select_coreset(
            np.asarray(embeddings[rows]),
            size,
            preselected=preselected,
            classes=classes,
            typicality=typicality,
            class_balance=class_balance,
            rng=rng,
        )
    typical = np.zeros(len(rows), np.float32)

    def coreset(others: Rows, *, measure: bool) -> Rows:
        places = np.concatenate([preselected, others])
        part = np.asarray(embeddings[rows[places]])
        if measure:
            typical[places] = typicality_of(part)
        chosen = select_coreset(
            part,
            size,
            preselected=np.arange(len(preselected)),
            classes=classes[places],
            typicality=typicality,
            class_balance=class_balance,
            rng=rng,
            typical=typical[places],
        )
        return places[chosen]

    candidates = np.setdiff1d(np.arange(len(rows)), preselected)
    measure, step = typicality > 0, max(PART, SHARE * size)
    while len(candidates) > max(EXACT, SHARE * size):
        parts = np.array_split(candidates, -(-len(candidates) // step))
        given = [coreset(part, measure=measure)[len(preselected) :] for part in parts]
        candidates, measure = np.sort(np.concatenate(given)), False
    return coreset(candidates, measure=measure)
