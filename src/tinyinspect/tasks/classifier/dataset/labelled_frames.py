"""A classifier's pictures: the labelled frames, and frames that a teacher labels for the training."""

from pathlib import Path

from tinyinspect.selection.labelled import DATASET_SPLITS, frames_folder
from tinyinspect.tasks.classifier.settings import Task


def complete(dataset: Path, photos: Path, *, classes: list[str], task: Task, seed: int) -> list[str]:
    """Add nothing: a classifier needs no pictures but frames."""
    return []


def summary(dataset: Path, *, classes: list[str], task: Task) -> str:
    """How many frames of each class each split has, one line each."""
    return "\n".join(
        f"{split:<12}{name:<32}{len(list((frames_folder(dataset, split) / name).glob('*.jpg'))):>6}"
        for split in DATASET_SPLITS
        for name in classes
    )


def unlabelled(task: Task) -> int:
    """How many frames the teacher may label."""
    return task.unlabelled_frames
