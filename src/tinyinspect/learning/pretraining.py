"""Self-supervised pretraining of the backbone on all frames, with lightly's losses and projection heads.

SimCLR (Chen et al., 2020) or VICReg (Bardes et al., 2022). Both views of a frame are drawn by our own batched
augmentation, so that a step costs what the network costs.
"""

from collections.abc import Iterator
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
from tinyinspect.learning.sources import DETAIL, Sources

# Stronger than in training: two views of a frame must share nothing but what the frame shows.
STRENGTH = Strength(min_scale=0.25, rotation=30, colour_jitter=0.5, noise=0.03)
HIDDEN, PROJECTED = 128, 64  # width of the projection head, which is thrown away


def pretrain(
    backbone: nn.Module, sources: Sources, settings: Pretrain, device: torch.device, seed: int
) -> Iterator[float]:
    """Train a backbone in place, yielding the mean loss of every epoch.

    Args:
        backbone: (n, 3, size, size) float32 in [0, 1] to features (n, d).
        sources: all frames; at least two.
        settings: method, epochs, batch size, rate.
        device: to train on.
        seed: of views, order and projection head.
    """
    size = sources.side // DETAIL
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    backbone.to(device).train()
    head, loss_of = _method(settings.method, _features(backbone, size, device))
    head.to(device)
    weights = [*backbone.parameters(), *head.parameters()]
    optimizer = torch.optim.AdamW(weights, settings.learning_rate, weight_decay=settings.weight_decay)
    batches = max(1, round(len(sources) / settings.batch_size))
    total = settings.epochs * batches
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, settings.learning_rate, total_steps=total)

    def views() -> Iterator[tuple[Tensor, Tensor]]:
        for _ in range(settings.epochs):
            for rows in torch.randperm(len(sources), generator=generator).tensor_split(batches):
                pictures = torch.from_numpy(sources[rows.numpy()]).to(device)
                first = augment(pictures, size, STRENGTH, generator)
                yield first, augment(pictures, size, STRENGTH, generator)

    with closing(ahead(views())) as drawn:
        for _ in range(settings.epochs):
            losses = []
            for both in islice(drawn, batches):
                loss = loss_of(*(head(backbone(view)) for view in both))
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                optimizer.step()
                schedule.step()
                losses.append(loss.item())
            yield float(np.mean(losses))


def _method(method: SslMethod, features: int) -> tuple[nn.Module, nn.Module]:
    match method:
        case SslMethod.SIMCLR:
            return SimCLRProjectionHead(features, HIDDEN, PROJECTED), NTXentLoss(temperature=0.1)
        case SslMethod.VICREG:
            return VICRegProjectionHead(features, HIDDEN, PROJECTED, num_layers=2), VICRegLoss()


def _features(backbone: nn.Module, size: int, device: torch.device) -> int:
    return backbone(torch.zeros(2, 3, size, size, device=device)).shape[1]
