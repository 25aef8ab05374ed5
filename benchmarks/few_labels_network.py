"""The same question as few_labels.py, asked of the camera's own network: a short training on the chosen frames alone.

    python benchmarks/few_labels_network.py [--labels 50] [--seeds 3] [--epochs 125]

Run it in a line of classes whose frames are labelled, where `dvc repro embed` is done. The network starts from the
pretrained backbone and is trained as in the stage `train`, but shorter; the float network is tested.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from few_labels import chosen, split

from tinyinspect.config.data import Data
from tinyinspect.config.loading import load
from tinyinspect.config.section import LossSettings, ModelSettings, Section, TaskSettings
from tinyinspect.config.select import Method, Select
from tinyinspect.config.train import Train
from tinyinspect.learning.devices import device_of
from tinyinspect.learning.frames import frames_of
from tinyinspect.models.checkpoint import build, take_backbone
from tinyinspect.recordings.store import FrameStore
from tinyinspect.selection.annotations import annotated_frames, read_annotations
from tinyinspect.selection.embeddings import read_embeddings
from tinyinspect.selection.labelled import Labelled
from tinyinspect.tasks.classifier.objective.classification import cross_fitted


class Inputs(Section):
    """The sections of ``params.yaml`` that this reads."""

    data: Data
    loss: LossSettings
    model: ModelSettings
    select: Select
    task: TaskSettings
    train: Train


def main() -> None:
    """Choose, train and test, and print each result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=125)
    given = parser.parse_args()
    params, store = load(Path("params.yaml"), Inputs), FrameStore(Path("frames"))
    classes = params.data.classes
    frames, _ = annotated_frames(store.index, read_annotations(Path("annotations"), classes), Path("data/videos"))
    labels = np.array([classes.index(one) if one else -1 for one in frames["label"]])
    embeddings = np.array(read_embeddings(Path("embeddings/embeddings.npy")))
    for seed in range(given.seeds):
        train, test = split(frames, seed)
        tested = np.flatnonzero(test)
        for method in (Method.RANDOM, Method.TYPICAL, Method.CORESET):
            start = time.time()
            select = params.select.model_copy(update={"method": method})
            rows = np.concatenate([tested, chosen(frames, embeddings, train, given.labels, select, seed)])
            pictures = [store.picture(row) for row in rows.tolist()]
            seen = Labelled(pictures, labels[rows], [str(row) for row in rows])
            answers = logits_of(params, seen, len(tested), given.epochs, seed).argmax(1)
            right, truth = answers == labels[tested], labels[tested]
            balanced = np.mean([right[truth == one].mean() for one in np.unique(truth)])
            print(
                f"seed {seed} {method:8} accuracy {100 * right.mean():.1f} % balanced {100 * balanced:.1f} % "
                f"({time.time() - start:.0f} s)",
                flush=True,
            )


def logits_of(params: Inputs, seen: Labelled, tested: int, epochs: int, seed: int) -> Any:
    """Of the first frames, so many as are tested, (tested, classes): of a network that was trained on the others."""

    def make() -> Any:
        torch.manual_seed(seed)
        network = build(params.model, len(params.data.classes))
        take_backbone(network, Path("models/backbone.safetensors"))
        return network

    frames = frames_of(seen, params.model.input_size, device_of(params.train.device))
    train = params.train.model_copy(update={"epochs": epochs})
    with tempfile.TemporaryDirectory() as folder:
        return cross_fitted(
            make,
            frames,
            [np.arange(tested)],
            classes=len(params.data.classes),
            loss=params.loss,
            train=train,
            seed=seed,
            resume=Path(folder, "training.pt"),
        )[:tested]


if __name__ == "__main__":
    main()
