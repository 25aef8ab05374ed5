"""Supervised training of the classifier on a few hundred frames, all in memory.

AdamW with a one-cycle rate, class weights, label smoothing, mixup (Zhang et al., 2017) and an exponential moving
average of the weights; the epoch that is kept is the one with the lowest validation loss of that average.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel

from tinyinspect import config
from tinyinspect.learning.augmentation import OVERSAMPLING, Strength, augment


@dataclass(frozen=True)
class Frames:
    """Labelled frames as tensors on the training device.

    Attributes:
        sources: (n, 3, OVERSAMPLING * size, OVERSAMPLING * size) uint8, to draw augmented views from.
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
    epoch: int = 0
    best_loss: float = math.inf
    best_state: dict[str, Tensor] | None = None

    def state(self) -> dict[str, object]:
        """Everything, as tensors and plain values."""
        return {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "generator": self.generator.get_state(),
            "epoch": self.epoch,
            "best_loss": self.best_loss,
            "best_state": self.best_state,
        }

    def restore(self, state: dict) -> None:
        """Take up what :meth:`state` gave."""
        for part in ("network", "average", "optimizer", "schedule"):
            getattr(self, part).load_state_dict(state[part])
        self.generator.set_state(state["generator"])
        self.epoch, self.best_loss, self.best_state = state["epoch"], state["best_loss"], state["best_state"]


def begin(network: nn.Module, frames: int, settings: config.Train, seed: int) -> Progress:
    """A training at its start."""
    optimizer = torch.optim.AdamW(network.parameters(), settings.learning_rate, weight_decay=settings.weight_decay)
    steps = settings.epochs * math.ceil(frames / settings.batch_size)
    return Progress(
        network=network,
        average=AveragedModel(network, multi_avg_fn=_warmed_average(settings.ema_decay), use_buffers=True),
        optimizer=optimizer,
        schedule=torch.optim.lr_scheduler.OneCycleLR(optimizer, settings.learning_rate, total_steps=steps),
        generator=torch.Generator().manual_seed(seed),
    )


def _warmed_average(decay: float) -> Callable[[list[Tensor], list[Tensor], Tensor], None]:
    """Exponential moving average that forgets its start: the first BatchNorm statistics would linger for long."""

    @torch.no_grad()
    def update(averages: list[Tensor], currents: list[Tensor], steps: Tensor) -> None:
        count = float(steps)
        share = 1 - min(decay, (1 + count) / (10 + count))
        for average, current in zip(averages, currents, strict=True):
            if average.is_floating_point():
                average.lerp_(current, share)
            else:
                average.copy_(current)

    return update


def split_validation(labels: NDArray[np.int64], fraction: float, seed: int) -> tuple[NDArray, NDArray]:
    """Rows for training and for validation, with every class in both where it has two frames or more."""
    rows = np.arange(len(labels))
    common = rows[np.bincount(labels)[labels] > 1]
    held = max(int(np.unique(labels[common]).size), round(fraction * len(rows)))
    _, validation = train_test_split(common, test_size=held, stratify=labels[common], random_state=seed)
    return np.setdiff1d(rows, validation), np.sort(validation)


def fit(progress: Progress, train: Frames, validation: Frames, settings: config.Train) -> Iterator[dict[str, float]]:
    """Train epoch by epoch from where `progress` stands, yielding the epoch's measures; the best weights end there."""
    weights = class_weights(train.labels)
    while progress.epoch < settings.epochs:
        loss = _epoch(progress, train, weights, settings)
        measures = {"train/loss": loss, **_validate(progress.average.module, validation, weights)}
        progress.epoch += 1
        if measures["validation/loss"] <= progress.best_loss:
            progress.best_loss = measures["validation/loss"]
            progress.best_state = {k: v.clone() for k, v in progress.average.module.state_dict().items()}
        yield measures


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
        inputs = augment(train.sources[rows], strength, progress.generator)
        loss = _mixed_loss(progress, inputs, train.labels[rows], weights, settings)
        progress.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        progress.optimizer.step()
        progress.schedule.step()
        progress.average.update_parameters(progress.network)
        total += float(loss.detach()) * len(rows)
    return total / len(order)


def _mixed_loss(
    progress: Progress, inputs: Tensor, labels: Tensor, weights: Tensor, settings: config.Train
) -> Tensor:
    share = _mixup_share(settings.mixup, progress.generator)
    other = torch.randperm(len(inputs), generator=progress.generator).to(inputs.device)
    logits = progress.network(share * inputs + (1 - share) * inputs[other])
    first, second = (
        F.cross_entropy(logits, target, weights, label_smoothing=settings.label_smoothing)
        for target in (labels, labels[other])
    )
    return share * first + (1 - share) * second


def _mixup_share(alpha: float, generator: torch.Generator) -> float:
    if alpha == 0:
        return 1.0
    first, second = torch._standard_gamma(torch.full((2,), alpha), generator=generator).tolist()
    return first / (first + second) if first + second else 1.0


@torch.no_grad()
def _validate(network: nn.Module, validation: Frames, weights: Tensor) -> dict[str, float]:
    network.eval()
    logits = network(validation.views)
    correct = (logits.argmax(1) == validation.labels).float()
    recalls = [correct[validation.labels == label].mean() for label in validation.labels.unique()]
    return {
        "validation/loss": float(F.cross_entropy(logits, validation.labels, weights)),
        "validation/accuracy": float(correct.mean()),
        "validation/balanced_accuracy": float(torch.stack(recalls).mean()),
    }
