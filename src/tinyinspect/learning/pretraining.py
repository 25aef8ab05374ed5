"""Self-supervised pretraining of the backbone on all frames.

SimCLR (Chen et al., 2020) and VICReg (Bardes et al., 2022) have lightly's losses and projection heads. The third method
is distillation, from a teacher. The views of a frame are drawn by our own batched augmentation, so that a step costs
what the network costs.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice

import numpy as np
import torch
from lightly.loss import NTXentLoss, VICRegLoss
from lightly.models.modules.heads import SimCLRProjectionHead, VICRegProjectionHead
from torch import Tensor, nn

from tinyinspect.config.pretrain import Pretrain, SslMethod
from tinyinspect.learning.ahead import ahead
from tinyinspect.learning.augmentation import Strength, augment
from tinyinspect.learning.distillation import Distillation
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
        settings: method, epochs, batch size, rate.
        device: to train on.
        seed: of views, order and head.
        taught: the teacher's embeddings of the sources, (n, d) float16; distillation alone needs them.
    """
    size = sources.side // DETAIL
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    backbone.to(device).train()
    objective = _objective(settings.method, _features(backbone, size, device), taught).to(device)
    weights = [*backbone.parameters(), *objective.parameters()]
    optimizer = torch.optim.AdamW(weights, settings.learning_rate, weight_decay=settings.weight_decay)
    batches = max(1, round(len(sources) / settings.batch_size))
    total = settings.epochs * batches
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, settings.learning_rate, total_steps=total)

    def views() -> Iterator[tuple[list[Tensor], Tensor]]:
        for _ in range(settings.epochs):
            for rows in torch.randperm(len(sources), generator=generator).tensor_split(batches):
                pictures = torch.from_numpy(sources[rows.numpy()]).to(device)
                yield [augment(pictures, size, STRENGTH, generator) for _ in range(objective.views)], rows

    with closing(ahead(views())) as drawn:
        for _ in range(settings.epochs):
            losses = []
            for seen, rows in islice(drawn, batches):
                loss = objective((backbone(view) for view in seen), rows)
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                optimizer.step()
                schedule.step()
                losses.append(loss.item())
            yield float(np.mean(losses))


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
            return _Contrast(SimCLRProjectionHead(features, HIDDEN, PROJECTED), NTXentLoss(temperature=0.1))
        case SslMethod.VICREG:
            return _Contrast(VICRegProjectionHead(features, HIDDEN, PROJECTED, num_layers=2), VICRegLoss())
        case SslMethod.DISTILL:
            assert taught is not None
            return Distillation(features, taught)


def _features(backbone: nn.Module, size: int, device: torch.device) -> int:
    return backbone(torch.zeros(2, 3, size, size, device=device)).shape[1]
