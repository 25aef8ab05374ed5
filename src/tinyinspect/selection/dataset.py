"""The dataset: the selected frames joined with their annotations, split into training, validation and test.

    dataset/train/frames/<class>/<recording>-<frame>.jpg
    dataset/validation/frames/<class>/<recording>-<frame>.jpg     held out of training, drawn here once for all stages
    dataset/test/frames/<class>/<recording>-<frame>.jpg
    dataset/unlabelled/<recording>-<frame>.jpg                    for a task that lets a teacher label frames
    to_annotate/to_annotate.csv                                   video,frame,label (empty),reason
    to_annotate/<recording>-<frame>.jpg

A task may put more beside ``frames/``. JPEG bytes stay as they were recorded.
"""

import csv
from pathlib import Path

import numpy as np
import pandas as pd

from tinyinspect.errors import InputError
from tinyinspect.recordings.shards import shard_stem
from tinyinspect.recordings.store import FrameStore
from tinyinspect.selection.annotations import SPLITS
from tinyinspect.selection.labelled import DATASET_SPLITS, UNLABELLED, VALIDATION, frames_folder
from tinyinspect.selection.splits import split_validation
from tinyinspect.selection.spread import spread

LIST = "to_annotate.csv"
_LONGEST_STEM = 200  # bytes of a file name; file systems take 255, with the number


def read_selection(path: Path, frames: pd.DataFrame) -> pd.DataFrame:
    """Join ``selection.csv`` with the index of all frames.

    Args:
        path: of the file, columns recording, frame, row, split, reason.
        frames: the index with the column label.

    Returns:
        The selected rows of ``frames`` under their row numbers, with the drawn ``split`` and the ``reason``.

    Raises:
        InputError: The file does not belong to these frames.
    """
    return _joined(path, frames, ["split", "reason"])


def read_unlabelled(path: Path, frames: pd.DataFrame, count: int) -> list[int]:
    """Rows of at most so many frames of ``unlabelled.csv``, evenly spread; arguments and errors as above."""
    rows = _joined(path, frames, []).index.to_numpy()
    return rows[spread(len(rows), count)].tolist()


def _joined(path: Path, frames: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    try:
        listed = pd.read_csv(path, dtype={"recording": "str"}, keep_default_na=False)
        found = frames.loc[listed["row"].to_numpy()].assign(**{name: listed[name].to_numpy() for name in columns})
        same = (found[["recording", "frame"]].to_numpy() == listed[["recording", "frame"]].to_numpy()).all()
    except (OSError, ValueError, KeyError):
        same = False
    if not same:
        raise InputError(f"{path} is missing or was made from other frames; run `dvc repro --force select_frames`")
    return found


def hold_out(selected: pd.DataFrame, classes: list[str], fraction: float, seed: int) -> pd.DataFrame:
    """Move a part of each class's training frames to the split ``validation``.

    Args:
        selected: from :func:`read_selection`.
        classes: all labels, in the order of the model's outputs.
        fraction: of a class's labelled training frames; one at least, but never the only one.
        seed: of the draw.
    """
    labelled = selected[(selected["split"] == "train") & (selected["label"] != "")]
    names = [picture_name(recording, frame) for recording, frame in zip(*_keys(labelled), strict=True)]
    places = labelled["label"].map(classes.index).to_numpy()
    order = np.lexsort([names, places])  # as the frames are read: by class, then by name
    held = split_validation(places[order], fraction, seed)[1]
    split = selected["split"].copy()
    split.loc[labelled.index[order][held]] = VALIDATION
    return selected.assign(split=split)


def write_dataset(store: FrameStore, selected: pd.DataFrame, classes: list[str], folder: Path) -> None:
    """Write the labelled frames of all splits.

    Args:
        store: of the JPEG files.
        selected: rows of the store's index with the columns label and split; from :func:`hold_out`.
        classes: all labels; each gets its folder in every split.
        folder: that exists and is empty.
    """
    for split in DATASET_SPLITS:
        for label in classes:
            (frames_folder(folder, split) / label).mkdir(parents=True)
    for row, frame in selected[selected["label"] != ""].iterrows():
        place = frames_folder(folder, frame["split"]) / frame["label"]
        (place / picture_name(frame["recording"], frame["frame"])).write_bytes(store.jpeg(int(str(row))))


def write_unlabelled(store: FrameStore, rows: list[int], folder: Path) -> None:
    """Write frames without a label into ``unlabelled/`` of the dataset's folder."""
    (folder / UNLABELLED).mkdir()
    for row in rows:
        frame = store.index.loc[row]
        (folder / UNLABELLED / picture_name(frame["recording"], frame["frame"])).write_bytes(store.jpeg(row))


def write_to_annotate(store: FrameStore, selected: pd.DataFrame, folder: Path) -> None:
    """Write the list of the frames without a label, and their pictures beside it, numbered in the order of the list.

    Args:
        store: of the JPEG files.
        selected: rows of the store's index with the columns label and reason.
        folder: that exists and is empty.
    """
    missing = selected[selected["label"] == ""]
    for row, frame in missing.iterrows():
        (folder / picture_name(frame["recording"], frame["frame"])).write_bytes(store.jpeg(int(str(row))))
    with (folder / LIST).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["video", "frame", "label", "reason"])
        listed = sorted(zip(*_keys(missing), missing["reason"], strict=True), key=lambda one: picture_name(*one[:2]))
        writer.writerows([recording, frame, "", reason] for recording, frame, reason in listed)


def _keys(table: pd.DataFrame) -> tuple[list[str], list[int]]:
    return table["recording"].tolist(), table["frame"].tolist()


def picture_name(recording: str, frame: int) -> str:
    """File name of a frame, unique also for recordings in sub-folders: ``/`` becomes ``%2F``."""
    stem = recording.replace("%", "%25").replace("/", "%2F")
    # A recording may have a name so long that no file system holds one with a number behind it.
    return f"{stem if len(stem.encode()) <= _LONGEST_STEM else shard_stem(recording)}-{frame:06d}.jpg"


def how_to_annotate(selected: pd.DataFrame, classes: list[str], folder: Path) -> str:
    """One sentence on how to annotate what has no label yet, "" where all has."""
    missing = int((selected["label"] == "").sum())
    if not missing:
        return ""
    return (
        f"{missing} of {len(selected)} selected frames have no label yet: run `tinyinspect label` to label them in "
        f"the browser; or write {_either(classes)} into the label column of {folder / LIST} (the pictures are beside "
        "it) and run `dvc repro` twice: the first moves them to annotations/labels.csv"
    )


def check_labels(selected: pd.DataFrame, classes: list[str], folder: Path) -> None:
    """Every class must have frames to train on and to test on.

    Raises:
        InputError: Nothing is labelled, or a class has no frame in one of the sets.
    """
    if (selected["label"] == "").all():
        raise InputError(f"none of the selected frames is annotated; {how_to_annotate(selected, classes, folder)}")
    for split in SPLITS:
        present = set(selected["label"][selected["split"] == split])
        for label in classes:
            if label not in present:
                raise InputError(
                    f"the class '{label}' has no frame in the {split} set; annotate some, raise "
                    f"select.{split}_frames, choose another split, or take the class out of data.classes"
                )


def _either(classes: list[str]) -> str:
    return " or ".join(part for part in (", ".join(classes[:-1]), classes[-1]) if part)
