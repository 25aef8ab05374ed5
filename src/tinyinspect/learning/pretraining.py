"""Self-supervised pretraining of the backbone on all frames, with lightly's losses and projection heads.

SimCLR (Chen et al., 2020) or VICReg (Bardes et al., 2022). Both views of a frame are drawn by our own batched
augmentation, so that a step costs what the network costs.
"""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from lightly.loss import NTXentLoss, VICRegLoss
from lightly.models.modules.heads import SimCLRProjectionHead, VICRegProjectionHead
from numpy.typing import NDArray
from torch import Tensor, nn
from tqdm import tqdm

from tinyinspect import camera
from tinyinspect.config.pretrain import Pretrain, SslMethod
from tinyinspect.errors import InputError
from tinyinspect.files import allocate
from tinyinspect.learning.ahead import ahead
from tinyinspect.learning.augmentation import Strength, augment
from tinyinspect.recordings.store import FrameStore

# Stronger than in training: two views of a frame must share nothing but what the frame shows.
STRENGTH = Strength(min_scale=0.25, rotation=30, colour_jitter=0.5, noise=0.03)
HIDDEN, PROJECTED = 128, 64  # width of the projection head, which is thrown away
DECODERS = 2  # threads
DETAIL = 2  # source pixels per model pixel and axis: all frames must fit on the disk
CHUNK = 256  # frames decoded at a time


def sources_of(store: FrameStore, size: int, file: Path) -> NDArray[np.uint8]:
    """All frames as (n, 3, DETAIL * size, DETAIL * size) uint8, mapped from a temporary file.

    Args:
        store: of the frames.
        size: pixels, the side of the model's input.
        file: to map, on a disk with room; whatever ends the process, it is gone afterwards.

    Raises:
        InputError: The disk has too little room.
    """
    side = size * DETAIL

    def source(row: int) -> camera.Pixels:
        return camera.model_view(store.picture(row), side).transpose(2, 0, 1)

    sources = _mapped(file, (len(store), 3, side, side))
    with ThreadPoolExecutor(DECODERS) as pool:
        progress = tqdm(total=len(store), desc="decode", unit=" frames", disable=None)
        for start in range(0, len(store), CHUNK):  # a chunk at a time keeps memory flat
            rows = range(start, min(start + CHUNK, len(store)))
            sources[start : start + CHUNK] = list(pool.map(source, rows))
            progress.update(len(rows))
        progress.close()
    return sources


def _mapped(path: Path, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """A uint8 array in a file that has no name any more: the system frees it when the process ends, killed or not."""
    needed = int(np.prod(shape))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    free = shutil.disk_usage(path.parent).free
    print(f"pretraining keeps {shape[0]} frames in {path.parent.resolve()}: {needed / 1e9:.2f} GB until it ends")
    if needed > free:
        raise InputError(
            f"pretraining needs {needed / 1e9:.2f} GB for its copy of {shape[0]} frames, and the disk that holds "
            f"{path.parent.resolve()} has {free / 1e9:.2f} GB left; make room, take fewer frames with extract.fps, or "
            "set pretrain.epochs to 0"
        )
    sources = np.memmap(path, np.uint8, "w+", shape=shape)
    try:
        allocate(path)
    finally:
        path.unlink()
    return sources


def pretrain(
    backbone: nn.Module, sources: NDArray[np.uint8], settings: Pretrain, device: torch.device, seed: int
) -> Iterator[float]:
    """Train a backbone in place, yielding the mean loss of every epoch.

    Args:
        backbone: (n, 3, size, size) float32 in [0, 1] to features (n, d).
        sources: all frames, as :func:`sources_of` gives them; at least two.
        settings: method, epochs, batch size, rate.
        device: to train on.
        seed: of views, order and projection head.
    """
    size = sources.shape[-1] // DETAIL
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
