"""A classifier's baselines: a linear classifier on the teacher's features of the same frames."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, recall_score
from sklearn.model_selection import KFold

from tinyinspect.camera import Pixels
from tinyinspect.evaluation.baselines import MOST_FRAMES
from tinyinspect.learning.linear import linear_classifier
from tinyinspect.selection.labelled import VALIDATION, Labelled, frames_folder, read_labelled
from tinyinspect.selection.spread import spread
from tinyinspect.tasks.classifier.settings import Task

Encode = Callable[[Sequence[Pixels]], NDArray[np.float32]]
_FOLDS = 5


def of_teacher(
    dataset: Path, encode: Encode, *, classes: list[str], task: Task, input_size: int
) -> dict[str, dict[str, float]]:
    """Accuracy and balanced accuracy on test frames of a linear classifier that was fitted to the training frames.

    Args:
        dataset: the stage's folder.
        encode: pictures to features (n, d).
        classes: in the order of the labels.
        task: the section of the parameters.
        input_size: pixels, the side of what the camera's model sees.

    Returns:
        For the teacher's own view of the frames, for the view of the camera's model, and, as
        ``linear_cross_validated``, on training frames that it was not fitted to.

    Raises:
        InputError: As :func:`read_labelled`.
    """
    trained = _some(read_labelled([frames_folder(dataset, split) for split in ("train", VALIDATION)], classes))
    tested = _some(read_labelled(frames_folder(dataset, "test"), classes))
    found = {}
    for name, pictures_of in {
        "full_size": lambda frames: frames.pictures,
        "camera_view": lambda frames: list(frames.views(input_size)),
    }.items():
        known = encode(pictures_of(trained))
        predicted = linear_classifier(known, trained.labels).predict(encode(pictures_of(tested)))
        found[f"linear_{name}"] = scores(predicted, tested.labels)
        if name == "full_size":
            found["linear_cross_validated"] = scores(_cross_validated(known, trained.labels), trained.labels)
    return found


def scores(predicted: NDArray[np.int64], labels: NDArray[np.int64]) -> dict[str, float]:
    """Accuracy and balanced accuracy over the classes there are, in [0, 1]."""
    recalls = recall_score(labels, predicted, labels=np.unique(labels), average=None, zero_division=0)
    return {
        "accuracy": round(float(accuracy_score(labels, predicted)), 6),
        "balanced_accuracy": round(float(np.mean(recalls)), 6),
    }


def _cross_validated(features: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """An answer for each frame, of a classifier that was fitted to the others of its fold."""
    predicted = np.empty_like(labels)
    for fitted, held in KFold(min(_FOLDS, len(labels)), shuffle=True, random_state=0).split(features):
        several = len(np.unique(labels[fitted])) > 1
        predicted[held] = (
            linear_classifier(features[fitted], labels[fitted]).predict(features[held])
            if several
            else labels[fitted][0]
        )
    return predicted


def _some(frames: Labelled) -> Labelled:
    return frames.take(spread(len(frames), MOST_FRAMES))
