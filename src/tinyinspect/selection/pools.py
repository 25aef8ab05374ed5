"""Which of very many frames: a mask has a byte a frame, where a list of rows has eight."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

BLOCK = 2**20  # of a mask, looked through at a time


def rows_by_parts(pool: NDArray[np.bool_], size: int) -> Iterator[NDArray[np.int64]]:
    """The rows where ``pool`` (n,) is true, ascending, ``size`` at a time; the last part may have fewer."""
    waiting = np.zeros(0, np.int64)
    for start in range(0, len(pool), BLOCK):
        waiting = np.concatenate([waiting, start + np.flatnonzero(pool[start : start + BLOCK])])
        while len(waiting) >= size:
            yield waiting[:size]
            waiting = waiting[size:]
    if len(waiting):
        yield waiting


def nth_rows(pool: NDArray[np.bool_], places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where the first, second, ... true value of ``pool`` (n,) stands, for ascending places (m,) counted from 0."""
    found, before = [np.zeros(0, np.int64)], 0
    for rows in rows_by_parts(pool, BLOCK):
        first, end = np.searchsorted(places, [before, before + len(rows)])
        found.append(rows[places[first:end] - before])
        before += len(rows)
    return np.concatenate(found)
