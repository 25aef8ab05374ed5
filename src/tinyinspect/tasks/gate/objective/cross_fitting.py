"""What a gate makes of normal frames and of kinds of made picture that it was not trained on.

The normal frames of training and validation, and the kinds of picture that are made of normal frames, are cut into
parts. A network that is trained without a part scores it, and beside it the pictures of validation, which no network
sees: they put the networks' scores on one scale.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from tinyinspect.camera import Pixels
from tinyinspect.config.train import Train
from tinyinspect.evaluation import frame_test
from tinyinspect.evaluation.frame_test import in_other_light
from tinyinspect.learning import training
from tinyinspect.learning.devices import device_of
from tinyinspect.learning.features import Features
from tinyinspect.learning.folds import split_folds
from tinyinspect.learning.frames import Frames, frames_of, inputs_of
from tinyinspect.selection.labelled import VALIDATION, Labelled, frames_folder, join, read_labelled
from tinyinspect.tasks.gate.decision import Outputs, centroids_of, judged
from tinyinspect.tasks.gate.objective.metric_learning import MetricLearning, outputs_of
from tinyinspect.tasks.gate.pictures import (
    ABNORMAL,
    LEFT_OUT,
    NORMAL,
    abnormal_folder,
    is_made,
    read_abnormals,
)
from tinyinspect.tasks.gate.settings import Loss, Task


def held_out(
    make: Callable[[], Any],
    dataset: Path,
    *,
    classes: list[str],
    task: Task,
    loss: Loss,
    train: Train,
    seed: int,
    resume: Path,
    features: Features,
) -> pd.DataFrame:
    """Similarities of pictures that the network was not trained on, to the normal frames that it was.

    Args:
        make: gives a network to train.
        dataset: its training and validation pictures are read, and test pictures of the kinds that are trained on.
        classes: of the labelled frames.
        task: folds, their epochs, centroids and frame test.
        loss: the section of the parameters.
        train: how to train.
        seed: of all draws.
        resume: where an unfinished training waits.
        features: of a teacher, who labels no frame of a gate.

    Returns:
        One row a picture and network: ``fold``; ``kind`` (normal, abnormal, left_out); ``source`` of an abnormal one;
        ``picture``, its file name; ``score``.

    Raises:
        InputError: As :func:`read_labelled` and :func:`read_abnormals`.
    """
    normals = read_labelled([frames_folder(dataset, split) for split in ("train", VALIDATION)], task.normal_classes)
    trained, sources = read_abnormals(abnormal_folder(dataset, "train"))
    foreign, made = _named(dataset, VALIDATION, are_made=False), _named(dataset, "seen", are_made=True)
    short = train.model_copy(update={"epochs": max(1, round(task.fold_epochs * train.epochs))})
    rows = []
    for fold, mine in enumerate(split_folds(normals.labels, task.folds, seed)):
        out = left_out(sources, task.folds, fold)
        others = np.setdiff1d(np.arange(len(normals)), mine)
        kept = np.array([sources[label] not in out for label in trained.labels])
        torch.manual_seed(seed + fold)
        network = make()
        scores = _Scores(network, normals.take(others), trained.take(kept), sources, loss, short, task)
        scores.train(seed + fold, resume.with_stem(f"{resume.stem}-{fold}"))
        rows.append(_table(fold, NORMAL, normals.take(mine), [""] * len(mine), scores))
        rows.append(_table(fold, ABNORMAL, *foreign, scores))
        pictures, names = made
        chosen = [row for row, name in enumerate(names) if name in out]
        taken = pictures.take(np.array(chosen, np.int64))
        rows.append(_table(fold, LEFT_OUT, taken, [names[row] for row in chosen], scores))
    return pd.concat(rows, ignore_index=True)


def left_out(sources: list[str], folds: int, fold: int) -> set[str]:
    """The kinds of made picture that a fold's network is not trained on: they are dealt to the folds in turn."""
    made = [source for source in sources if is_made(source)]
    return set(made[fold::folds])


class _Scores:
    """A network of one fold."""

    def __init__(
        self,
        network: Any,
        normals: Labelled,
        abnormals: Labelled,
        sources: list[str],
        loss: Loss,
        train: Train,
        task: Task,
    ) -> None:
        self._device = device_of(train.device)
        self._network, self._train, self._task = network.to(self._device), train, task
        self._normals = normals
        frames = self._frames(normals)
        nothing = frames.views[:0]  # the last epoch is kept
        self._objective = MetricLearning(
            normals=frames,
            abnormals=self._frames(abnormals),
            sources=sources,
            held_out=(nothing, nothing),
            loss=loss,
            settings=train,
            embedding=network.head.out_features,
        )

    def train(self, seed: int, resume: Path) -> None:
        """Train it; ``resume`` is where an unfinished training waits."""
        for _ in training.fit(self._network, self._objective, self._train, seed, resume):
            pass
        views, length = self._normals.views(self._network.input_size), self._network.head.out_features
        if self._task.frame_test:
            self._network.standardize(inputs_of(views, self._device))
        normal, test = self._outputs(views), None
        if self._task.frame_test:
            test, _ = frame_test.fit(normal[:, length:], self._outputs(in_other_light(views))[:, length:])
        self._judge = partial(judged, centroids=centroids_of(normal[:, :length], self._task.centroids), frame_test=test)

    def of(self, pictures: Labelled) -> NDArray[np.float32]:
        """Similarity of each picture to the normal frames that were trained on, (n,)."""
        if not len(pictures):
            return np.zeros(0, np.float32)
        return self._judge(self._outputs(pictures.views(self._network.input_size)))

    def _outputs(self, views: Pixels) -> Outputs:
        with torch.inference_mode():
            return outputs_of(self._network.eval(), inputs_of(views, self._device)).cpu().numpy()

    def _frames(self, pictures: Labelled) -> Frames:
        return frames_of(pictures, self._network.input_size, self._device)


def _table(fold: int, kind: str, pictures: Labelled, sources: list[str], scores: _Scores) -> pd.DataFrame:
    columns = {"fold": fold, "kind": kind, "source": sources, "picture": pictures.names, "score": scores.of(pictures)}
    return pd.DataFrame(columns)


def _named(dataset: Path, split: str, *, are_made: bool) -> tuple[Labelled, list[str]]:
    """A split's abnormal pictures that are made of normal frames, or the others, and the source of each."""
    folder = abnormal_folder(dataset, split)
    if not any(folder.glob("*/*/*.jpg")):
        return join([], np.zeros(0, np.int64)), []
    pictures, names = read_abnormals(folder)
    sources = [names[label] for label in pictures.labels]
    chosen = np.array([is_made(source) is are_made for source in sources])
    return pictures.take(chosen), [source for source in sources if is_made(source) is are_made]
