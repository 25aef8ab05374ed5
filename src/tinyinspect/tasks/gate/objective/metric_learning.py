"""Metric learning for the anomaly gate: normal frames against abnormal pictures of many sources.

Every normal frame is seen once an epoch, and a set number of abnormal pictures with it, each source as often as the
others however many pictures it has. The last epoch's average is kept: an earlier one that looks best on a few dozen
held-out frames measured far worse on new sources.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn

from tinyinspect.config.section import ModelSettings
from tinyinspect.config.train import Train
from tinyinspect.learning import training
from tinyinspect.learning.augmentation import augment, strength_of
from tinyinspect.learning.devices import device_of
from tinyinspect.learning.features import Features
from tinyinspect.learning.frames import Frames, frames_of
from tinyinspect.models.checkpoint import build
from tinyinspect.models.frame_numbers import WithFrameNumbers
from tinyinspect.selection.labelled import VALIDATION, frames_folder, read_labelled
from tinyinspect.tasks.gate.objective.losses import loss_of
from tinyinspect.tasks.gate.pictures import abnormal_folder, is_near, read_abnormals
from tinyinspect.tasks.gate.settings import Loss, Targets, Task

BATCH = 64  # views embedded at a time in validation


def network(model: ModelSettings, *, classes: list[str], task: Task) -> Any:
    """A network of embeddings, with frame numbers behind them where the task has a frame test."""
    made = build(model, task.embedding)
    return WithFrameNumbers(made) if task.frame_test else made


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
    """Train a metric model in place, yielding the measures of every epoch; see :func:`training.fit`.

    Args:
        network: of :func:`network`; where it gives frame numbers, they are fitted to the normal frames at the end.
        dataset: its training and validation pictures are read.
        classes: of the labelled frames.
        task: the section of the parameters.
        loss: the section of the parameters.
        train: how to train.
        seed: of the loss's centres and all draws.
        resume: where an unfinished training waits.
        features: of a teacher, who labels no frame of a gate.

    Raises:
        InputError: As :func:`read_labelled` and :func:`read_abnormals`.
    """
    device, size = device_of(train.device), network.input_size

    def normal(split: str) -> Frames:
        frames = read_labelled(frames_folder(dataset, split), task.normal_classes, needed=split == "train")
        return frames_of(frames, size, device)

    def abnormal(split: str) -> tuple[Frames, list[str]]:
        pictures, names = read_abnormals(abnormal_folder(dataset, split))
        return frames_of(pictures, size, device), names

    torch.manual_seed(seed)
    abnormals, sources = abnormal("train")
    objective = MetricLearning(
        normals=normal("train"),
        abnormals=abnormals,
        sources=sources,
        held_out=(normal(VALIDATION).views, abnormal(VALIDATION)[0].views),
        loss=loss,
        settings=train,
        embedding=network.head.out_features,
    )
    yield from training.fit(network.to(device), objective, train, seed, resume)
    if task.frame_test:
        network.standardize(normal("train").views)


class MetricLearning(training.Task):
    """How near to the normal frames' mean embedding a picture lies."""

    def __init__(
        self,
        normals: Frames,
        abnormals: Frames,
        sources: list[str],
        held_out: tuple[Tensor, Tensor],
        loss: Loss,
        settings: Train,
        embedding: int,
    ) -> None:
        self._normals, self._abnormals, self._held_out = normals, abnormals, held_out
        self._strength = strength_of(settings)
        self._negatives = max(1, round(len(normals.labels) * loss.negatives_per_positive))
        self.steps = max(1, round((len(normals.labels) + self._negatives) / settings.batch_size))
        present, numbers = abnormals.labels.unique(return_inverse=True)
        rows = [torch.nonzero(numbers == number).flatten().cpu() for number in numbers.unique()]
        near = [is_near(sources[label]) for label in present.tolist()]
        self._near = [one for one, is_one in zip(rows, near, strict=True) if is_one]
        self._others = [one for one, is_one in zip(rows, near, strict=True) if not is_one]
        self._targets = 1 + numbers if loss.targets is Targets.SOURCES else torch.ones_like(numbers)
        classes = 1 + int(self._targets.max())
        self.criterion = loss_of(loss, classes, embedding).to(normals.labels.device)

    def batches(self, generator: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        """Every normal frame once and the abnormal pictures drawn for it, augmented."""
        positives = torch.randperm(len(self._normals.labels), generator=generator).tensor_split(self.steps)
        negatives = self._drawn(generator).tensor_split(self.steps)
        size = self._normals.views.shape[-1]
        for normal, abnormal in zip(positives, negatives, strict=True):
            # A normal frame that the augmentation overexposes would teach that overexposed frames are normal.
            inputs = [
                augment(frames.pictures(rows), size, self._strength, generator, keep_highlights=frames is self._normals)
                for frames, rows in ((self._normals, normal), (self._abnormals, abnormal))
            ]
            yield torch.cat(inputs), self.targets_of(normal, abnormal)

    def targets_of(self, normal: Tensor, abnormal: Tensor) -> Tensor:
        """Targets (n + m,) of normal frames and abnormal pictures, of their rows (n,) and (m,)."""
        targets = self._targets[abnormal.to(self._targets.device)]
        return torch.cat([targets.new_zeros(len(normal)), targets])

    def _drawn(self, generator: torch.Generator) -> Tensor:
        """Rows of abnormal pictures: what looks like the normals as often as all the rest, where there is any."""
        pools = [pool for pool in (self._others, self._near) if pool]
        share = -(-self._negatives // len(pools))
        drawn = torch.cat([_in_turn(pool, share, generator) for pool in pools])
        return drawn[torch.randperm(len(drawn), generator=generator)][: self._negatives]

    def validate(self, network: nn.Module) -> dict[str, float]:
        """AUROC of held-out normals against abnormal sources that are not trained on; nothing where there are none."""
        if not all(len(views) for views in self._held_out):
            return {}
        normal, abnormal = (embedded(network, views) for views in self._held_out)
        centroid = normal.mean(0)
        scores = torch.cat([normal, abnormal]) @ centroid
        truth = np.arange(len(scores)) < len(normal)
        return {"validation/auroc": float(roc_auc_score(truth, scores.cpu().numpy()))}

    def data(self) -> list[Tensor]:
        """The views of all sets."""
        return [self._normals.views, self._abnormals.views, self._abnormals.labels, *self._held_out]


def _in_turn(sources: list[Tensor], count: int, generator: torch.Generator) -> Tensor:
    """So many rows: the sources take turns, each goes through its pictures in an order of its own."""
    each = math.ceil(count / len(sources))
    turns = [
        torch.cat([rows[torch.randperm(len(rows), generator=generator)] for _ in range(-(-each // len(rows)))])
        for rows in sources
    ]
    drawn = torch.stack([turn[:each] for turn in turns], 1).flatten()
    return drawn[torch.randperm(len(drawn), generator=generator)][:count]


def outputs_of(network: nn.Module, views: Tensor) -> Tensor:
    """Outputs, (n, k), of views (n, 3, size, size)."""
    return torch.cat([network(batch) for batch in views.split(BATCH)])


def embedded(network: Any, views: Tensor) -> Tensor:
    """Embeddings of length 1, (n, d), of views (n, 3, size, size)."""
    return nn.functional.normalize(outputs_of(network, views)[:, : network.head.out_features], dim=1)
