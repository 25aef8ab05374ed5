"""Supervised training of the classifier on a few hundred frames, all in memory: class weights and label smoothing."""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tinyinspect.config.train import Train
from tinyinspect.learning import training
from tinyinspect.learning.augmentation import augment, strength_of
from tinyinspect.learning.devices import device_of
from tinyinspect.learning.frames import Frames, frames_of
from tinyinspect.models.resnet9 import ResNet9
from tinyinspect.selection.labelled import Labelled


def fit(
    network: ResNet9,
    labelled: Labelled,
    settings: Train,
    seed: int,
    resume_path: Path,
) -> Iterator[dict[str, float]]:
    """Train a classifier in place, yielding the measures of every epoch; see :func:`training.fit`.

    Args:
        network: (n, 3, input_size, input_size) float32 in [0, 1] to logits.
        labelled: the frames to train on and to validate with.
        settings: how to train.
        seed: of the validation rows and all draws.
        resume_path: where an unfinished training waits.
    """
    device = device_of(settings.device)
    frames = frames_of(labelled, network.input_size, device)
    training_rows, validation_rows = split_validation(labelled.labels, settings.validation_fraction, seed)
    task = Classification(frames.take(training_rows), frames.take(validation_rows), settings)
    yield from training.fit(network.to(device), task, settings, seed, resume_path)


def split_validation(labels: NDArray[np.int64], fraction: float, seed: int) -> tuple[NDArray, NDArray]:
    """Rows for training and for validation: of every class its fraction, one at least, but never its only frame."""
    random = np.random.default_rng(seed)
    held = []
    for label in np.unique(labels):
        rows = random.permutation(np.flatnonzero(labels == label))
        held.append(rows[: min(max(1, round(fraction * len(rows))), len(rows) - 1)])
    validation = np.sort(np.concatenate(held))
    return np.setdiff1d(np.arange(len(labels)), validation), validation


def class_weights(labels: Tensor) -> Tensor:
    """Weights that give every class the same share of the loss, (classes,) float32 of mean 1 over the frames."""
    counts = torch.bincount(labels).clamp(min=1).float()
    return counts.sum() / (len(counts) * counts)


class Classification(training.Task):
    """Which class a frame shows."""

    def __init__(self, train: Frames, validation: Frames, settings: Train) -> None:
        self._train, self._validation, self._strength = train, validation, strength_of(settings)
        self.steps = math.ceil(len(train.labels) / settings.batch_size)
        self.criterion = nn.CrossEntropyLoss(class_weights(train.labels), label_smoothing=settings.label_smoothing)

    def batches(self, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        """Every training frame once, augmented."""
        order = torch.randperm(len(self._train.labels), generator=generator)
        # Chunks of nearly one size: a last batch of one frame would break BatchNorm.
        for rows in order.tensor_split(self.steps):
            inputs = augment(self._train.pictures(rows), self._train.views.shape[-1], self._strength, generator)
            yield inputs, self._train.labels[rows.to(self._train.labels.device)]

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
        """The views and labels of both sets."""
        return [part for one in (self._train, self._validation) for part in (one.views, one.labels)]
