"""Self-supervised pretraining of the backbone on all frames.

SimCLR (Chen et al., 2020) and VICReg (Bardes et al., 2022) have lightly's losses and projection heads. The third method
is distillation, from a teacher. The views of a frame are drawn by our own batched augmentation, so that a step costs
what the network costs.

Several processes, one a GPU, may share each step: the contrast is between all its frames, and batches are normalised by
the share of each process, of which the first one's statistics are kept.
"""

import copy
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice
from typing import Any

import numpy as np
import torch
from lightly.loss import NTXentLoss, VICRegLoss
from lightly.models.modules.heads import SimCLRProjectionHead, VICRegProjectionHead
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from tinyinspect.config.pretrain import Pretrain, SslMethod
from tinyinspect.errors import InputError
from tinyinspect.learning.ahead import ahead
from tinyinspect.learning.augmentation import Strength, augment
from tinyinspect.learning.distillation import Distillation
from tinyinspect.learning.processes import in_processes, place
from tinyinspect.learning.sources import DETAIL, Sources

# Stronger than in training: views of a frame must share nothing but what the frame shows.
STRENGTH = Strength(min_scale=0.25, rotation=30, colour_jitter=0.5, noise=0.03)
HIDDEN, PROJECTED = 128, 64  # width of the projection head, which is thrown away


def pretrain(
    backbone: nn.Module,
    sources: Sources,
    settings: Pretrain,
    device: torch.device,
    seed: int,
    taught: Tensor | None = None,
) -> Iterator[float]:
    """Train a backbone in place, yielding the mean loss of every epoch.

    Args:
        backbone: (n, 3, size, size) float32 in [0, 1] to features (n, d).
        sources: the frames to learn from.
        settings: method, epochs, batch size, rate, processes.
        device: to train on.
        seed: of views, order and head.
        taught: the teacher's embeddings of the sources, (n, d) float16; distillation alone needs them.

    Raises:
        InputError: Steps are too small for so many processes, or as :func:`in_processes`.
    """
    given = backbone, sources, settings, seed, taught
    if settings.processes == 1:
        yield from _train(device, *given)
        return
    if len(sources) // _steps(sources, settings) < 2 * settings.processes:
        raise InputError(
            f"pretrain.processes is {settings.processes}, and each takes at least two frames of a step, which has "
            f"{len(sources) // _steps(sources, settings)}; lower it, or raise pretrain.batch_size or extract.fps"
        )
    yield from in_processes(_train_together, settings.processes, device, *given)


def _train_together(device: torch.device, backbone: nn.Module, *given: Any) -> Iterator[float]:
    own = copy.deepcopy(backbone)  # the given one is that of all processes
    yield from _train(device, own, *given)
    if place()[0] == 0:
        backbone.load_state_dict(own.state_dict())


def _steps(sources: Sources, settings: Pretrain) -> int:
    """Of an epoch."""
    return max(1, round(len(sources) / settings.batch_size))


def _train(
    device: torch.device, backbone: nn.Module, sources: Sources, settings: Pretrain, seed: int, taught: Tensor | None
) -> Iterator[float]:
    """As :func:`pretrain`; of several processes, each takes its share of each step."""
    number, count = place()
    size = sources.side // DETAIL
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    drawing = generator if count == 1 else torch.Generator().manual_seed(seed + 1 + number)
    backbone.to(device).train()
    objective = _objective(settings.method, _features(backbone, size, device), taught).to(device)
    weights = [*backbone.parameters(), *objective.parameters()]
    optimizer = torch.optim.AdamW(weights, settings.learning_rate, weight_decay=settings.weight_decay)
    batches = _steps(sources, settings)
    total = settings.epochs * batches
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, settings.learning_rate, total_steps=total)
    learner: nn.Module = _Learner(backbone, objective)
    if count > 1:
        learner = DistributedDataParallel(learner)

    def views() -> Iterator[tuple[list[Tensor], Tensor]]:
        for _ in range(settings.epochs):
            for step in torch.randperm(len(sources), generator=generator).tensor_split(batches):
                rows = step[: len(step) // count * count].tensor_split(count)[number]  # shares of one size
                pictures = torch.from_numpy(sources[rows.numpy()]).to(device)
                yield [augment(pictures, size, STRENGTH, drawing) for _ in range(objective.views)], rows

    with closing(ahead(views())) as drawn:
        for _ in range(settings.epochs):
            losses = []
            for seen, rows in islice(drawn, batches):
                loss = learner(seen, rows)
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                optimizer.step()
                schedule.step()
                losses.append(loss.item())
            yield float(np.mean(losses))


class _Learner(nn.Module):
    """The backbone and the objective as one module, whose gradients several processes share."""

    def __init__(self, backbone: nn.Module, objective: nn.Module) -> None:
        super().__init__()
        self.backbone, self.objective = backbone, objective

    def forward(self, seen: list[Tensor], rows: Tensor) -> Tensor:
        """The loss of the views of the frames at these rows."""
        return self.objective((self.backbone(view) for view in seen), rows)


class _Contrast(nn.Module):
    """A loss of lightly's between the projections of two views."""

    views = 2

    def __init__(self, head: nn.Module, loss: nn.Module) -> None:
        super().__init__()
        self.head, self.loss = head, loss

    def forward(self, features: Iterable[Tensor], rows: Tensor) -> Tensor:
        """The loss; which frames they are plays no part in it."""
        return self.loss(*(self.head(one) for one in features))


def _objective(method: SslMethod, features: int, taught: Tensor | None) -> _Contrast | Distillation:
    match method:
        case SslMethod.SIMCLR:
            loss = NTXentLoss(temperature=0.1, gather_distributed=True)
            return _Contrast(SimCLRProjectionHead(features, HIDDEN, PROJECTED), loss)
        case SslMethod.VICREG:
            loss = VICRegLoss(gather_distributed=True)
            return _Contrast(VICRegProjectionHead(features, HIDDEN, PROJECTED, num_layers=2), loss)
        case SslMethod.DISTILL:
            assert taught is not None
            return Distillation(features, taught)


def _features(backbone: nn.Module, size: int, device: torch.device) -> int:
    return backbone(torch.zeros(2, 3, size, size, device=device)).shape[1]
