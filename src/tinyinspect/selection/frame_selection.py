"""Draw the training frames and the random test set from all frames.

Frames that are annotated already are all taken, so that no label is wasted; what is missing to the wanted number is
drawn from the others, which are then the next to annotate. The test set that was drawn once stays. A training frame
that is a near-duplicate of a test frame is refused, unless the annotations themselves give the split. Frames that may
train and have no label are named too: a teacher can label them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tinyinspect.config.section import MOST_UNLABELLED
from tinyinspect.config.select import Select, SplitBy
from tinyinspect.errors import InputError
from tinyinspect.selection.annotations import BAD_FRAME, SPLITS
from tinyinspect.selection.near_duplicates import near_duplicates, parse_hashes
from tinyinspect.selection.splits import (
    Mask,
    Pools,
    near_in_time,
    split_as_annotated,
    split_by_recording,
    split_by_time,
)
from tinyinspect.selection.spread import spread
from tinyinspect.selection.test_set import TestSet, require_apart
from tinyinspect.selection.training_frames import Reasons, choose_training

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Limits:
    """Most labelled frames to train and to test on; None: all."""

    train: int | None = None
    test: int | None = None


@dataclass(frozen=True)
class FrameSelection:
    """What was drawn.

    Attributes:
        table: columns recording, frame, row (of the index), split and reason (why it was drawn); training frames
            first, in order of the index.
        unlabelled: columns recording, frame and row of frames that may train and have no label, evenly spread.
        notes: sentences for the user.
    """

    table: pd.DataFrame
    unlabelled: pd.DataFrame
    notes: list[str]


def select_frames(
    frames: pd.DataFrame,
    embeddings: NDArray[np.float32],
    select: Select,
    *,
    limits: Limits,
    test_set: TestSet | None,
    preselected: Rows,
    seed: int,
    jpeg: Callable[[int], bytes],
) -> FrameSelection:
    """Draw training and test frames.

    Args:
        frames: the index of all n frames with the columns label and split ("" where there is none).
        embeddings: (n, d) float32.
        select: the section of the parameters.
        limits: on the labelled frames that are used.
        test_set: that was drawn; None where nothing is labelled yet.
        preselected: rows that must be training frames.
        seed: of all that is random.
        jpeg: gives the JPEG bytes of a row, to tell exact duplicates.

    Raises:
        InputError: Nothing is left to train or to test on, or the parameters contradict the data.
    """
    if len(frames) != len(embeddings):
        raise InputError(
            f"embeddings/embeddings.npy has {len(embeddings)} rows, frames/index.csv {len(frames)}; "
            "run `dvc repro embed`"
        )
    rng = np.random.default_rng(seed)
    must = np.isin(np.arange(len(frames)), preselected)
    if select.honour_annotated_split and frames["split"].isin(SPLITS).any():
        annotated = split_as_annotated(frames, must)
        pools = _with_unlabelled(frames, annotated, select.near_duplicate_bits)
        test = _draw_annotated_first(frames, pools.test, select.test_frames, limits.test, rng)
        notes = [*pools.notes, *_overlap(frames, annotated, select.near_duplicate_bits, jpeg)]
        wanted = {"training": min(select.train_frames, int(pools.train.sum()))}
    else:
        pools = _without_bad(frames, _split(frames, test_set, must, select, rng))
        pools, test, refused = _draw_apart(frames, pools, test_set, must, select, limits.test, rng)
        notes = [*pools.notes, *refused]
        wanted = {"training": select.train_frames, "test": select.test_frames}
    chosen, near = _draw_training(frames, embeddings, pools.train, preselected, select, limits.train, rng)
    train = np.array(sorted(chosen), np.int64)
    notes += near
    notes += _shortfalls({"training": len(train), "test": len(test)}, wanted)
    notes += _unused(frames, pools, train, test)
    return FrameSelection(_table(frames, train, test, chosen), _unlabelled(frames, pools.train, train), notes)


def _draw_apart(
    frames: pd.DataFrame,
    pools: Pools,
    test_set: TestSet | None,
    preselected: Mask,
    select: Select,
    limit: int | None,
    rng: np.random.Generator,
) -> tuple[Pools, Rows, list[str]]:
    """Draw the test frames and refuse near-duplicates across: pools without them, the test rows, notes."""
    bits = select.near_duplicate_bits
    stays = test_set.marks(frames) & pools.test if test_set else np.zeros(len(frames), bool)
    test_pool = pools.test & (stays | ~_near_duplicates(frames, pools.test, preselected, bits))
    first = rng.permutation(np.flatnonzero(stays))[:limit]
    room = limit - len(first) if limit else None
    others = _draw_annotated_first(frames, test_pool & ~stays, select.test_frames - len(first), room, rng)
    test = np.concatenate([first, others])
    drawn = np.isin(np.arange(len(frames)), test) | stays
    train_pool = pools.train & ~_near_duplicates(frames, pools.train, drawn, bits)
    if not drawn.any() or not train_pool.any():
        raise InputError(
            f"no {'training' if drawn.any() else 'test'} frame is left that is no near-duplicate of the other set; "
            "lower select.near_duplicate_bits or add recordings"
        )
    refused = int(pools.test.sum() - test_pool.sum() + pools.train.sum() - train_pool.sum())
    note = f"left out as near-duplicates (at most {bits} of 64 hash bits apart) of the other set: {refused} frames"
    return Pools(train_pool, test_pool, pools.notes), test, [note] if refused else []


def _with_unlabelled(frames: pd.DataFrame, pools: Pools, bits: int) -> Pools:
    """The annotated split, with the unlabelled frames that may be labelled for training.

    Not those of a recording that is annotated for testing alone, nor near-duplicates of test frames; none where the
    annotations name unlabelled frames to train on themselves.
    """
    unlabelled = (frames["label"] == "").to_numpy()
    free = unlabelled & (frames["split"] == "").to_numpy() & ~pools.train
    if (unlabelled & (frames["split"] == "train").to_numpy()).any():
        free[:] = False
    trains, tests = (set(frames["recording"][mask]) for mask in (pools.train, pools.test))
    free &= ~frames["recording"].isin(tests - trains).to_numpy()
    if free.any() and (frames["hash"] == "").any():  # without hashes nobody can tell them from test frames
        free &= ~frames["recording"].isin(tests).to_numpy()
    else:
        free &= ~_near_duplicates(frames, free, pools.test, bits)
    left = int((~pools.train & ~pools.test & ~free).sum())
    notes = [f"the annotations give a split, so frames without one are not used: {left} frames"] if left else []
    return Pools(pools.train | free, pools.test, [*pools.notes, *notes])


def _without_bad(frames: pd.DataFrame, pools: Pools) -> Pools:
    bad = (frames["split"] == BAD_FRAME).to_numpy()
    notes = [f"left out as annotated '{BAD_FRAME}': {int(bad.sum())} frames"] if bad.any() else []
    return Pools(pools.train & ~bad, pools.test & ~bad, [*pools.notes, *notes])


def _split(
    frames: pd.DataFrame, test_set: TestSet | None, preselected: Mask, select: Select, rng: np.random.Generator
) -> Pools:
    if test_set is not None:
        return _split_as_drawn(frames, test_set, preselected, select)
    if select.split is SplitBy.TIME_GAP:
        return split_by_time(frames, preselected, gap=select.time_gap, test_frames=select.test_frames, rng=rng)
    return split_by_recording(
        frames, preselected, test_recordings=select.test_recordings, test_frames=select.test_frames, rng=rng
    )


def _split_as_drawn(frames: pd.DataFrame, test_set: TestSet, preselected: Mask, select: Select) -> Pools:
    require_apart(test_set, frames, preselected)
    test = test_set.marks(frames)
    kept = test_set.keeps(frames) | test
    away = near_in_time(frames, test, select.time_gap) if select.split is SplitBy.TIME_GAP else kept
    missing = len(test_set.frames) - int(test.sum())
    notes = [f"{missing} frames of annotations/test_set.csv are not there, so the test is smaller"] if missing else []
    if select.test_recordings is not None and set(select.test_recordings) != test_set.recordings:
        notes.append(
            "select.test_recordings has no effect, for the test set stands in annotations/test_set.csv; "
            "`tinyinspect draw-test-set` draws it anew"
        )
    return Pools(~kept & ~away, kept, notes)


def _draw_annotated_first(
    frames: pd.DataFrame, pool: Mask, size: int, limit: int | None, rng: np.random.Generator
) -> Rows:
    """Rows of a pool: the annotated ones, up to a limit, and others up to a size of all."""
    annotated = (frames["label"] != "").to_numpy()
    labelled = rng.permutation(np.flatnonzero(pool & annotated))[:limit]
    others = rng.permutation(np.flatnonzero(pool & ~annotated))
    return np.concatenate([labelled, others[: max(0, size - len(labelled))]])


def _draw_training(
    frames: pd.DataFrame,
    embeddings: NDArray[np.float32],
    pool: Mask,
    preselected: Rows,
    select: Select,
    limit: int | None,
    rng: np.random.Generator,
) -> tuple[Reasons, list[str]]:
    """The training frames, each with the reason why it is one, and notes."""
    annotated = pool & (frames["label"] != "").to_numpy()
    annotated[preselected] = True
    size, kept = select.train_frames, np.flatnonzero(annotated)
    if limit and annotated.sum() > limit:
        size, kept, pool = limit, preselected, annotated
    chosen, notes = choose_training(frames, embeddings, pool, size, kept=kept, select=select, rng=rng)
    named = set(preselected.tolist())
    return {int(row): "named in select.preselected" if row in named else "" for row in kept} | chosen, notes


def _near_duplicates(frames: pd.DataFrame, pool: Mask, others: Mask, bits: int) -> Mask:
    """Which frames of the pool are near-duplicates of one of the others; (n,) bool."""
    near = np.zeros(len(frames), bool)
    if pool.any() and others.any():
        hashes = parse_hashes(frames["hash"])
        near[pool] = near_duplicates(hashes[pool], hashes[others], bits)
    return near


def _overlap(frames: pd.DataFrame, pools: Pools, bits: int, jpeg: Callable[[int], bytes]) -> list[str]:
    """A sentence that counts near and exact duplicates across a split that stands in the annotations."""
    if (frames["hash"] == "").any():
        return [
            "near-duplicates across the annotated split are not counted without hashes; set extract.quality to true"
        ]
    hashes = parse_hashes(frames["hash"])
    near = int(near_duplicates(hashes[pools.test], hashes[pools.train], bits).sum())
    same = np.flatnonzero(pools.test & np.isin(hashes, hashes[pools.train]))
    twins = np.flatnonzero(pools.train & np.isin(hashes, hashes[same]))
    files = {jpeg(int(row)) for row in twins}
    exact = sum(jpeg(int(row)) in files for row in same)
    sentence = (
        f"{near} of {int(pools.test.sum())} frames annotated 'test' are near-duplicates (at most {bits} of 64 hash "
        f"bits apart) of a frame annotated 'train', {exact} of them the same file, so the test flatters the model; "
        "set select.honour_annotated_split to false to keep them apart"
    )
    return [sentence] if near else []


def _shortfalls(drawn: dict[str, int], wanted: dict[str, int]) -> list[str]:
    short = [side for side, size in wanted.items() if drawn[side] < size]
    return [f"only {drawn[side]} of {wanted[side]} {side} frames could be drawn" for side in short]


def _unused(frames: pd.DataFrame, pools: Pools, train: Rows, test: Rows) -> list[str]:
    """A sentence that counts the labelled frames that neither train nor test, and why."""
    unused = (frames["label"] != "").to_numpy(copy=True)
    unused[train] = unused[test] = False
    beyond = int((unused & (pools.train | pools.test)).sum())
    near = int(unused.sum()) - beyond
    reasons = [
        *([f"{beyond} beyond data.train_labels and data.test_labels"] if beyond else []),
        *([f"{near} too near to the other set, or without a split where others have one"] if near else []),
    ]
    return [f"{beyond + near} labelled frames are not used: {'; '.join(reasons)}"] if reasons else []


def _unlabelled(frames: pd.DataFrame, pool: Mask, train: Rows) -> pd.DataFrame:
    free = pool.copy()
    free[train[(frames["label"].iloc[train] != "").to_numpy()]] = False
    rows = np.flatnonzero(free)
    rows = rows[spread(len(rows), MOST_UNLABELLED)]
    return frames.loc[rows, ["recording", "frame"]].assign(row=rows)


def _table(frames: pd.DataFrame, train: Rows, test: Rows, reasons: Reasons) -> pd.DataFrame:
    unlabelled = (frames["label"] == "").to_numpy()
    drawn = {"train": reasons, "test": {int(row): "a random test frame" for row in test if unlabelled[row]}}
    parts = [
        frames.loc[rows, ["recording", "frame"]].assign(
            row=rows, split=split, reason=[drawn[split].get(int(row), "") for row in rows]
        )
        for split, rows in {"train": train, "test": np.sort(test)}.items()
    ]
    return pd.concat(parts, ignore_index=True)
