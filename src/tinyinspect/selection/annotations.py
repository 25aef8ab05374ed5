"""Annotations: CSV files in ``annotations/`` with the columns ``video, frame, label`` and, optionally, ``split``.

``video`` is a file under ``data/videos``, ``frame`` counts from 0 in decode order. A row with an empty label is not
annotated yet and is passed over, so a list that is half filled in works. The label ``!bad`` keeps a frame out of every
selection: it is blurred, cut off or shows nothing to learn from. Other columns are ignored.

Example:
    table = read_annotations(Path("annotations"), ["good", "defective"])
    frames, notes = annotated_frames(FrameStore(Path("frames")).index, table, Path("data/videos"))
"""

import csv
import difflib
from pathlib import Path, PurePosixPath, PureWindowsPath

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tinyinspect.errors import InputError

COLUMNS = ["recording", "frame", "label", "split", "where"]  # where: "annotations/a.csv line 5"
SPLITS = ["train", "test"]
BAD_FRAME = "!bad"  # in the place of a label; no class can be named so


def read_annotations(folder: Path, classes: list[str]) -> pd.DataFrame:
    """Read all ``folder/*.csv``.

    Args:
        folder: of the annotation files; without any, the table is empty.
        classes: the labels that are known.

    Returns:
        One row a labelled frame, columns :data:`COLUMNS`; ``split`` is "train", "test" or "".

    Raises:
        InputError: A file is empty, is no text, lacks a column; a row has an unknown label or split, a frame that is no
            number, a path that leaves the data folder, or contradicts another row.
    """
    rows: dict[tuple[str, int], dict] = {}
    for path in sorted(folder.glob("*.csv")):
        for row in _rows(path, ["video", "frame", "label"]):
            where = row["where"]
            label, split = row["label"], row.get("split", "")
            if not label:
                continue
            if label not in [*classes, BAD_FRAME]:
                raise InputError(f"{where}: unknown label '{label}'; {_nearest(label, classes)}")
            if split not in ["", *SPLITS]:
                raise InputError(f"{where}: unknown split '{split}'; write train, test or nothing")
            new = {**_frame(row), "label": label, "split": split, "where": where}
            key = new["recording"], new["frame"]
            rows[key] = _merged(rows[key], new) if key in rows else new
    table = pd.DataFrame(list(rows.values()), columns=COLUMNS)
    return table.astype({"frame": "int64"})


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
    wanted = pd.DataFrame([{**_frame(row), "where": row["where"]} for row in _rows(Path(path), ["video", "frame"])])
    rows = rows_of(wanted, index, videos)
    for dropped in wanted[rows < 0].itertuples():
        raise InputError(
            f"{dropped.where}: frame {dropped.frame} of '{dropped.recording}' was dropped by extract; "
            "remove the row or loosen extract's filters"
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
    rows = rows_of(annotations, index, videos)
    found = rows >= 0
    frames = index.assign(label="", split="")
    frames.loc[rows[found], ["label", "split"]] = annotations.loc[found, ["label", "split"]].to_numpy()
    frames.loc[frames["label"] == BAD_FRAME, ["label", "split"]] = "", BAD_FRAME
    dropped = annotations["where"][~found]
    notes = [f"left out as not extracted: {len(dropped)} annotated frames (first {next(iter(dropped), '')})"]
    return frames, notes if len(dropped) else []


def rows_of(wanted: pd.DataFrame, index: pd.DataFrame, videos: Path) -> NDArray[np.int64]:
    """Where the frames of a table (recording, frame, where) stand in the index.

    Returns:
        (n,) int64 row numbers; -1 for a frame that extract dropped or whose recording, under ``videos``, it skipped.

    Raises:
        InputError: There is no such recording, or it has no such frame.
    """
    recordings = index["recording"].unique().tolist()
    for unknown in wanted[~wanted["recording"].isin(recordings)].drop_duplicates("recording").itertuples():
        # A file that lies there without frames was reported and skipped by extract.
        if not (videos / str(unknown.recording)).is_file():
            raise InputError(
                f"{unknown.where}: the video '{unknown.recording}' is not under {videos}; put it there or correct "
                f"the name: {_nearest(str(unknown.recording), recordings)}"
            )
    whole = _lengths_of_whole(index)
    for late in wanted[wanted["frame"] >= wanted["recording"].map(whole)].itertuples():
        raise InputError(
            f"{late.where}: frame {late.frame} of '{late.recording}' is not there, its last is "
            f"{whole[str(late.recording)] - 1} (counting starts at 0); correct the number or remove the row"
        )
    places = pd.MultiIndex.from_frame(index[["recording", "frame"]])
    return places.get_indexer(pd.MultiIndex.from_frame(wanted[["recording", "frame"]])).astype(np.int64)


def _lengths_of_whole(index: pd.DataFrame) -> dict[str, int]:
    """Frames in each recording of which none is missing: where some were dropped, nobody knows how many came last."""
    counts = index.groupby("recording")["frame"].agg(["size", "max"])
    return {str(name): int(size) for name, size, last in counts.itertuples() if size == last + 1}


def _rows(path: Path, required: list[str]) -> list[dict[str, str]]:
    """The rows of a CSV file, stripped, with ``where`` added; "" for a field that is not there."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, restkey="", restval="")
            reader.fieldnames = _header(path, reader, required)
            rows = [row | {"where": f"{path} line {reader.line_num}"} for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} is no UTF-8 text in CSV format ({error}); save it as CSV, UTF-8") from None
    if not rows:
        raise InputError(f"{path} holds no rows; fill it in or remove it")
    for row in rows:
        if "" in row:
            raise InputError(f"{row['where']}: more fields than the header has; put quotes around commas in names")
    return [{name: value.strip() for name, value in row.items()} for row in rows]


def _header(path: Path, reader: csv.DictReader, required: list[str]) -> list[str]:
    header = [name.strip() for name in reader.fieldnames or []]
    for name in required:
        if name not in header:
            found = ", ".join(header) if header else "nothing"
            raise InputError(f"{path} line 1: no column '{name}' (found: {found}); add it, separated by commas")
    return header


def _frame(row: dict[str, str]) -> dict:
    video, frame, where = row["video"], row["frame"], row["where"]
    parts = PurePosixPath(video).parts
    if not parts or ".." in parts or PurePosixPath(video).is_absolute() or PureWindowsPath(video).drive:
        raise InputError(f"{where}: the video '{video}' is not under data/videos; give its path from there")
    if not (frame.isascii() and frame.isdecimal() and len(frame) < 19):  # 19 digits may overflow int64
        raise InputError(f"{where}: frame '{frame}' is no whole number from 0 on; give its number in decode order")
    return {"recording": str(PurePosixPath(video)), "frame": int(frame)}


def _merged(old: dict, new: dict) -> dict:
    for column in ["label", "split"]:
        if old[column] != new[column] and old[column] and new[column]:
            raise InputError(
                f"{new['where']}: frame {new['frame']} of '{new['recording']}' has the {column} '{new[column]}', but "
                f"'{old[column]}' in {old['where']}; keep one of them"
            )
    return old | {"split": old["split"] or new["split"]}


def _nearest(name: str, known: list[str]) -> str:
    by_lower = {one.lower(): one for one in known}
    near = difflib.get_close_matches(name.lower(), by_lower, n=1)
    if near:
        return f"did you mean '{by_lower[near[0]]}'?"
    return f"known are {', '.join(known[:8])}{', ...' if len(known) > 8 else ''}"
