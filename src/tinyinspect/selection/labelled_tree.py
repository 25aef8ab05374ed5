"""Join the selected frames with their annotations into an ImageFolder tree, and list what is still to annotate.

    labeled/train/<class>/<recording>-<frame>.jpg
    labeled/test/<class>/<recording>-<frame>.jpg
    labeled/to_annotate.csv                         video,frame,label (empty)
    labeled/to_annotate/<recording>-<frame>.jpg

JPEG bytes stay as they were recorded.
"""

import csv
from pathlib import Path

import pandas as pd

from tinyinspect.errors import InputError
from tinyinspect.recordings.shards import shard_stem
from tinyinspect.recordings.store import FrameStore
from tinyinspect.selection.annotations import SPLITS

TO_ANNOTATE = "to_annotate"
_LONGEST_STEM = 200  # bytes of a file name; file systems take 255, with the number


def read_selection(path: Path, frames: pd.DataFrame) -> pd.DataFrame:
    """Join ``selection.csv`` with the index of all frames.

    Args:
        path: of the file, columns recording, frame, row, split.
        frames: the index with the column label.

    Returns:
        The selected rows of ``frames`` under their row numbers, with the drawn ``split``.

    Raises:
        InputError: The file does not belong to these frames.
    """
    try:
        selection = pd.read_csv(path, dtype={"recording": "str"}, keep_default_na=False)
        selected = frames.loc[selection["row"].to_numpy()].assign(split=selection["split"].to_numpy())
        same = (selected[["recording", "frame"]].to_numpy() == selection[["recording", "frame"]].to_numpy()).all()
    except (OSError, ValueError, KeyError):
        same = False
    if not same:
        raise InputError(f"{path} is missing or was made from other frames; run `dvc repro --force select_frames`")
    return selected


def write_labelled_tree(store: FrameStore, selected: pd.DataFrame, classes: list[str], folder: Path) -> None:
    """Write the tree.

    Args:
        store: of the JPEG files.
        selected: rows of the store's index with the columns label and split; from :func:`read_selection`.
        classes: all labels; each gets its folder in both sets.
        folder: that exists and is empty.
    """
    for place in [*(folder / split / label for split in SPLITS for label in classes), folder / TO_ANNOTATE]:
        place.mkdir(parents=True)
    for row, frame in selected.iterrows():
        place = folder / frame["split"] / frame["label"] if frame["label"] else folder / TO_ANNOTATE
        (place / picture_name(frame["recording"], frame["frame"])).write_bytes(store.jpeg(int(str(row))))
    with (folder / f"{TO_ANNOTATE}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["video", "frame", "label"])
        writer.writerows([one.recording, one.frame, ""] for one in selected[selected["label"] == ""].itertuples())


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
        f"{missing} of {len(selected)} selected frames have no label yet: copy {folder / TO_ANNOTATE}.csv to "
        f"annotations/<name>.csv, write {_either(classes)} into its label column (the pictures are in "
        f"{folder / TO_ANNOTATE}/) and run `dvc repro`"
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
