"""A diverse coreset of embeddings, by lightly-mundig: greedy k-center, with optional typicality and class balance."""

import numpy as np
from lightly_mundig import Selection, Typicality
from numpy.typing import NDArray

NEIGHBOURS = 20  # of a frame, for its typicality


def select_coreset(
    embeddings: NDArray[np.float32],
    size: int,
    *,
    preselected: NDArray[np.int64],
    classes: NDArray[np.int64],
    typicality: float,
    class_balance: float,
    rng: np.random.Generator,
    typical: NDArray[np.float32] | None = None,
) -> NDArray[np.int64]:
    """Choose ``size`` of n embeddings so that they cover the others.

    The first is drawn by ``rng``; each further one is the one farthest from all chosen (Sener & Savarese 2018, "Active
    Learning for Convolutional Neural Networks: A Core-Set Approach"). The weights multiply further terms beside that
    distance, whose own weight is 1.

    Args:
        embeddings: (n, d) float32.
        size: how many to choose, preselected ones included; at most n are.
        preselected: (p,) indices that are in the coreset in any case.
        classes: (n,) class index of each, -1 where it is not known.
        typicality: weight of the closeness to the nearest neighbours, against outliers.
        class_balance: weight of equally many of each known class; a frame of unknown class counts as its nearest
            neighbour of known class.
        rng: source of randomness.
        typical: (n,) how typical each is, where that was measured among others than these; None measures it.

    Returns:
        Indices, (max(p, min(size, n)),) int64, in the order chosen, preselected ones first.
    """
    # The first one chosen is the first one given: a shuffle draws it by the seed.
    order = np.concatenate([preselected, rng.permutation(np.setdiff1d(np.arange(len(embeddings)), preselected))])
    shuffled = embeddings[order]
    selection = Selection()
    selection.add_diversifying_strategy(shuffled, 1.0)
    if typicality and len(embeddings) > 1:
        weights = typicality_of(shuffled) if typical is None else typical[order]
        selection.add_weighting_strategy(weights, typicality)
    known = np.unique(classes[classes >= 0])
    if class_balance and len(known):
        likely = _likely_classes(shuffled, classes[order])
        selection.add_balancing_strategy(
            (likely[:, None] == known).astype(np.float32), [1 / len(known)] * len(known), class_balance
        )
    kept = list(range(len(preselected)))
    chosen = selection.run_selection(kept, len(order), max(len(kept), min(size, len(order))))
    return order[np.array(chosen, np.int64)]


def typicality_of(embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
    """How close each of (n, d) embeddings lies to its nearest neighbours among them, (n,) float32."""
    return np.asarray(Typicality(embeddings).calculate_typicality(NEIGHBOURS), np.float32)


def _likely_classes(embeddings: NDArray[np.float32], classes: NDArray[np.int64]) -> NDArray[np.int64]:
    known = classes >= 0
    others, near_to = embeddings[~known], embeddings[known]
    # Squared distances without what is the same for all of `near_to`.
    distances = (near_to**2).sum(axis=1) - 2 * others @ near_to.T
    likely = classes.copy()
    likely[~known] = classes[known][distances.argmin(axis=1)]
    return likely
