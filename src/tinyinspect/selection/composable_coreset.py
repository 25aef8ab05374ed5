"""A coreset of more embeddings than one greedy run takes: the coreset of the coresets of parts.

Greedy k-center is composable (Indyk, Mahabadi, Mahdian & Mirrokni 2014, "Composable Core-sets for Diversity and
Coverage Maximization"; Mirrokni & Zadimoghaddam 2015, "Randomized Composable Core-sets for Distributed Submodular
Maximization"): each part gives as many embeddings as are wanted in all, and greedy k-center over what they gave covers
all nearly as well as one run would. Parts are read one after the other, so one part at a time is in memory, and beside
it what the parts gave: some bytes an embedding are held of all the others, whose number may be a hundred million.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from tinyinspect.selection.coreset import select_coreset, typicality_of
from tinyinspect.selection.pools import rows_by_parts

EXACT = 1_000_000  # embeddings that one greedy run takes
PART = 131_072  # embeddings read at a time
SHARE = 4  # a part has so many times the wanted embeddings at least, so that its coreset is smaller than it

Rows = NDArray[np.int64]
Typical = NDArray[np.float32]


def select_coreset_of_many(
    embeddings: NDArray[np.float32],
    pool: NDArray[np.bool_],
    size: int,
    *,
    preselected: Rows,
    classes: NDArray[np.signedinteger],
    typicality: float,
    class_balance: float,
    rng: np.random.Generator,
) -> Rows:
    """Choose ``size`` of the embeddings of a pool: by one greedy run up to :data:`EXACT` of them, else by parts.

    The preselected ones stand before each part. How typical an embedding is, is measured among those of its part.

    Args:
        embeddings: (n, d) float32, mapped or in memory; of a mapped file one part is read at a time.
        pool: (n,) those to choose from.
        size: how many to choose, preselected ones included; at most the pool are.
        preselected: (p,) rows that are in the coreset in any case.
        classes: (n,) class index of each, -1 where it is not known; a small type, for it is held of all.
        typicality: weight of the closeness to the nearest neighbours, against outliers.
        class_balance: weight of equally many of each known class.
        rng: source of randomness.

    Returns:
        Rows of the embeddings, (max(p, min(size, pool)),) int64, in the order chosen, preselected ones first.
    """

    def coreset(others: Rows, typical: Typical | None = None) -> Rows:
        """Places in some rows, of those that are chosen beside the preselected ones."""
        rows = np.concatenate([preselected, others])
        chosen = select_coreset(
            np.asarray(embeddings[rows]),
            size,
            preselected=np.arange(len(preselected)),
            classes=classes[rows],
            typicality=typicality,
            class_balance=class_balance,
            rng=rng,
            typical=None if typical is None else np.concatenate([np.zeros(len(preselected), np.float32), typical]),
        )
        return chosen[len(preselected) :] - len(preselected)

    def measured(others: Rows) -> Typical:
        """How typical each is among them; zeros where that has no weight."""
        if not typicality:
            return np.zeros(len(others), np.float32)
        return typicality_of(np.asarray(embeddings[np.concatenate([preselected, others])]))[len(preselected) :]

    def given(others: Rows, typical: Typical) -> tuple[Rows, Typical]:
        """What a part gives: its coreset, ascending."""
        places = np.sort(coreset(others, typical))
        return others[places], typical[places]

    free = pool.copy()
    free[preselected] = False
    count, most, step = int(np.count_nonzero(free)), max(EXACT, SHARE * size), max(PART, SHARE * size)
    if count <= most:
        others = np.flatnonzero(free)
        return np.concatenate([preselected, others[coreset(others)]])
    alike = -(-count // -(-count // step))  # parts of one size: a small one at the end would give nearly all it has
    others, typical = _joined(given(part, measured(part)) for part in rows_by_parts(free, alike))
    while len(others) > most:
        parts = -(-len(others) // step)
        others, typical = _joined(map(given, np.array_split(others, parts), np.array_split(typical, parts)))
    return np.concatenate([preselected, others[coreset(others, typical)]])


def _joined(parts: Iterable[tuple[Rows, Typical]]) -> tuple[Rows, Typical]:
    rows, typical = zip(*parts, strict=True)
    return np.concatenate(rows), np.concatenate(typical)
