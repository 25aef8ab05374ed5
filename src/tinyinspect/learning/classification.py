"""Supervised training of the classifier on a few hundred frames, all in memory.

AdamW with a one-cycle rate, class weights, label smoothing and an exponential moving average of the weights; the epoch
that is kept is the one with the lowest validation loss of that average.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parameters_to_vector
from torch.optim.swa_utils import AveragedModel

from tinyinspect import config
from tinyinspect.learning.augmentation import Strength, augment
from tinyinspect.learning.devices import device_of
from tinyinspect.learning.resume import ResumeFile, fingerprint
from tinyinspect.models.resnet9 import ResNet9
from tinyinspect.selection.labelled import Labelled

MOST_DETAIL = 4  # recorded pixels per model pixel and axis that are kept in memory


@dataclass(frozen=True)
class Frames:
    """Labelled frames as tensors on the training device.

    Attributes:
        sources: (n, 3, side, side) uint8, side >= size, to draw augmented views from.
        views: (n, 3, size, size) float32 in [0, 1], exactly what the camera's model sees.
        labels: (n,) int64.
    """

    sources: Tensor
    views: Tensor
    labels: Tensor

    def take(self, rows: NDArray[np.int64]) -> "Frames":
        """The frames at these rows."""
        index = torch.from_numpy(rows).to(self.labels.device)
        return Frames(self.sources[index], self.views[index], self.labels[index])


@dataclass
class Progress:
    """All of a training that a resumed one needs."""

    network: nn.Module
    average: AveragedModel
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.OneCycleLR
    generator: torch.Generator
    best_loss: float = math.inf
    best_state: dict[str, Tensor] = field(default_factory=dict)
    history: list[dict[str, float]] = field(default_factory=list)

    @property
    def epoch(self) -> int:
        """Epochs done."""
        return len(self.history)

    def state(self) -> dict[str, object]:
        """Everything, as tensors and plain values."""
        return {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "generator": self.generator.get_state(),
            "best_loss": self.best_loss,
            "best_state": self.best_state,
            "history": self.history,
        }

    def restore(self, state: dict) -> None:
        """Take up what :meth:`state` gave."""
        for part in ("network", "average", "optimizer", "schedule"):
            getattr(self, part).load_state_dict(state[part])
        self.generator.set_state(state["generator"])
        self.best_loss, self.best_state, self.history = state["best_loss"], state["best_state"], state["history"]


def begin(network: nn.Module, frames: int, settings: config.Train, seed: int) -> Progress:
    """A training at its start."""
    optimizer = torch.optim.AdamW(
        network.parameters(), settings.learning_rate, weight_decay=settings.weight_decay, fused=True
    )
    steps = settings.epochs * math.ceil(frames / settings.batch_size)
    return Progress(
        network=network,
        average=AveragedModel(network, multi_avg_fn=_warmed_average(settings.ema_decay), use_buffers=True),
        optimizer=optimizer,
        schedule=torch.optim.lr_scheduler.OneCycleLR(optimizer, settings.learning_rate, total_steps=steps),
        generator=torch.Generator().manual_seed(seed),
    )


def _warmed_average(decay: float) -> Callable[[Sequence[Tensor], Sequence[Tensor], Tensor | int], None]:
    """Exponential moving average that forgets its start: the first BatchNorm statistics would linger for long."""

    @torch.no_grad()
    def update(averages: Sequence[Tensor], currents: Sequence[Tensor], steps: Tensor | int) -> None:
        count = float(steps)
        share = 1 - min(decay, (1 + count) / (10 + count))
        for average, current in zip(averages, currents, strict=True):
            if average.is_floating_point():
                average.lerp_(current, share)
            else:
                average.copy_(current)

    return update


def split_validation(labels: NDArray[np.int64], fraction: float, seed: int) -> tuple[NDArray, NDArray]:
    """Rows for training and for validation: of every class its fraction, one at least, but never its only frame."""
    random = np.random.default_rng(seed)
    held = []
    for label in np.unique(labels):
        rows = random.permutation(np.flatnonzero(labels == label))
        held.append(rows[: min(max(1, round(fraction * len(rows))), len(rows) - 1)])
    validation = np.sort(np.concatenate(held))
    return np.setdiff1d(np.arange(len(labels)), validation), validation


def fit(
    network: ResNet9,
    labelled: Labelled,
    settings: config.Train,
    seed: int,
    resume_path: Path,
) -> Iterator[dict[str, float]]:
    """Train a network in place, yielding the measures of every epoch; it ends with the best epoch's weights.

    Args:
        network: (n, 3, input_size, input_size) float32 in [0, 1] to logits.
        labelled: the frames to train on and to validate with.
        settings: how to train.
        seed: of the validation rows and all draws.
        resume_path: where an unfinished training waits; one of the same settings, frames and weights goes on, and
            yields its earlier epochs' measures first.
    """
    device = device_of(settings.device)
    frames = frames_of(labelled, network.input_size, device)
    training_rows, validation_rows = split_validation(labelled.labels, settings.validation_fraction, seed)
    train, validation = frames.take(training_rows), frames.take(validation_rows)
    start = parameters_to_vector(network.state_dict().values()).cpu()
    key = fingerprint(f"{settings!r} {seed}", frames.views.cpu(), labelled.labels, start)
    resume = ResumeFile(resume_path, key)
    progress = begin(network.to(device), len(training_rows), settings, seed)
    if (state := resume.load()) is not None:
        progress.restore(state)
    yield from progress.history
    weights = class_weights(train.labels)
    while progress.epoch < settings.epochs:
        yield _advance(progress, train, validation, weights, settings)
        resume.save_now_and_then(progress.state())
    network.load_state_dict(progress.best_state)
    resume.clear()


def _advance(
    progress: Progress, train: Frames, validation: Frames, weights: Tensor, settings: config.Train
) -> dict[str, float]:
    loss = _epoch(progress, train, weights, settings)
    measures = {"train/loss": loss, **_validate(progress.average.module, validation, weights, settings)}
    if measures["validation/loss"] <= progress.best_loss:
        progress.best_loss = measures["validation/loss"]
        progress.best_state = {name: value.clone() for name, value in progress.average.module.state_dict().items()}
    progress.history.append(measures)
    return measures


def frames_of(labelled: Labelled, size: int, device: torch.device) -> Frames:
    """Frames as tensors: sources to augment from, and the views that the model will see."""

    def tensor(pixels: NDArray[np.uint8]) -> Tensor:
        return torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous().to(device)

    recorded = min(min(picture.shape[:2]) for picture in labelled.pictures)
    side = min(max(recorded, size), MOST_DETAIL * size)
    return Frames(
        sources=tensor(labelled.views(side)),
        views=tensor(labelled.views(size)).float() / 255,
        labels=torch.from_numpy(labelled.labels).to(device),
    )


def class_weights(labels: Tensor) -> Tensor:
    """Weights that give every class the same share of the loss, (classes,) float32 of mean 1 over the frames."""
    counts = torch.bincount(labels).clamp(min=1).float()
    return counts.sum() / (len(counts) * counts)


def _epoch(progress: Progress, train: Frames, weights: Tensor, settings: config.Train) -> float:
    strength = Strength(settings.min_scale, settings.rotation, settings.colour_jitter, settings.noise)
    progress.network.train()
    order = torch.randperm(len(train.labels), generator=progress.generator)
    total = 0.0
    # Chunks of nearly one size: a last batch of one frame would break BatchNorm.
    for rows in order.tensor_split(math.ceil(len(order) / settings.batch_size)):
        rows = rows.to(train.labels.device)
        inputs = augment(train.sources[rows], train.views.shape[-1], strength, progress.generator)
        smoothing = settings.label_smoothing
        loss = F.cross_entropy(progress.network(inputs), train.labels[rows], weights, label_smoothing=smoothing)
        progress.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        progress.optimizer.step()
        progress.schedule.step()
        progress.average.update_parameters(progress.network)
        total += float(loss.detach()) * len(rows)
    return total / len(order)


@torch.no_grad()
def _validate(network: nn.Module, validation: Frames, weights: Tensor, settings: config.Train) -> dict[str, float]:
    network.eval()
    logits = network(validation.views)
    # Smoothed as in training: against hard labels the overconfident middle of a training would look best.
    loss = F.cross_entropy(logits, validation.labels, weights, label_smoothing=settings.label_smoothing)
    correct = (logits.argmax(1) == validation.labels).float()
    recalls = [correct[validation.labels == label].mean() for label in validation.labels.unique()]
    return {
        "validation/loss": float(loss),
        "validation/accuracy": float(correct.mean()),
        "validation/balanced_accuracy": float(torch.stack(recalls).mean()),
    }
