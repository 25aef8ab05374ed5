"""Where a gate's abnormal pictures are, and how they are read: ``dataset/<split>/abnormal/<group>/<source>/*.jpg``."""

from pathlib import Path

import numpy as np

from tinyinspect.errors import InputError
from tinyinspect.selection.labelled import VALIDATION, Labelled, frames_folder, join, read_labelled, read_picture
from tinyinspect.tasks.gate.settings import Task

NORMAL, ABNORMAL, LEFT_OUT = "normal", "abnormal", "left_out"  # kinds of held-out picture
MADE = "camera_fault/", "hard_negative/"  # groups


def abnormal_folder(dataset: Path, split: str) -> Path:
    """Where a split's abnormal pictures are, one folder a group and source."""
    return dataset / split / "abnormal"


def is_near(source: str) -> bool:
    """Whether ``<group>/<source>`` looks like the normals."""
    return source.startswith("near/")


def is_made(source: str) -> bool:
    """Whether the pictures of ``<group>/<source>`` are made of normal frames."""
    return source.startswith(MADE)


def picture_name(step: int, number: int) -> str:
    """The file name of a made picture, which tells the step of its ladder of severities."""
    return f"step{step}-{number:05d}.jpg"


def step_of(name: str) -> int:
    """The step that the file name of a made picture tells."""
    return int(name.removeprefix("step").partition("-")[0])


def read_abnormals(folder: Path) -> tuple[Labelled, list[str]]:
    """Read ``dataset/<split>/abnormal``.

    Returns:
        The pictures, labels being the index into the sorted names of the sources, and these ("photo/dress").

    Raises:
        InputError: The folder is missing or empty, or a picture cannot be read.
    """
    paths = sorted(folder.glob("*/*/*.jpg"))
    if not paths:
        raise InputError(f"{folder} is missing or empty; run `dvc repro dataset`")
    sources = [path.parent.relative_to(folder).as_posix() for path in paths]
    names, labels = np.unique(sources, return_inverse=True)
    pictures = [read_picture(path, "dataset") for path in paths]
    return Labelled(pictures, labels.astype(np.int64), [path.name for path in paths]), names.tolist()


def calibration(dataset: Path, *, classes: list[str], task: Task) -> Labelled:
    """The normal frames of training and validation, and the abnormal pictures of training, as two groups.

    Raises:
        InputError: As :func:`read_labelled` and :func:`read_abnormals`.
    """
    folders = [frames_folder(dataset, split) for split in ("train", VALIDATION)]
    sets = [read_labelled(folders, task.normal_classes), read_abnormals(abnormal_folder(dataset, "train"))[0]]
    return join(sets, labels=np.repeat([0, 1], [len(one) for one in sets]))
