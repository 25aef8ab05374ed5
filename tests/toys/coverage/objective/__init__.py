"""Regression."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import Tensor, nn

from tinyinspect.config.section import ModelSettings
from tinyinspect.config.train import Train
from tinyinspect.learning import training
from tinyinspect.learning.augmentation import augment, strength_of
from tinyinspect.learning.features import Features
from tinyinspect.learning.frames import Frames, frames_of
from tinyinspect.models.checkpoint import build
from tinyinspect.selection.labelled import frames_folder, read_labelled


class Regression(training.Task):
    """The number that a frame's class stands for."""

    def __init__(self, frames: Frames, covered: list[float], settings: Train) -> None:
        self._frames, self._numbers, self._strength = frames, torch.tensor(covered), strength_of(settings)
        self.steps, self.criterion = max(1, len(frames.labels) // settings.batch_size), nn.MSELoss()

    def batches(self, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        """Every frame once, augmented."""
        for rows in torch.randperm(len(self._frames.labels), generator=generator).tensor_split(self.steps):
            inputs = augment(self._frames.pictures(rows), self._frames.views.shape[-1], self._strength, generator)
            yield inputs, self._numbers[self._frames.labels[rows]][:, None]

    def validate(self, network: nn.Module) -> dict[str, float]:
        """Nothing: the last epoch is kept."""
        return {}

    def data(self) -> list[Tensor]:
        """The views and labels."""
        return [self._frames.views, self._frames.labels]


def network(model: ModelSettings, *, classes: list[str], task: Any) -> Any:
    """Of one number."""
    return build(model, 1)


def fit(
    network: Any,
    dataset: Path,
    *,
    classes: list[str],
    task: Any,
    loss: Any,
    train: Train,
    seed: int,
    resume: Path,
    features: Features,
) -> Iterator[dict[str, float]]:
    """Train."""
    labelled = read_labelled(frames_folder(dataset, "train"), classes)
    frames = frames_of(labelled, network.input_size, torch.device("cpu"))
    yield from training.fit(network, Regression(frames, task.covered, train), train, seed, resume)


def held_out(
    make: Callable[[], Any],
    dataset: Path,
    *,
    classes: list[str],
    task: Any,
    loss: Any,
    train: Train,
    seed: int,
    resume: Path,
    features: Features,
) -> pd.DataFrame:
    """Nothing is decided on held-out frames."""
    return pd.DataFrame()
