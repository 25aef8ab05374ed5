"""Draw the training coreset and the random test set from all frames.

Frames that are annotated already are taken first, so that no label is wasted; what is missing to the wanted number is
drawn from the others, which are then the next to annotate. A training frame that is a near-duplicate of a test frame is
refused, unless the annotations themselves give the split.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tinyinspect.config.select import Select, SplitBy
from tinyinspect.errors import InputError
from tinyinspect.selection.annotations import BAD_FRAME, SPLITS
from tinyinspect.selection.coreset import select_coreset
from tinyinspect.selection.near_duplicates import distance_to_nearest, parse_hashes
from tinyinspect.selection.splits import Mask, Pools, split_as_annotated, split_by_recording, split_by_time

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class FrameSelection:
    """What was drawn.

    Attributes:
        table: columns recording, frame, row (of the index) and split; training frames first, in order of the index.
        notes: sentences for the user.
    """

    table: pd.DataFrame
    notes: list[str]


def select_frames(
    frames: pd.DataFrame,
    embeddings: NDArray[np.float32],
    select: Select,
    *,
    preselected: Rows,
    seed: int,
    jpeg: Callable[[int], bytes],
) -> FrameSelection:
    """Draw training and test frames.

    Args:
        frames: the index of all n frames with the columns label and split ("" where there is none).
        embeddings: (n, d) float32.
        select: the section of the parameters.
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
        pools = split_as_annotated(frames, must)
        test = _draw_annotated_first(frames, pools.test, select.test_frames, rng)
        notes = [*pools.notes, *_overlap(frames, pools, select.near_duplicate_bits, jpeg)]
    else:
        pools = _without_bad(frames, _split(frames, must, select, rng))
        pools, test, refused = _draw_apart(frames, pools, must, select, rng)
        notes = [*pools.notes, *refused]
    train = _draw_training(frames, embeddings, pools.train, preselected, select, rng)
    notes += _shortfalls({"training": (len(train), select.train_frames), "test": (len(test), select.test_frames)})
    return FrameSelection(_table(frames, train, test), notes)


def _draw_apart(
    frames: pd.DataFrame, pools: Pools, preselected: Mask, select: Select, rng: np.random.Generator
) -> tuple[Pools, Rows, list[str]]:
    """Draw the test frames and refuse near-duplicates across: pools without them, the test rows, notes."""
    bits = select.near_duplicate_bits
    test_pool = pools.test & ~_near_duplicates(frames, pools.test, preselected, bits)
    test = _draw_annotated_first(frames, test_pool, select.test_frames, rng)
    drawn = np.isin(np.arange(len(frames)), test)
    train_pool = pools.train & ~_near_duplicates(frames, pools.train, drawn, bits)
    if not drawn.any() or not train_pool.any():
        raise InputError(
            f"no {'training' if drawn.any() else 'test'} frame is left that is no near-duplicate of the other set; "
            "lower select.near_duplicate_bits or add recordings"
        )
    refused = int(pools.test.sum() - test_pool.sum() + pools.train.sum() - train_pool.sum())
    note = f"left out as near-duplicates (at most {bits} of 64 hash bits apart) of the other set: {refused} frames"
    return Pools(train_pool, test_pool, pools.notes), test, [note] if refused else []


def _without_bad(frames: pd.DataFrame, pools: Pools) -> Pools:
    bad = (frames["split"] == BAD_FRAME).to_numpy()
    notes = [f"left out as annotated '{BAD_FRAME}': {int(bad.sum())} frames"] if bad.any() else []
    return Pools(pools.train & ~bad, pools.test & ~bad, [*pools.notes, *notes])


def _split(frames: pd.DataFrame, preselected: Mask, select: Select, rng: np.random.Generator) -> Pools:
    if select.split is SplitBy.TIME_GAP:
        return split_by_time(frames, preselected, gap=select.time_gap, test_frames=select.test_frames, rng=rng)
    return split_by_recording(
        frames, preselected, test_recordings=select.test_recordings, test_frames=select.test_frames, rng=rng
    )


def _draw_annotated_first(frames: pd.DataFrame, pool: Mask, size: int, rng: np.random.Generator) -> Rows:
    annotated = (frames["label"] != "").to_numpy()
    order = [rng.permutation(np.flatnonzero(pool & one)) for one in (annotated, ~annotated)]
    return np.concatenate(order)[:size]


def _draw_training(
    frames: pd.DataFrame,
    embeddings: NDArray[np.float32],
    pool: Mask,
    preselected: Rows,
    select: Select,
    rng: np.random.Generator,
) -> Rows:
    annotated = pool & (frames["label"] != "").to_numpy()
    annotated[preselected] = True
    kept = preselected
    if annotated.sum() >= select.train_frames:
        pool = annotated
    else:
        kept = np.flatnonzero(annotated)
    if select.method == "random":
        others = rng.permutation(np.setdiff1d(np.flatnonzero(pool), kept))
        return np.concatenate([kept, others])[: max(len(kept), select.train_frames)]
    rows = np.flatnonzero(pool)
    names = sorted(set(frames["label"]) - {""})
    chosen = select_coreset(
        np.asarray(embeddings[rows]),
        select.train_frames,
        preselected=np.searchsorted(rows, np.sort(kept)),
        classes=np.array([names.index(label) if label else -1 for label in frames["label"].iloc[rows]], np.int64),
        typicality=select.typicality,
        class_balance=select.class_balance,
        rng=rng,
    )
    return rows[chosen]


def _near_duplicates(frames: pd.DataFrame, pool: Mask, others: Mask, bits: int) -> Mask:
    """Which frames of the pool are near-duplicates of one of the others; (n,) bool."""
    near = np.zeros(len(frames), bool)
    if pool.any() and others.any():
        hashes = parse_hashes(frames["hash"])
        near[pool] = distance_to_nearest(hashes[pool], hashes[others]) <= bits
    return near


def _overlap(frames: pd.DataFrame, pools: Pools, bits: int, jpeg: Callable[[int], bytes]) -> list[str]:
    """A sentence that counts near and exact duplicates across a split that stands in the annotations."""
    if (frames["hash"] == "").any():
        return [
            "near-duplicates across the annotated split are not counted without hashes; set extract.quality to true"
        ]
    hashes = parse_hashes(frames["hash"])
    distances = distance_to_nearest(hashes[pools.test], hashes[pools.train])
    near = int((distances <= bits).sum())
    same = np.flatnonzero(pools.test)[distances == 0]
    twins = np.flatnonzero(pools.train & np.isin(hashes, hashes[same]))
    files = {jpeg(int(row)) for row in twins}
    exact = sum(jpeg(int(row)) in files for row in same)
    sentence = (
        f"{near} of {int(pools.test.sum())} frames annotated 'test' are near-duplicates (at most {bits} of 64 hash "
        f"bits apart) of a frame annotated 'train', {exact} of them the same file, so the test flatters the model; "
        "set select.honour_annotated_split to false to keep them apart"
    )
    return [sentence] if near else []


def _shortfalls(sizes: dict[str, tuple[int, int]]) -> list[str]:
    short = {side: counts for side, counts in sizes.items() if counts[0] < counts[1]}
    return [f"only {drawn} of {wanted} {side} frames could be drawn" for side, (drawn, wanted) in short.items()]


def _table(frames: pd.DataFrame, train: Rows, test: Rows) -> pd.DataFrame:
    parts = [
        frames.loc[np.sort(rows), ["recording", "frame"]].assign(row=np.sort(rows), split=split)
        for split, rows in {"train": train, "test": test}.items()
    ]
    return pd.concat(parts, ignore_index=True)
