"""How good settings are for a classifier, by cross-validation on its labelled training frames, never test frames."""

import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyinspect.config.train import Train
from tinyinspect.errors import InputError
from tinyinspect.evaluation.intervals import Interval, balanced_accuracy, proportion
from tinyinspect.learning.folds import split_folds
from tinyinspect.learning.frames import Frames
from tinyinspect.selection.labelled import VALIDATION, Labelled, frames_folder, read_labelled
from tinyinspect.tasks.classifier.objective.classification import cross_fitted
from tinyinspect.tasks.classifier.settings import Loss, Task

_BALANCED = 0.5  # of loss.class_balance: from here on the line asks for balanced accuracy


def labelled_frames(dataset: Path, *, classes: list[str]) -> Labelled:
    """The training and validation frames.

    Raises:
        InputError: As :func:`read_labelled`, or a class has a single frame.
    """
    found = read_labelled([frames_folder(dataset, split) for split in ("train", VALIDATION)], classes)
    counts = np.bincount(found.labels, minlength=len(classes))
    if counts.min() < 2:
        raise InputError(
            f"the class '{classes[counts.argmin()]}' has one labelled training frame, and cross-validation needs two "
            "of each; label more frames of it, then run `dvc repro dataset`"
        )
    return found


def parts(labelled: Labelled, *, task: Task, seed: int) -> list[NDArray[np.int64]]:
    """Rows of the parts that are scored in turn: recordings stay whole where each class was recorded often enough."""
    recordings = np.array([name.rpartition("-")[0] for name in labelled.names])
    shown = Counter(label for label, _ in set(zip(labelled.labels.tolist(), recordings, strict=True)))
    if min(shown.values()) >= task.folds:
        whole = _whole_recordings(labelled.labels, recordings, task.folds, seed)
        if all(_has_every_class(labelled.labels, rows) for rows in whole):
            return whole
    return split_folds(labelled.labels, task.folds, seed)


def _whole_recordings(labels: NDArray, recordings: NDArray, folds: int, seed: int) -> list[NDArray[np.int64]]:
    from sklearn.model_selection import StratifiedGroupKFold  # slow

    folder = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    return [rows for _, rows in folder.split(np.zeros(len(labels)), labels, recordings)]


def _has_every_class(labels: NDArray[np.int64], rows: NDArray[np.int64]) -> bool:
    """Whether there are rows, and those of the other parts show every class."""
    return bool(len(rows)) and set(np.delete(labels, rows)) == set(labels)


def right_answers(
    make: Callable[[], Any],
    frames: Frames,
    rows: list[NDArray[np.int64]],
    *,
    classes: list[str],
    loss: Loss,
    train: Train,
    seed: int,
    resume: Path,
    after_epoch: Callable[[], None],
) -> NDArray[np.bool_]:
    """Which frames are recognised, (n,), each by a network that was trained without its part; see `cross_fitted`."""
    logits = cross_fitted(
        make,
        frames,
        rows,
        classes=len(classes),
        loss=loss,
        train=train,
        seed=seed,
        resume=resume,
        after_epoch=after_epoch,
    )
    return logits.argmax(1) == frames.labels.cpu().numpy()


def objective(loss: Loss) -> str:
    """The measure that the line asks for: with ``loss.class_balance`` of a half or more every class counts the same."""
    return "balanced_accuracy" if loss.class_balance >= _BALANCED else "accuracy"


def score(right: NDArray[np.bool_], labels: NDArray[np.int64], *, loss: Loss) -> tuple[float, Interval]:
    """That measure, and its interval of 95 %."""
    if objective(loss) == "accuracy":
        return float(right.mean()), proportion(int(right.sum()), len(right))
    totals, successes = np.bincount(labels), np.bincount(labels, right).astype(np.int64)
    return float((successes / totals).mean()), balanced_accuracy(successes, totals, seed=0)


def steps(frames: int, *, train: Train) -> int:
    """Steps of one training in cross-validation at most."""
    return train.epochs * math.ceil(frames / train.batch_size)


def pictures(frames: int, *, task: Task, train: Train) -> tuple[float, float]:
    """Pictures that are trained on, in one cross-validation and in the stage `train`."""
    others = task.folds - 1
    return frames * train.epochs * others, frames * train.epochs * (1 + others * task.fold_epochs)
