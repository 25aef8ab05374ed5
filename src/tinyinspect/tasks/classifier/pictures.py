"""How a classifier's pictures are read."""

from pathlib import Path

from tinyinspect.selection.labelled import VALIDATION, Labelled, frames_folder, read_labelled
from tinyinspect.tasks.classifier.settings import Task


def calibration(dataset: Path, *, classes: list[str], task: Task) -> Labelled:
    """The frames of training and validation by class.

    Raises:
        InputError: As :func:`read_labelled`.
    """
    return read_labelled([frames_folder(dataset, split) for split in ("train", VALIDATION)], classes)
