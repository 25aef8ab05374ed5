"""A gate's pictures: the labelled frames, and abnormal pictures of many sources beside them."""

from pathlib import Path

from tinyinspect.selection.labelled import DATASET_SPLITS, frames_folder
from tinyinspect.tasks.gate.dataset.abnormals import counts, write_abnormals
from tinyinspect.tasks.gate.settings import Task


def complete(dataset: Path, photos: Path, *, classes: list[str], task: Task, seed: int) -> list[str]:
    """Add the abnormal pictures; see :func:`write_abnormals`."""
    return write_abnormals(dataset, photos, classes, task, seed)


def summary(dataset: Path, *, classes: list[str], task: Task) -> str:
    """How many normal frames and abnormal pictures each split has, one line each."""
    normal = [
        f"{split:<12}{name:<32}{len(list((frames_folder(dataset, split) / name).glob('*.jpg'))):>6} normal"
        for split in DATASET_SPLITS
        for name in task.normal_classes
    ]
    return "\n".join([*normal, counts(dataset)])


def unlabelled(task: Task) -> int:
    """None: nobody knows whether such a frame is normal."""
    return 0
