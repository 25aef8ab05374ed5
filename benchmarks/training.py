"""Training: our batches in memory against the usual loop of PIL transforms in a DataLoader, on the same network.

    python benchmarks/training.py [--frames dataset/train/frames] [--epochs 5]

Both draw the same kinds of change (crop, rotation, flips, colour jitter, noise, RGB565), train the network of
params.yaml with AdamW and use all cores; epochs alternate, and the ratios of the medians are printed. Ours samples
bilinearly, so the rival to compare with rotates bilinearly too; torchvision's default, the nearest pixel, is cheaper
and jagged, and is timed as well. The network alone, on ready views, says what no augmentation could be faster than.

    python benchmarks/training.py --threads [--model resnet9] [--beside 0 1 2]

times steps of training on random frames, by how the cores are used: two OpenMP threads, the same that wait without
spinning (OMP_WAIT_POLICY=PASSIVE), one, and one with the next batch augmented beside the network, as the stage does it.
Steps a second of the default network, batches of 32, on two cores:

| | two threads | two, PASSIVE | one | one and the next batch | two and the next batch |
|---|---|---|---|---|---|
| idle | 47.2 | 22.1 | 33.1 | 43.8 | 29.1 |
| beside one busy process | 12.7 | 16.6 | 32.9 | 38.2 | 18.1 |
| beside two | 7.0 | 13.5 | 22.2 | 26.5 | 15.0 |

One thread and the next batch, the default, loses least where the cores are shared.
"""

import argparse
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
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

from tinyinspect.config.loading import check, load
from tinyinspect.config.params import Params
from tinyinspect.learning import training
from tinyinspect.learning.augmentation import augment, rgb565, strength_of
from tinyinspect.learning.frames import Frames, frames_of
from tinyinspect.models.checkpoint import build
from tinyinspect.project.compose import composed
from tinyinspect.selection.labelled import read_labelled
from tinyinspect.tasks.classifier.objective.classification import Classification

# How the cores are used: OpenMP threads, what else is in the environment, whether the next batch is drawn meanwhile.
WAYS = {
    "two threads": (2, {}, False),
    "two, PASSIVE": (2, {"OMP_WAIT_POLICY": "PASSIVE"}, False),
    "one": (1, {}, False),
    "one and the next batch": (1, {}, True),
    "two and the next batch": (2, {}, True),
}


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


def steps_a_second(model: str, way: str, limit: float) -> float:
    """Steps of the stage's own training on random frames, in this process."""
    params = check(composed(Path("conf"), ["train.epochs=10000"]), "conf/", Params)
    settings = check(composed(Path("conf"), [f"model={model}"]), "conf/", Params).model
    size, count, classes = settings.input_size, 10 * params.train.batch_size, len(params.data.classes)
    sources = torch.randint(256, (count, 3, min(240, 4 * size), min(240, 4 * size)), dtype=torch.uint8)
    frames = Frames(sources, torch.rand(count, 3, size, size), torch.arange(count) % classes)
    none = Frames(*(part[:0] for part in (frames.sources, frames.views, frames.labels)))
    objective = Classification(frames, none, classes, params.loss, params.train)
    if not WAYS[way][2]:
        training.ahead = lambda items: items
    with tempfile.TemporaryDirectory() as folder:
        epochs = training.fit(build(settings, classes), objective, params.train, 0, Path(folder) / "resume.pt")
        next(epochs)
        begun, done = time.perf_counter(), 0
        while time.perf_counter() - begun < limit:
            next(epochs)
            done += objective.steps
        rate = done / (time.perf_counter() - begun)
        epochs.close()
    return rate


def of_threads(model: str, beside: int, limit: float) -> dict[str, float]:
    """Steps a second by way, each in a process of its own beside so many busy ones."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(beside)]
    try:
        found = {}
        for way, (threads, environment, _) in WAYS.items():
            given = os.environ | environment | {"OMP_NUM_THREADS": str(threads)}
            command = [sys.executable, __file__, "--way", way, "--model", model, "--seconds", str(limit)]
            found[way] = float(subprocess.run(command, env=given, check=True, capture_output=True, text=True).stdout)
        return found
    finally:
        for process in busy:
            process.kill()


def main() -> None:
    """Run the loops in turn and print the ratios, or the steps a second by how the cores are used."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--frames", type=Path, default=Path("dataset/train/frames"), help="ImageFolder of training frames"
    )
    parser.add_argument("--epochs", type=int, default=5, help="epochs of each loop that count")
    parser.add_argument("--threads", action="store_true", help="compare ways to use the cores")
    parser.add_argument("--model", default="resnet9_small", help="a name in conf/model")
    parser.add_argument("--beside", type=int, nargs="*", default=[0, 1, 2], help="busy processes beside the training")
    parser.add_argument("--seconds", type=float, default=20.0, help="that each way is timed for")
    parser.add_argument("--way", choices=WAYS, help="print the steps a second of this way alone")
    arguments = parser.parse_args()
    if arguments.way:
        print(steps_a_second(arguments.model, arguments.way, arguments.seconds))
        return
    if arguments.threads:
        for beside in arguments.beside:
            rates = of_threads(arguments.model, beside, arguments.seconds)
            print(
                f"{arguments.model}, beside {beside}: " + ", ".join(f"{way} {rate:.1f}" for way, rate in rates.items())
            )
        return
    compare_loops(arguments)


def compare_loops(arguments: argparse.Namespace) -> None:
    """Run the loops in turn and print the ratios."""
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
