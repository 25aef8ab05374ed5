"""A classifier's training on a few hundred frames, all in memory: class weights, label smoothing and a teacher."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tinyinspect.config.section import ModelSettings
from tinyinspect.config.train import Train
from tinyinspect.learning import training
from tinyinspect.learning.augmentation import augment, strength_of
from tinyinspect.learning.devices import device_of
from tinyinspect.learning.features import Features
from tinyinspect.learning.folds import split_folds
from tinyinspect.learning.frames import Frames, frames_of
from tinyinspect.models.checkpoint import build
from tinyinspect.selection.labelled import VALIDATION, Labelled, frames_folder, read_labelled, read_unlabelled
from tinyinspect.tasks.classifier.objective.taught import Lesson, Taught
from tinyinspect.tasks.classifier.settings import Loss, Task


def network(model: ModelSettings, *, classes: list[str], task: Task) -> Any:
    """A network with a logit for each class."""
    return build(model, len(classes))


def fit(
    network: Any,
    dataset: Path,
    *,
    classes: list[str],
    task: Task,
    loss: Loss,
    train: Train,
    seed: int,
    resume: Path,
    features: Features,
) -> Iterator[dict[str, float]]:
    """Train a classifier in place, yielding the measures of every epoch; see :func:`training.fit`.

    Args:
        network: (n, 3, input_size, input_size) float32 in [0, 1] to logits.
        dataset: its training and validation frames are read.
        classes: in the order of the logits.
        task: the section of the parameters.
        loss: the section of the parameters.
        train: how to train.
        seed: of all draws.
        resume: where an unfinished training waits.
        features: of the teacher, of these frames and of those without a label; may be of none.

    Raises:
        InputError: As :func:`read_labelled`.
    """
    device = device_of(train.device)
    labelled = read_labelled(frames_folder(dataset, "train"), classes)
    held = read_labelled(frames_folder(dataset, VALIDATION), classes, needed=False)
    lesson = _lesson(labelled, dataset, features, network.input_size, device)
    objective = Classification(
        frames_of(labelled, network.input_size, device),
        frames_of(held, network.input_size, device),
        len(classes),
        loss,
        train,
        lesson.taught(np.arange(len(labelled)), len(classes)) if lesson else None,
    )
    yield from training.fit(network.to(device), objective, train, seed, resume)


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
    """Logits of every training and validation frame, each of a network that was trained without it (cross-fitting).

    Args:
        make: gives a network to train.
        dataset: its training and validation frames are read.
        classes: in the order of the logits.
        task: folds and their epochs.
        loss: the section of the parameters.
        train: how to train.
        seed: of all draws.
        resume: where an unfinished training waits.
        features: of the teacher, as for :func:`fit`; each network is taught by the labels that it may know.

    Returns:
        Columns label (int64) and output_0, output_1, ... (float32, the logits), one row a frame.

    Raises:
        InputError: As :func:`read_labelled`.
    """
    network, device = make(), device_of(train.device)
    labelled = read_labelled([frames_folder(dataset, split) for split in ("train", VALIDATION)], classes)
    frames = frames_of(labelled, network.input_size, device)
    short = train.model_copy(update={"epochs": max(1, round(task.fold_epochs * train.epochs))})
    parts = split_folds(labelled.labels, task.folds, seed)
    logits = cross_fitted(
        make,
        frames,
        parts,
        classes=len(classes),
        loss=loss,
        train=short,
        seed=seed,
        resume=resume,
        lesson=_lesson(labelled, dataset, features, network.input_size, device),
    )
    columns = [f"output_{number}" for number in range(len(classes))]
    return pd.DataFrame(logits, columns=columns).assign(label=labelled.labels)


def cross_fitted(
    make: Callable[[], Any],
    frames: Frames,
    parts: list[NDArray[np.int64]],
    *,
    classes: int,
    loss: Loss,
    train: Train,
    seed: int,
    resume: Path,
    lesson: Lesson | None = None,
    after_epoch: Callable[[], None] = lambda: None,
) -> NDArray[np.float32]:
    """Logits of all frames, (n, classes), each of a network that was trained on the other parts.

    Args:
        make: gives a network to train.
        frames: labelled, of the size that the network takes, on the device of the training.
        parts: the rows of each part.
        classes: how many there are.
        loss: the section of the parameters.
        train: how to train each network.
        seed: of all draws.
        resume: where unfinished trainings wait.
        lesson: of a teacher, about the same frames.
        after_epoch: called after each; what it raises ends the training.
    """
    logits = np.zeros((len(frames.labels), classes), np.float32)
    for fold, rows in enumerate(parts):
        others = np.setdiff1d(np.arange(len(logits)), rows)
        network = make().to(frames.labels.device)
        none = frames.take(rows[:0])  # the last epoch is kept
        taught = lesson.taught(others, classes) if lesson else None
        objective = Classification(frames.take(others), none, classes, loss, train, taught)
        for _ in training.fit(network, objective, train, seed + fold, resume.with_stem(f"{resume.stem}-{fold}")):
            after_epoch()
        with torch.inference_mode():
            logits[rows] = network.eval()(frames.take(rows).views).cpu().numpy()
    return logits


def _lesson(labelled: Labelled, dataset: Path, features: Features, size: int, device: torch.device) -> Lesson | None:
    """What the teacher knows of these frames and of those without a label; None where it has nothing to teach."""
    if not features.share:
        return None
    unlabelled = read_unlabelled(dataset)
    return Lesson(
        known=features.of(labelled.names),
        labels=labelled.labels,
        frames=frames_of(unlabelled, size, device),
        seen=features.of(unlabelled.names),
        share=features.share,
    )


def class_weights(labels: Tensor, classes: int, balance: float) -> Tensor:
    """Weights of the classes in the loss, (classes,) float32 of mean 1 over the frames.

    Args:
        labels: (n,) int64.
        classes: how many there are.
        balance: 1 gives every class the same share of the loss, 0 every frame; see Cui et al., "Class-Balanced Loss
            Based on Effective Number of Samples" (CVPR 2019), on why a share between them may be best.
    """
    counts = torch.bincount(labels, minlength=classes).clamp(min=1).float()
    rarity = counts**balance
    return counts.sum() / ((counts / rarity).sum() * rarity)


class Classification(training.Task):
    """Which class a frame shows."""

    def __init__(
        self,
        train: Frames,
        validation: Frames,
        classes: int,
        loss: Loss,
        settings: Train,
        taught: Taught | None = None,
    ) -> None:
        self._train, self._validation, self._taught = train, validation, taught
        self._strength = strength_of(settings)
        self.steps = math.ceil(len(train.labels) / settings.batch_size)
        weights = class_weights(train.labels, classes, loss.class_balance)
        self.criterion = nn.CrossEntropyLoss(weights, label_smoothing=loss.label_smoothing)

    def batches(self, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        """Every training frame once, augmented; where a teacher teaches, its frames take the place of some batches."""
        order = torch.randperm(len(self._train.labels), generator=generator)
        # Chunks of nearly one size: a last batch of one frame would break BatchNorm.
        for rows in order.tensor_split(self.steps):
            frames, targets = self._train, self._train.labels
            if self._taught and torch.rand(1, generator=generator) < self._taught.share:
                frames, targets = self._taught.frames, self._taught.targets
                rows = torch.randint(len(targets), rows.shape, generator=generator)
            inputs = augment(frames.pictures(rows), frames.views.shape[-1], self._strength, generator)
            yield inputs, targets[rows.to(targets.device)]

    def validate(self, network: nn.Module) -> dict[str, float]:
        """Loss, errors, accuracy and balanced accuracy; nothing where no frame could be spared."""
        labels = self._validation.labels
        if not len(labels):
            return {}
        logits = network(self._validation.views)
        correct = (logits.argmax(1) == labels).float()
        recalls = [correct[labels == label].mean() for label in labels.unique()]
        return {
            "validation/loss": float(self.criterion(logits, labels)),
            "validation/errors": float((correct == 0).sum()),
            "validation/accuracy": float(correct.mean()),
            "validation/balanced_accuracy": float(torch.stack(recalls).mean()),
        }

    def data(self) -> list[Tensor]:
        """The views and labels of both sets, and what the teacher takes the others for."""
        seen = [part for one in (self._train, self._validation) for part in (one.views, one.labels)]
        return [*seen, self._taught.frames.views, self._taught.targets] if self._taught else seen
