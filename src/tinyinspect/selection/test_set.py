"""The test set that stays: drawn once from the labelled frames, kept in Git, never trained on.

``annotations/test_set.csv`` has the columns ``video, frame``. A row without a frame keeps a whole recording for
testing: its frames never train, and those that get labels later join the test set. The file only grows; two models are
compared on the same frames.

A quarter of the labelled frames is drawn, or ``data.test_labels`` where that is less: whole recordings, or blocks of
time (``select.split``), so that each class has frames on both sides where that is possible.
"""

import csv
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tinyinspect.config.select import Select, SplitBy
from tinyinspect.errors import InputError, refuse
from tinyinspect.files import complete_file
from tinyinspect.selection.spelling import RecordingNames
from tinyinspect.selection.splits import split_by_recording, split_by_time
from tinyinspect.selection.tables import frame_number, read_table

SHARE = 0.25  # of the labelled frames

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class TestSet:
    """Frames to test on, and recordings that are kept for testing.

    Attributes:
        frames: (recording, frame), each once.
        recordings: names, each once.
    """

    __test__ = False  # no test of pytest's

    frames: frozenset[tuple[str, int]] = field(default_factory=frozenset)
    recordings: frozenset[str] = field(default_factory=frozenset)

    def marks(self, table: pd.DataFrame) -> Mask:
        """Which rows of a table (recording, frame) are frames of the test set, (n,) bool."""
        marked = table["recording"].isin({recording for recording, _ in self.frames}).to_numpy(copy=True)
        there = table[["recording", "frame"]][marked]
        marked[marked] = [one in self.frames for one in zip(there["recording"], there["frame"], strict=True)]
        return marked

    def keeps(self, table: pd.DataFrame) -> Mask:
        """Which rows are of recordings that are kept for testing, (n,) bool."""
        return table["recording"].isin(self.recordings).to_numpy()


def read_test_set(path: Path, names: RecordingNames) -> TestSet | None:
    """Read the file; None where there is none. A recording that is not there keeps the name that is written.

    Raises:
        InputError: It cannot be read, or names a frame that is no number.
    """
    if not path.exists():
        return None
    table, frames, recordings, faults = read_table(path, ["video", "frame"]), set(), set(), []
    for record in table.records:
        video, number = table.value(record, "video"), table.value(record, "frame").strip()
        name = names.find(video) or video.strip()
        if frame_number(number) >= 0:
            frames.add((name, frame_number(number)))
        elif number:
            faults.append(f"{table.where(record)}: frame '{number}' is no whole number from 0 on; correct it")
        elif name:
            recordings.add(name)
    refuse(table.faults + faults, str(path))
    return TestSet(frozenset(frames), frozenset(recordings))


def write_test_set(path: Path, test_set: TestSet) -> None:
    """Write the file: recordings that are kept, then frames, sorted, so that Git shows what was added."""
    with complete_file(path) as partial, partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["video", "frame"])
        writer.writerows([name, ""] for name in sorted(test_set.recordings))
        writer.writerows(sorted(test_set.frames))


def draw_test_set(labelled: pd.DataFrame, preselected: Mask, select: Select, limit: int | None, seed: int) -> TestSet:
    """Draw a test set.

    Args:
        labelled: the n labelled frames, columns recording, frame, time_s and label.
        preselected: (n,) which of them must be training frames.
        select: how to keep test frames away from training frames.
        limit: most frames to draw; None: all that are kept away.
        seed: of the draw.

    Raises:
        InputError: The labelled frames cannot be split so.
    """
    rng = np.random.default_rng(seed)
    wanted = min(limit or len(labelled), int(np.ceil(SHARE * len(labelled))))
    if select.split is SplitBy.TIME_GAP:
        pools = split_by_time(labelled, preselected, gap=select.time_gap, test_frames=wanted, rng=rng)
        return _of(labelled, pools.test, limit, rng, set())
    pools = split_by_recording(
        labelled, preselected, test_recordings=select.test_recordings, test_frames=wanted, rng=rng
    )
    return _of(labelled, pools.test, limit, rng, set(labelled["recording"][pools.test]))


def grown(test_set: TestSet, labelled: pd.DataFrame, limit: int | None, seed: int) -> TestSet:
    """The test set with the frames of its recordings that got labels since, up to ``limit`` frames in all."""
    new = test_set.keeps(labelled) & ~test_set.marks(labelled)
    if not new.any() or (limit and len(test_set.frames) >= limit):
        return test_set
    room = limit - len(test_set.frames) if limit else None
    added = _of(labelled, new, room, np.random.default_rng(seed), set())
    return TestSet(test_set.frames | added.frames, test_set.recordings)


def require_apart(test_set: TestSet, frames: pd.DataFrame, preselected: Mask) -> None:
    """Refuse frames that must train and are kept for testing.

    Raises:
        InputError: There is one.
    """
    for row in np.flatnonzero(preselected & (test_set.marks(frames) | test_set.keeps(frames))):
        raise InputError(
            f"select.preselected names frame {frames['frame'].iloc[row]} of '{frames['recording'].iloc[row]}', which "
            "annotations/test_set.csv keeps for testing; remove it there, or draw the test set anew with "
            "`tinyinspect draw-test-set`"
        )


def _of(
    labelled: pd.DataFrame, mask: Mask, limit: int | None, rng: np.random.Generator, recordings: set[str]
) -> TestSet:
    rows = labelled.iloc[rng.permutation(np.flatnonzero(mask))]
    first = rows.groupby("label").cumcount() == 0  # of each class, so that a limit leaves none out
    rows = pd.concat([rows[first], rows[~first]])[:limit]
    frames = zip(rows["recording"].tolist(), rows["frame"].tolist(), strict=True)
    return TestSet(frozenset(frames), frozenset(recordings))
