"""The same question as few_labels.py, asked of the camera's own network: a short training on the chosen frames alone.

    python benchmarks/few_labels_network.py [--labels 50] [--seeds 3] [--steps 250]

Run it in a line whose frames are labelled, where `dvc repro embed` is done. From the pretrained backbone, 250 steps of
32 views each, turned, scaled, mirrored and with other light; the float network is tested.
"""

import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch
from few_labels import split
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from tinyinspect import camera
from tinyinspect.config.data import Data
from tinyinspect.config.loading import load
from tinyinspect.config.section import ModelSettings, Section, TaskSettings
from tinyinspect.config.select import Method, Select
from tinyinspect.models.checkpoint import build, take_backbone
from tinyinspect.recordings.store import FrameStore
from tinyinspect.registry import task_part
from tinyinspect.selection.annotations import annotated_frames, read_annotations
from tinyinspect.selection.embeddings import read_embeddings
from tinyinspect.selection.training_frames import choose_training

RATE, BATCH = 2e-3, 32


class Inputs(Section):
    """The sections of ``params.yaml`` that this reads."""

    data: Data
    model: ModelSettings
    task: TaskSettings
    select: Select


def main() -> None:
    """Choose, train and test, and print each result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=250)
    given = parser.parse_args()
    torch.set_num_threads(1)
    params, store = load(Path("params.yaml"), Inputs), FrameStore(Path("frames"))
    classes = params.data.classes
    frames, _ = annotated_frames(store.index, read_annotations(Path("annotations"), classes), Path("data/videos"))
    labels = np.array([classes.index(one) if one else -1 for one in frames["label"]])
    embeddings = np.array(read_embeddings(Path("embeddings/embeddings.npy")))

    def views(rows: NDArray[np.int64]) -> Tensor:
        seen = [camera.model_view(store.picture(int(row)), params.model.input_size) for row in rows]
        return torch.from_numpy(np.stack(seen)).permute(0, 3, 1, 2).float() / 255

    for seed in range(given.seeds):
        train, test = split(frames, seed)
        tested = np.flatnonzero(test)
        for method in (Method.RANDOM, Method.TYPICAL, Method.CORESET):
            start = time.time()
            chosen, _ = choose_training(
                frames.assign(label=""),  # the methods must not see the labels
                embeddings,
                train,
                given.labels,
                kept=np.zeros(0, np.int64),
                select=params.select.model_copy(update={"method": method}),
                rng=np.random.default_rng(seed),
            )
            rows = np.array(sorted(chosen))
            network = trained(params, views(rows), torch.from_numpy(labels[rows]), given.steps, seed)
            with torch.no_grad():
                answers = network(views(tested)).argmax(1).numpy()
            right, truth = answers == labels[tested], labels[tested]
            balanced = np.mean([right[truth == one].mean() for one in np.unique(truth)])
            print(
                f"seed {seed} {method:8} accuracy {100 * right.mean():.1f} % balanced {100 * balanced:.1f} % "
                f"({time.time() - start:.0f} s)",
                flush=True,
            )


def trained(params: Inputs, pictures: Tensor, labels: Tensor, steps: int, seed: int) -> torch.nn.Module:
    """The network after a short training in which each class weighs the same."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    classes = params.data.classes
    outputs = task_part(params.task.name, "objective").outputs(classes=classes, task=params.task)
    network = build(params.model, outputs)
    take_backbone(network, Path("models/backbone.safetensors"))
    counts = torch.bincount(labels, minlength=len(classes)).float()
    weights = torch.where(counts > 0, len(labels) / (counts.clamp(min=1) * (counts > 0).sum()), counts)
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    network.train()
    for _ in range(steps):
        some = torch.randperm(len(labels), generator=generator)[:BATCH]
        scores = network(augmented(pictures[some], generator))
        loss = F.cross_entropy(scores, labels[some], weight=weights, label_smoothing=0.1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return network.eval()


def augmented(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """Views (n, 3, s, s) in [0, 1], turned, scaled, mirrored, moved, with other contrast and brightness."""

    def uniform(low: float, high: float) -> Tensor:
        return torch.rand(len(pictures), generator=generator) * (high - low) + low

    scale, angle = uniform(0.7, 1.05), uniform(-30, 30) * math.pi / 180
    across, down = torch.cos(angle) * scale, torch.sin(angle) * scale
    mirrored = torch.where(torch.rand(len(pictures), generator=generator) < 0.5, -1.0, 1.0)
    room = 1 - scale.clamp(max=1)
    rows = [
        torch.stack([across * mirrored, -down, uniform(-1, 1) * room], 1),
        torch.stack([down * mirrored, across, uniform(-1, 1) * room], 1),
    ]
    grid = F.affine_grid(torch.stack(rows, 1), list(pictures.shape), align_corners=False)
    moved = F.grid_sample(pictures, grid, align_corners=False, padding_mode="reflection")
    mean = moved.mean((1, 2, 3), keepdim=True)
    contrast, brightness = uniform(0.7, 1.3).view(-1, 1, 1, 1), uniform(0.7, 1.3).view(-1, 1, 1, 1)
    return ((moved - mean) * contrast + mean * brightness).clamp(0, 1)


if __name__ == "__main__":
    main()
