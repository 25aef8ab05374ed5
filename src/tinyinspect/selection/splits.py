"""Which frames may train and which may test, so that the two never come from the same neighbourhood.

Three ways: the split that stands in the annotations, whole recordings, or blocks of time with a gap between them.
The latter two are drawn by the seed, up to :data:`DRAWS` times: the first draw that leaves at least
:data:`FAIR_SHARE` of the frames, and of the annotated frames of every class, on both sides is taken, or else the draw
that comes nearest to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tinyinspect.errors import InputError

Mask = NDArray[np.bool_]
DRAWS = 100
FAIR_SHARE = 0.1
BLOCK = 6  # length of a block of time, in gaps: a gap on either side leaves two thirds
MOST_BLOCKS = 20  # of a recording


@dataclass(frozen=True)
class Pools:
    """Frames that may be drawn: ``train`` and ``test``, (n,) bool each, and notes for the user."""

    train: Mask
    test: Mask
    notes: list[str]


def split_as_annotated(frames: pd.DataFrame, preselected: Mask) -> Pools:
    """The split that stands in the annotations; frames without one are on neither side.

    Args:
        frames: the index with the columns label and split, n rows.
        preselected: (n,) frames that must be training frames.

    Raises:
        InputError: One side is empty, or a preselected frame stands in the test set.
    """
    train, test = (frames["split"] == "train").to_numpy(), (frames["split"] == "test").to_numpy()
    for side, mask in {"train": train, "test": test}.items():
        if not mask.any():
            raise InputError(
                f"annotations: frames have the split '{'test' if side == 'train' else 'train'}', but none has "
                f"'{side}'; annotate both or set select.honour_annotated_split to false"
            )
    for row in np.flatnonzero(preselected & test):
        raise InputError(
            f"select.preselected names {_name(frames, int(row))}, which the annotations put in the test set; "
            "remove it from one of them"
        )
    return Pools(train | preselected, test, [])


def split_by_recording(
    frames: pd.DataFrame,
    preselected: Mask,
    *,
    test_recordings: list[str] | None,
    test_frames: int,
    rng: np.random.Generator,
) -> Pools:
    """Whole recordings for the test set, as named or else drawn by the seed.

    They are drawn until they hold ``test_frames`` (or a third of all frames) and are a quarter of the recordings.

    Raises:
        InputError: A recording is unknown or holds a preselected frame, or nothing is left on one side.
    """
    taken = frames["recording"][preselected].unique().tolist()
    if test_recordings is None:
        free = [name for name in frames["recording"].unique().tolist() if name not in taken]
        if len(frames["recording"].unique()) < 2 or not free:
            raise InputError(
                "no recording can be kept for the test set alone; add recordings, or set select.split to time_gap"
            )
        test = _fair_draw(frames, _recording_draws(frames, free, test_frames, rng))
    else:
        _check_test_recordings(frames, taken, test_recordings)
        test = frames["recording"].isin(test_recordings).to_numpy()
    names = ", ".join(frames["recording"][test].unique())
    return Pools(~test, test, [f"test frames come from {names} (select.test_recordings keeps or changes that)"])


def split_by_time(
    frames: pd.DataFrame, preselected: Mask, *, gap: float, test_frames: int, rng: np.random.Generator
) -> Pools:
    """Blocks of time for the test set, with at least ``gap`` seconds to any training frame of the same recording.

    Raises:
        InputError: The recordings are too short for the gap.
    """
    draws = _block_draws(frames, gap, min(0.5, test_frames / len(frames)), rng)
    test = _fair_draw(frames, (block & ~near_in_time(frames, preselected, gap) for block in draws))
    train = ~test & ~near_in_time(frames, test, gap)
    if not train.any() or not test.any():
        raise InputError(
            f"no frame is left when training and test frames of one recording are {gap:g} s apart; "
            "lower select.time_gap or give longer recordings"
        )
    between = int((~train & ~test).sum())
    notes = [f"left out as less than {gap:g} s from a frame of the other set: {between} frames"] if between else []
    return Pools(train, test, notes)


def split_validation(labels: NDArray[np.int64], fraction: float, seed: int) -> tuple[NDArray, NDArray]:
    """Rows for training and for validation: of every class its fraction, one at least, but never its only frame."""
    random = np.random.default_rng(seed)
    held = []
    for label in np.unique(labels):
        rows = random.permutation(np.flatnonzero(labels == label))
        held.append(rows[: min(max(1, round(fraction * len(rows))), len(rows) - 1)])
    validation = np.sort(np.concatenate(held)) if held else np.zeros(0, np.int64)
    return np.setdiff1d(np.arange(len(labels)), validation), validation


def near_in_time(frames: pd.DataFrame, marked: Mask, gap: float) -> Mask:
    """Which frames are marked, or less than ``gap`` seconds from a marked one of the same recording; (n,) bool."""
    near = marked.copy()
    for rows in frames.groupby("recording").indices.values():
        times = frames["time_s"].to_numpy()[rows]
        others = np.sort(times[marked[rows]])
        if len(others):
            place = np.searchsorted(others, times)
            before, after = others[np.maximum(place - 1, 0)], others[np.minimum(place, len(others) - 1)]
            near[rows] |= np.minimum(abs(times - before), abs(times - after)) < gap
    return near


def _recording_draws(
    frames: pd.DataFrame, free: list[str], test_frames: int, rng: np.random.Generator
) -> Iterator[Mask]:
    sizes = frames["recording"].value_counts()
    wanted = min(test_frames, len(frames) / 3)
    fewest = round(len(sizes) / 4)  # one recording of many would test one light and one pose alone
    most = len(free) - (len(free) == len(sizes))  # one at least is left to train on
    for _ in range(DRAWS):
        names = rng.permutation(np.array(free, object))
        enough = int(np.searchsorted(np.cumsum(sizes[names].to_numpy()), wanted)) + 1
        yield frames["recording"].isin(names[: min(max(enough, fewest), most)]).to_numpy()


def _block_draws(frames: pd.DataFrame, gap: float, share: float, rng: np.random.Generator) -> Iterator[Mask]:
    recordings = list(frames.groupby("recording").indices.values())
    times = frames["time_s"].to_numpy()
    for _ in range(DRAWS):
        test = np.zeros(len(frames), bool)
        for rows in recordings:
            start, length = times[rows].min(), np.ptp(times[rows])
            count = int(np.clip(length / (BLOCK * gap), 2, MOST_BLOCKS)) if gap else MOST_BLOCKS
            block = np.minimum((times[rows] - start) / max(length, 1e-9) * count, count - 1).astype(int)
            test[rows] = np.isin(block, rng.permutation(count)[: max(1, round(share * count))])
        yield test


def _fair_draw(frames: pd.DataFrame, draws: Iterator[Mask]) -> Mask:
    best, best_share = None, -1.0
    for test in draws:
        share = _smallest_share(frames["label"], test)
        if share > best_share:
            best, best_share = test, share
        if share >= FAIR_SHARE:
            break
    assert best is not None
    return best


def _smallest_share(labels: pd.Series, test: Mask) -> float:
    """The smallest part that either side has of all frames, or of those annotated as any one class."""
    groups = [np.ones(len(labels), bool), *((labels == name).to_numpy() for name in labels.unique() if name)]
    return min(min(test[group].mean(), 1 - test[group].mean()) for group in groups)


def _check_test_recordings(frames: pd.DataFrame, taken: list[str], test_recordings: list[str]) -> None:
    known = frames["recording"].unique().tolist()
    for name in test_recordings:
        if name not in known:
            raise InputError(f"select.test_recordings: no frames of '{name}'; known are {', '.join(known)}")
        if name in taken:
            raise InputError(f"select.test_recordings: '{name}' holds preselected training frames; remove one of them")
    if set(test_recordings) in (set(), set(known)):
        raise InputError(
            f"select.test_recordings names {'all' if test_recordings else 'none'} of the recordings; "
            "leave some to train on and some to test on"
        )


def _name(frames: pd.DataFrame, row: int) -> str:
    return f"frame {frames.at[row, 'frame']} of '{frames.at[row, 'recording']}'"
