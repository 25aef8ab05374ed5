"""Metric learning for the anomaly gate: normal frames against abnormal pictures of many sources.

Every normal frame is seen once an epoch, and a set number of abnormal pictures with it, each source as often as the
others however many pictures it has. The last epoch's average is kept: an earlier one that looks best on a few dozen
held-out frames measured far worse on new sources.
"""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn

from tinyinspect.config.train import Train
from tinyinspect.learning import training
from tinyinspect.learning.augmentation import augment, strength_of
from tinyinspect.learning.devices import device_of
from tinyinspect.learning.frames import Frames, frames_of
from tinyinspect.selection.labelled import VALIDATION, frames_folder, read_labelled
from tinyinspect.tasks.gate.objective.losses import loss_of
from tinyinspect.tasks.gate.pictures import abnormal_folder, read_abnormals
from tinyinspect.tasks.gate.settings import Loss, Targets, Task

BATCH = 64  # views embedded at a time in validation


def outputs(*, classes: list[str], task: Task) -> int:
    """The numbers of an embedding."""
    return task.embedding


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
) -> Iterator[dict[str, float]]:
    """Train a metric model in place, yielding the measures of every epoch; see :func:`training.fit`.

    Args:
        network: (n, 3, input_size, input_size) float32 in [0, 1] to embeddings.
        dataset: its training and validation pictures are read.
        classes: of the labelled frames.
        task: the section of the parameters.
        loss: the section of the parameters.
        train: how to train.
        seed: of the loss's centres and all draws.
        resume: where an unfinished training waits.

    Raises:
        InputError: As :func:`read_labelled` and :func:`read_abnormals`.
    """
    device, size = device_of(train.device), network.input_size

    def normal(split: str) -> Frames:
        frames = read_labelled(frames_folder(dataset, split), task.normal_classes, needed=split == "train")
        return frames_of(frames, size, device)

    def abnormal(split: str) -> Frames:
        return frames_of(read_abnormals(abnormal_folder(dataset, split))[0], size, device)

    torch.manual_seed(seed)
    objective = MetricLearning(
        normals=normal("train"),
        abnormals=abnormal("train"),
        held_out=(normal(VALIDATION).views, abnormal(VALIDATION).views),
        loss=loss,
        settings=train,
        embedding=network.head.out_features,
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
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Nothing: a gate decides on the frames and sources of validation."""
    return np.zeros(0, np.int64), np.zeros((0, task.embedding), np.float32)


class MetricLearning(training.Task):
    """How near to the normal frames' mean embedding a picture lies."""

    def __init__(
        self,
        normals: Frames,
        abnormals: Frames,
        held_out: tuple[Tensor, Tensor],
        loss: Loss,
        settings: Train,
        embedding: int,
    ) -> None:
        self._normals, self._abnormals, self._held_out = normals, abnormals, held_out
        self._strength = strength_of(settings)
        self._negatives = max(1, round(len(normals.labels) * loss.negatives_per_positive))
        self.steps = max(1, round((len(normals.labels) + self._negatives) / settings.batch_size))
        sources = abnormals.labels.unique(return_inverse=True)[1]
        self._rows = [torch.nonzero(sources == source).flatten().cpu() for source in sources.unique()]
        self._targets = 1 + sources if loss.targets is Targets.SOURCES else torch.ones_like(sources)
        classes = 1 + int(self._targets.max())
        self.criterion = loss_of(loss, classes, embedding).to(normals.labels.device)

    def batches(self, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        """Every normal frame once and the abnormal pictures drawn for it, augmented."""
        positives = torch.randperm(len(self._normals.labels), generator=generator).tensor_split(self.steps)
        negatives = self._drawn(generator).tensor_split(self.steps)
        size = self._normals.views.shape[-1]
        for normal, abnormal in zip(positives, negatives, strict=True):
            inputs = [
                augment(frames.pictures(rows), size, self._strength, generator)
                for frames, rows in ((self._normals, normal), (self._abnormals, abnormal))
            ]
            targets = self._targets[abnormal.to(self._targets.device)]
            yield torch.cat(inputs), torch.cat([targets.new_zeros(len(normal)), targets])

    def _drawn(self, generator: torch.Generator) -> Tensor:
        """Rows of abnormal pictures: the sources take turns, each goes through its pictures in an order of its own."""
        each = math.ceil(self._negatives / len(self._rows))
        turns = [
            torch.cat([rows[torch.randperm(len(rows), generator=generator)] for _ in range(-(-each // len(rows)))])
            for rows in self._rows
        ]
        drawn = torch.stack([turn[:each] for turn in turns], 1).flatten()
        return drawn[torch.randperm(len(drawn), generator=generator)][: self._negatives]

    def validate(self, network: nn.Module) -> dict[str, float]:
        """AUROC of held-out normals against abnormal sources that are not trained on; nothing where there are none."""
        if not all(len(views) for views in self._held_out):
            return {}
        normal, abnormal = (_unit(network, views) for views in self._held_out)
        centroid = normal.mean(0)
        scores = torch.cat([normal, abnormal]) @ centroid
        truth = np.arange(len(scores)) < len(normal)
        return {"validation/auroc": float(roc_auc_score(truth, scores.cpu().numpy()))}

    def data(self) -> list[Tensor]:
        """The views of all sets."""
        return [self._normals.views, self._abnormals.views, self._abnormals.labels, *self._held_out]


def _unit(network: nn.Module, views: Tensor) -> Tensor:
    return nn.functional.normalize(torch.cat([network(batch) for batch in views.split(BATCH)]), dim=1)
