"""Training: our batches in memory against the usual loop of PIL transforms in a DataLoader, on the same network.

    python benchmarks/training.py [--frames dataset/train/frames] [--epochs 5]

Both draw the same kinds of change (crop, rotation, flips, colour jitter, noise, RGB565), train the network of
params.yaml with AdamW and use all cores; epochs alternate, and the ratios of the medians are printed. Ours samples
bilinearly, so the rival to compare with rotates bilinearly too; torchvision's default, the nearest pixel, is cheaper
and jagged, and is timed as well. The network alone, on ready views, says what no augmentation could be faster than.
"""

import argparse
import itertools
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder
from torchvision.transforms import InterpolationMode

from tinyinspect.config.loading import load
from tinyinspect.config.params import Params
from tinyinspect.learning.augmentation import augment, rgb565, strength_of
from tinyinspect.learning.frames import frames_of
from tinyinspect.models.checkpoint import build
from tinyinspect.selection.labelled import read_labelled


def step(network: nn.Module, optimizer: torch.optim.Optimizer, inputs: Tensor, labels: Tensor) -> None:
    """One step of training, the same in both loops."""
    loss = F.cross_entropy(network(inputs), labels)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()


def in_memory(folder: Path, params: Params, augmented: bool) -> Callable[[], None]:
    """An epoch as the stage `train` does it, or of the network alone."""
    labelled = read_labelled(folder, params.data.classes)
    frames = frames_of(labelled, params.model.input_size, torch.device("cpu"))
    strength = strength_of(params.train)
    network, optimizer = fresh(params)
    generator = torch.Generator().manual_seed(0)

    def views(rows: Tensor) -> Tensor:
        if not augmented:
            return frames.views[rows]
        return augment(frames.pictures(rows), params.model.input_size, strength, generator)

    def epoch() -> None:
        for rows in torch.randperm(len(labelled), generator=generator).split(params.train.batch_size):
            step(network, optimizer, views(rows), frames.labels[rows])

    return epoch


def pil_and_loader(folder: Path, params: Params, rotation: InterpolationMode, workers: int) -> Callable[[], None]:
    """An epoch as most tutorials do it."""
    train, jitter = params.train, params.train.colour_jitter
    changes = transforms.Compose(
        [
            transforms.RandomRotation(train.rotation, rotation),
            transforms.RandomResizedCrop(params.model.input_size, (train.min_scale, 1)),
            transforms.RandomHorizontalFlip(),
            transforms.RandomVerticalFlip(),
            transforms.ColorJitter(jitter, jitter, jitter),
            transforms.ToTensor(),
            transforms.Lambda(lambda pixels: (pixels + train.noise * torch.randn_like(pixels)).clamp(0, 1)),
            transforms.Lambda(rgb565),
        ]
    )
    loader = DataLoader(
        ImageFolder(folder, changes),
        train.batch_size,
        shuffle=True,
        num_workers=workers,
        persistent_workers=workers > 0,
    )
    network, optimizer = fresh(params)

    def epoch() -> None:
        for inputs, labels in loader:
            step(network, optimizer, inputs, labels)

    return epoch


def fresh(params: Params) -> tuple[nn.Module, torch.optim.Optimizer]:
    """The network of params.yaml and its optimizer."""
    torch.manual_seed(0)
    network = build(params.model, len(params.data.classes)).train()
    return network, torch.optim.AdamW(network.parameters(), 1e-3, fused=True)


def seconds(epoch: Callable[[], None]) -> float:
    """What one epoch takes that follows another of the same loop, as in a training."""
    epoch()
    begun = time.perf_counter()
    epoch()
    return time.perf_counter() - begun


def main() -> None:
    """Run the loops in turn and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--frames", type=Path, default=Path("dataset/train/frames"), help="ImageFolder of training frames"
    )
    parser.add_argument("--epochs", type=int, default=5, help="epochs of each loop that count")
    arguments = parser.parse_args()
    params = load(Path("params.yaml"), Params)
    count = sum(1 for _ in arguments.frames.glob("*/*.jpg"))
    loops = {
        "in memory": in_memory(arguments.frames, params, augmented=True),
        "network alone": in_memory(arguments.frames, params, augmented=False),
    }
    for rotation, workers in itertools.product((InterpolationMode.BILINEAR, InterpolationMode.NEAREST), (0, 2)):
        name = f"PIL, {rotation.value}, {workers} workers"
        loops[name] = pil_and_loader(arguments.frames, params, rotation, workers)
    for epoch in loops.values():
        epoch()  # workers start, kernels are chosen
    rounds = [[seconds(epoch) for epoch in loops.values()] for _ in range(arguments.epochs)]
    medians = [statistics.median(times) for times in zip(*rounds, strict=True)]
    for name, median in zip(loops, medians, strict=True):
        print(f"{name:24s} {count / median:6.0f} frames/s, ours is {median / medians[0]:.1f} times as fast")


if __name__ == "__main__":
    main()
