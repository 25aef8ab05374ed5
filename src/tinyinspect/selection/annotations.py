"""Annotations: CSV files in ``annotations/`` with the columns ``video, frame, label`` and, optionally, ``split``.

``video`` is a file under ``data/videos``, ``frame`` counts from 0 in decode order. A row with an empty label is not
annotated yet and is passed over, so a list that is half filled in works. The label ``!bad`` keeps a frame out of every
selection: it is blurred, cut off or shows nothing to learn from. Other columns are ignored.

Example:
    table = read_annotations(Path("annotations"), ["good", "defective"])
    frames, notes = annotated_frames(FrameStore(Path("frames")).index, table, Path("data/videos"))
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tinyinspect.errors import InputError, refuse
from tinyinspect.recordings.find import survey
from tinyinspect.selection.spelling import RecordingNames, label_of, nearest
from tinyinspect.selection.tables import Record, Table, frame_number, is_table, read_table

COLUMNS = ["recording", "frame", "label", "split", "where"]  # where: "annotations/a.csv line 5"
SPLITS = ["train", "test"]
BAD_FRAME = "!bad"  # in the place of a label; no class can be named so
TEST_SET = "test_set.csv"  # in the folder of annotations: frames to test on, no labels
_WHAT = "annotations"


@dataclass
class Annotations:
    """What all files of a folder say.

    Attributes:
        table: one row a labelled frame, columns :data:`COLUMNS`; ``split`` is "train", "test" or "".
        faults: sentences, each with file and line; what they are about is not in the table.
        notes: sentences on what was taken otherwise than it is written.
        labels: every label as it is written, and how often; bad frames left out.
    """

    table: pd.DataFrame
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    labels: Counter[str] = field(default_factory=Counter)


def annotation_files(folder: Path) -> list[Path]:
    """The tables of labels in a folder, sorted."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if is_table(path) and path.name != TEST_SET)


def read_annotations(folder: Path, classes: list[str]) -> pd.DataFrame:
    """Read all tables in ``folder``.

    Args:
        folder: of the annotation files; without any, the table is empty.
        classes: the labels that are known.

    Returns:
        The table of :class:`Annotations`.

    Raises:
        InputError: There are faults, all of which it names; see :func:`collect_annotations`.
    """
    found = collect_annotations(folder, classes)
    refuse(found.faults, _WHAT)
    return found.table


def collect_annotations(folder: Path, classes: list[str]) -> Annotations:
    """Read all tables in ``folder``, with all that is wrong in them.

    A file that is empty, is no text or lacks a column is a fault, and so is a row with an unknown label or split, a
    frame that is no number, a path that leaves the data folder, or one that contradicts another row.
    """
    found = Annotations(pd.DataFrame(columns=COLUMNS))
    unknown: dict[str, list[str]] = {}
    rows: list[dict] = []
    for path in annotation_files(folder):
        try:
            table = _whole_table(path, ["video", "frame", "label"])
        except InputError as error:
            found.faults.append(str(error))
            continue
        found.faults += table.faults
        for record in table.records:
            try:
                rows += _labelled(table, record, classes, found.labels, unknown)
            except InputError as error:
                found.faults.append(str(error))
    found.faults += [_unknown_label(label, places, classes) for label, places in unknown.items()]
    found.notes += _taken_labels(found.labels, classes)
    found.table = _merged(rows, found.faults)
    return found


def preselected_rows(path: str | None, index: pd.DataFrame, videos: Path) -> NDArray[np.int64]:
    """Rows of the index that a CSV of frames, columns ``video, frame``, names; none without a path.

    Raises:
        InputError: The file is missing, names a frame that extract dropped, or as :func:`read_annotations` and
            :func:`rows_of`.
    """
    if path is None:
        return np.zeros(0, np.int64)
    if not Path(path).is_file():
        raise InputError(f"{path} is missing; correct select.preselected or set it to null")
    table = _whole_table(Path(path), ["video", "frame"])
    refuse(table.faults, path)
    wanted = pd.DataFrame([_frame(table, record) for record in table.records if not record.empty])
    rows = rows_of(wanted, index, videos)
    refuse(
        [
            f"{one.where}: frame {one.frame} of '{one.recording}' was dropped by extract; "
            "remove the row or loosen extract's filters"
            for one in wanted[rows < 0].itertuples()
        ],
        path,
    )
    return np.unique(rows)


def annotated_frames(index: pd.DataFrame, annotations: pd.DataFrame, videos: Path) -> tuple[pd.DataFrame, list[str]]:
    """The index of all frames with the columns ``label`` and ``split`` beside it, "" where nothing is annotated.

    A bad frame has no label, and :data:`BAD_FRAME` for its split.

    Returns:
        The table, one row per row of ``index``, and notes for the user.

    Raises:
        InputError: As :func:`rows_of`.
    """
    named, faults = with_recordings(annotations, known_recordings(index, videos), videos)
    refuse(faults, _WHAT)
    rows = _places(named, index)
    found = rows >= 0
    frames = index.assign(label="", split="")
    frames.loc[rows[found], ["label", "split"]] = named.loc[found, ["label", "split"]].to_numpy()
    frames.loc[frames["label"] == BAD_FRAME, ["label", "split"]] = "", BAD_FRAME
    dropped = named["where"][~found]
    notes = [f"left out as not extracted: {len(dropped)} annotated frames (first {next(iter(dropped), '')})"]
    return frames, notes if len(dropped) else []


def known_recordings(index: pd.DataFrame, videos: Path) -> RecordingNames:
    """The recordings that have frames, and those under ``videos``, which extract may have skipped."""
    there = survey(videos).recordings if videos.is_dir() else []
    return RecordingNames([*index["recording"].unique(), *there])


def with_recordings(wanted: pd.DataFrame, names: RecordingNames, videos: Path) -> tuple[pd.DataFrame, list[str]]:
    """A table (recording, frame, where, and label and split or not) with the recordings that its names mean.

    Returns:
        The rows whose recording is known, each frame once where there are labels, and faults.
    """
    meant = {name: names.find(name) for name in wanted["recording"].unique()}
    faults = [
        f"{row.where}: the video '{row.recording}' is not under {videos}; put it there or correct the name: "
        f"{names.hint(str(row.recording))}"
        for row in wanted.drop_duplicates("recording").itertuples()
        if meant[row.recording] is None
    ]
    named = wanted.assign(recording=wanted["recording"].map(meant))
    named = named[named["recording"].notna()]
    if "label" in named and any(name != found for name, found in meant.items()):
        named = _merged([{str(key): value for key, value in row.items()} for row in named.to_dict("records")], faults)
    return named.reset_index(drop=True), faults


def rows_of(wanted: pd.DataFrame, index: pd.DataFrame, videos: Path) -> NDArray[np.int64]:
    """Where the frames of a table (recording, frame, where) stand in the index.

    Returns:
        (n,) int64 row numbers; -1 for a frame that extract dropped or whose recording, under ``videos``, it skipped.

    Raises:
        InputError: There is no such recording, or it has no such frame.
    """
    columns = wanted.filter(["recording", "frame", "where"])
    named, faults = with_recordings(columns, known_recordings(index, videos), videos)
    refuse(faults, _WHAT)
    return _places(named, index)


def _places(named: pd.DataFrame, index: pd.DataFrame) -> NDArray[np.int64]:
    whole = _lengths_of_whole(index)
    late = named[named["frame"] >= named["recording"].map(whole)]
    refuse(
        [
            f"{one.where}: frame {one.frame} of '{one.recording}' is not there, its last is "
            f"{whole[str(one.recording)] - 1} (counting starts at 0); correct the number or remove the row"
            for one in late.itertuples()
        ],
        _WHAT,
    )
    places = pd.MultiIndex.from_frame(index[["recording", "frame"]])
    return places.get_indexer(pd.MultiIndex.from_frame(named[["recording", "frame"]])).astype(np.int64)


def _lengths_of_whole(index: pd.DataFrame) -> dict[str, int]:
    """Frames in each recording of which none is missing: where some were dropped, nobody knows how many came last."""
    counts = index.groupby("recording")["frame"].agg(["size", "max"])
    return {str(name): int(size) for name, size, last in counts.itertuples() if size == last + 1}


def _whole_table(path: Path, required: list[str]) -> Table:
    table = read_table(path, required)
    if all(record.empty for record in table.records) and not table.faults:
        raise InputError(f"{path} holds no rows; fill it in or remove it")
    return table


def _labelled(
    table: Table, record: Record, classes: list[str], labels: Counter[str], unknown: dict[str, list[str]]
) -> Iterable[dict]:
    """The row of a record: none where it has no label yet, or an unknown one."""
    written = table.value(record, "label").strip()
    if not written:
        return []
    split = table.value(record, "split").strip()
    if split.lower() not in ["", *SPLITS]:
        raise InputError(f"{table.where(record)}: unknown split '{split}'; write train, test or nothing")
    frame = _frame(table, record)
    label = label_of(written, [*classes, BAD_FRAME])
    if label != BAD_FRAME:
        labels[written] += 1
    if label is None:
        unknown.setdefault(written, []).append(table.where(record))
        return []
    return [frame | {"label": label, "split": split.lower()}]


def _frame(table: Table, record: Record) -> dict:
    where = table.where(record)
    video, frame = table.value(record, "video"), table.value(record, "frame").strip()
    parts = PurePosixPath(video.strip()).parts
    if not parts or ".." in parts or PurePosixPath(video).is_absolute() or PureWindowsPath(video).is_absolute():
        raise InputError(f"{where}: the video '{video.strip()}' is not under data/videos; give its path from there")
    number = frame_number(frame)
    if number < 0:
        raise InputError(f"{where}: frame '{frame}' is no whole number from 0 on; give its number in decode order")
    return {"recording": str(PurePosixPath(video)), "frame": number, "where": where}


def _merged(rows: list[dict], faults: list[str]) -> pd.DataFrame:
    """Each frame once; rows that contradict each other are faults."""
    merged: dict[tuple[str, int], dict] = {}
    for row in rows:
        key = row["recording"], row["frame"]
        old = merged.setdefault(key, row)
        clash = [one for one in ("label", "split") if old[one] != row[one] and old[one] and row[one]]
        faults += [
            f"{row['where']}: frame {row['frame']} of '{row['recording']}' has the {one} '{row[one]}', but "
            f"'{old[one]}' in {old['where']}; keep one of them"
            for one in clash
        ]
        merged[key] = old | {"split": old["split"] or row["split"]}
    return pd.DataFrame(list(merged.values()), columns=COLUMNS).astype({"frame": "int64"})


def _unknown_label(label: str, places: list[str], classes: list[str]) -> str:
    more = f" ({len(places) - 1} more rows have it)" if len(places) > 1 else ""
    return f"{places[0]}: unknown label '{label}'; {nearest(label, classes)}{more}"


def _taken_labels(labels: Counter[str], classes: list[str]) -> list[str]:
    taken = {written: label_of(written, classes) for written in labels if written not in classes}
    return [
        f"annotations: the label '{written}' ({labels[written]} rows) is taken as '{label}'"
        for written, label in taken.items()
        if label
    ]
