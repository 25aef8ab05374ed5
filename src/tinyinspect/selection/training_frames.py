"""Which frames to train on: those that must be, and others by a method, apart in time, each with the reason why."""

import math
from collections import defaultdict

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tinyinspect.config.select import Method, Select
from tinyinspect.selection.composable_coreset import select_coreset_of_many
from tinyinspect.selection.splits import Mask, near_in_time
from tinyinspect.selection.typical import select_typical

Rows = NDArray[np.int64]
SHORTER = (1, 2, 4, 8, math.inf)  # parts of the gap that are tried, the whole first
Reasons = dict[int, str]  # of each row that was chosen, in the order chosen


def choose_training(
    frames: pd.DataFrame,
    embeddings: NDArray[np.float32],
    pool: Mask,
    size: int,
    *,
    kept: Rows,
    select: Select,
    rng: np.random.Generator,
) -> tuple[Reasons, list[str]]:
    """Choose frames beside those that are kept, up to a size of both.

    Frames of one recording are ``select.min_gap`` seconds apart; when no such frame is left, half of that, and so on.

    Args:
        frames: the index of all n frames with the column label.
        embeddings: (n, d) float32.
        pool: (n,) bool, the frames that may be chosen.
        size: of the kept and the chosen frames.
        kept: rows that train in any case.
        select: the section of the parameters.
        rng: source of randomness.

    Returns:
        What was chosen, and notes for the user.
    """
    chosen: Reasons = {}
    apart = 0
    for gap in (select.min_gap / shorter for shorter in SHORTER):
        while len(kept) + len(chosen) < size:
            taken = _marked(len(frames), [*kept, *chosen])
            free = pool & ~near_in_time(frames, taken, gap)
            if not free.any():
                break
            some = _choose(frames, embeddings, free | taken, size, taken, select, rng)
            chosen |= _apart(frames, some, gap)
        if gap == select.min_gap:
            apart = len(chosen)
    return chosen, _notes(select, len(chosen) - apart)


def _notes(select: Select, nearer: int) -> list[str]:
    near = (
        f"{nearer} training frames are less than {select.min_gap:g} s from another one (select.min_gap), for the "
        "recordings are too short"
    )
    idle = [name for name in ("typicality", "class_balance") if getattr(select, name)]
    return [near] * bool(nearer) + [
        f"select.{name} has no effect with select.method={select.method}; try select=coreset"
        for name in idle
        if select.method is not Method.CORESET
    ]


def _choose(
    frames: pd.DataFrame,
    embeddings: NDArray[np.float32],
    pool: Mask,
    size: int,
    taken: Mask,
    select: Select,
    rng: np.random.Generator,
) -> list[tuple[int, str]]:
    """Rows of the pool beside those that are taken, up to a size of both, each with its reason; in the order chosen."""
    before = np.flatnonzero(taken)
    match select.method:
        case Method.RANDOM:
            others = rng.permutation(np.flatnonzero(pool & ~taken))[: max(0, size - len(before))]
            return [(int(row), "drawn at random") for row in others]
        case Method.TYPICAL:
            typical = select_typical(embeddings, pool, size, preselected=before, rng=rng)
            return [(int(row), _stands_for(int(alike))) for row, alike in zip(typical.rows, typical.alike, strict=True)]
        case Method.CORESET:
            names = pd.Index(sorted(set(frames["label"]) - {""}))
            chosen = select_coreset_of_many(
                embeddings,
                pool,
                size,
                preselected=before,
                classes=names.get_indexer(frames["label"]).astype(np.int16),
                typicality=select.typicality,
                class_balance=select.class_balance,
                rng=rng,
            )
            return [(int(row), "unlike the frames chosen before it") for row in chosen[len(before) :]]


def _stands_for(alike: int) -> str:
    return f"typical of {alike} similar frames" if alike > 1 else "unlike all other frames"


def _apart(frames: pd.DataFrame, chosen: list[tuple[int, str]], gap: float) -> Reasons:
    """Those that are at least the gap from all before them in their recording."""
    places = frames[["recording", "time_s"]].iloc[[row for row, _ in chosen]]
    apart: Reasons = {}
    filmed: dict[str, list[float]] = defaultdict(list)
    for (row, reason), recording, time in zip(chosen, places["recording"], places["time_s"], strict=True):
        others = filmed[recording]
        if all(abs(time - other) >= gap for other in others):
            others.append(time)
            apart[row] = reason
    return apart


def _marked(count: int, rows: list[int]) -> Mask:
    marked = np.zeros(count, bool)
    marked[rows] = True
    return marked
