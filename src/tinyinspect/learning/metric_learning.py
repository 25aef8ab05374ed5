"""Metric learning for the anomaly gate: normal frames against abnormal pictures of many sources.

Every normal frame is seen once an epoch, and a set number of abnormal pictures with it, each source as often as the
others however many pictures it has. The last epoch's average is kept: an earlier one that looks best on a few dozen
held-out frames measured far worse on new sources.
"""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn

from tinyinspect.config.metric import Metric, Targets
from tinyinspect.config.train import Train
from tinyinspect.learning import training
from tinyinspect.learning.augmentation import augment, strength_of
from tinyinspect.learning.classification import split_validation
from tinyinspect.learning.devices import device_of
from tinyinspect.learning.frames import Frames, frames_of
from tinyinspect.learning.losses import loss_of
from tinyinspect.models.mobilenetv2_metric import MobileNetV2Metric
from tinyinspect.selection.labelled import Labelled

BATCH = 64  # views embedded at a time in validation


def fit(
    network: MobileNetV2Metric,
    normals: Labelled,
    abnormals: dict[str, Labelled],
    metric: Metric,
    settings: Train,
    seed: int,
    resume_path: Path,
) -> Iterator[dict[str, float]]:
    """Train a metric model in place, yielding the measures of every epoch; see :func:`training.fit`.

    Args:
        network: (n, 3, input_size, input_size) float32 in [0, 1] to embeddings.
        normals: to train on and, a part held out, to validate with.
        abnormals: by split, ``train`` and ``validation``; the labels are their sources.
        metric: the loss and what it is given.
        settings: how to train.
        seed: of the validation rows, the loss's centres and all draws.
        resume_path: where an unfinished training waits.
    """
    device = device_of(settings.device)
    size = network.input_size
    frames = frames_of(normals, size, device)
    training_rows, held_rows = split_validation(normals.labels, settings.validation_fraction, seed)
    torch.manual_seed(seed)
    task = MetricLearning(
        normals=frames.take(training_rows),
        abnormals=frames_of(abnormals["train"], size, device),
        held_out=(frames.take(held_rows).views, frames_of(abnormals["validation"], size, device).views),
        metric=metric,
        settings=settings,
        embedding=network.head.out_features,
    )
    yield from training.fit(network.to(device), task, settings, seed, resume_path)


class MetricLearning(training.Task):
    """How near to the normal frames' mean embedding a picture lies."""

    def __init__(
        self,
        normals: Frames,
        abnormals: Frames,
        held_out: tuple[Tensor, Tensor],
        metric: Metric,
        settings: Train,
        embedding: int,
    ) -> None:
        self._normals, self._abnormals, self._held_out = normals, abnormals, held_out
        self._strength = strength_of(settings)
        self._negatives = max(1, round(len(normals.labels) * metric.negatives_per_positive))
        self.steps = max(1, round((len(normals.labels) + self._negatives) / settings.batch_size))
        sources = abnormals.labels.unique(return_inverse=True)[1]
        self._rows = [torch.nonzero(sources == source).flatten().cpu() for source in sources.unique()]
        self._targets = 1 + sources if metric.targets is Targets.SOURCES else torch.ones_like(sources)
        classes = 1 + int(self._targets.max())
        self.criterion = loss_of(metric, classes, embedding, settings.label_smoothing).to(normals.labels.device)

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
        """AUROC of held-out normals against abnormal sources that are not trained on."""
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
