"""Selection of 500 of 25,000 frames with embeddings of 128 numbers, against a plain numpy greedy k-center.

    python benchmarks/selection.py

Both choose the same frames, but for ties that rounding decides; best of three runs each, in one process.
"""

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tinyinspect.selection.coreset import select_coreset

FRAMES, DIMENSIONS, CHOSEN, RUNS = 25_000, 128, 500, 3
NONE = np.zeros(0, np.int64)


def coreset(embeddings: NDArray[np.float32]) -> NDArray[np.int64]:
    """As the stage `select_frames` does it."""
    return select_coreset(
        embeddings,
        CHOSEN,
        preselected=NONE,
        classes=np.full(FRAMES, -1),
        typicality=0,
        class_balance=0,
        rng=np.random.default_rng(0),
    )


def plain_k_center(embeddings: NDArray[np.float32], first: int) -> NDArray[np.int64]:
    """The textbook loop: take the farthest, update the distances."""
    chosen = [first]
    nearest = ((embeddings - embeddings[first]) ** 2).sum(axis=1)
    while len(chosen) < CHOSEN:
        chosen.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, ((embeddings - embeddings[chosen[-1]]) ** 2).sum(axis=1))
    return np.array(chosen)


def best_time(choose: Callable[[], NDArray[np.int64]]) -> tuple[float, NDArray[np.int64]]:
    """Seconds of the fastest run, and what it chose."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        chosen = choose()
        times.append(time.perf_counter() - start)
    return min(times), chosen


def main() -> None:
    """Time both and print the ratio."""
    embeddings = np.random.default_rng(0).normal(size=(FRAMES, DIMENSIONS)).astype(np.float32)
    ours, chosen = best_time(lambda: coreset(embeddings))
    plain, expected = best_time(lambda: plain_k_center(embeddings, int(chosen[0])))
    same = len(np.intersect1d(chosen, expected)) / CHOSEN
    print(f"{CHOSEN} of {FRAMES} frames x {DIMENSIONS}: {ours:.2f} s; plain numpy {plain:.2f} s")
    print(f"speed over plain numpy: {plain / ours:.2f} (the same frames: {same:.1%})")


if __name__ == "__main__":
    main()
