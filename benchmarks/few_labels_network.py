"""The same question as few_labels.py, asked of the camera's own network: a short training on the chosen frames alone.

    python benchmarks/few_labels_network.py [--labels 50] [--seeds 0,1,2] [--epochs 125] [--methods random,coreset]
    python benchmarks/few_labels_network.py --methods random --unlabelled 0,500 --epochs 1000

Run it in a line of classes whose frames are labelled, where `dvc repro embed` is done. The network starts from the
pretrained backbone and is trained as in the stage `train`, but shorter; the float network is tested. With --unlabelled,
so many other frames, which are not tested on, train too by what the teacher takes them for.
"""

import argparse
import tempfile
import time
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch
from few_labels import chosen, split

from tinyinspect.config.data import Data
from tinyinspect.config.loading import load
from tinyinspect.config.section import LossSettings, ModelSettings, Section, TaskSettings
from tinyinspect.config.select import Method, Select
from tinyinspect.config.teacher import Teacher
from tinyinspect.config.train import Train
from tinyinspect.learning.devices import device_of
from tinyinspect.learning.features import taught_share
from tinyinspect.learning.frames import frames_of
from tinyinspect.models.checkpoint import build, take_backbone
from tinyinspect.models.teacher import embed, load_teacher
from tinyinspect.recordings.store import FrameStore
from tinyinspect.selection.annotations import annotated_frames, read_annotations
from tinyinspect.selection.embeddings import read_embeddings
from tinyinspect.selection.labelled import Labelled
from tinyinspect.selection.spread import spread
from tinyinspect.tasks.classifier.objective.classification import cross_fitted
from tinyinspect.tasks.classifier.objective.taught import Lesson


class Inputs(Section):
    """The sections of ``params.yaml`` that this reads."""

    data: Data
    loss: LossSettings
    model: ModelSettings
    select: Select
    task: TaskSettings
    teacher: Teacher
    train: Train


def main() -> None:
    """Choose, train and test, and print each result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", type=int, default=50)
    parser.add_argument("--seeds", type=numbers, default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=125)
    parser.add_argument("--methods", type=lambda text: [Method(one) for one in text.split(",")], default=list(Method))
    parser.add_argument("--unlabelled", type=numbers, default=[0])
    given = parser.parse_args()
    params, store = load(Path("params.yaml"), Inputs), FrameStore(Path("frames"))
    classes = params.data.classes
    frames, _ = annotated_frames(store.index, read_annotations(Path("annotations"), classes), Path("data/videos"))
    labels = np.array([classes.index(one) if one else -1 for one in frames["label"]])
    embeddings = np.array(read_embeddings(Path("embeddings/embeddings.npy")))
    teacher = Seen(params.teacher, store)
    for seed in given.seeds:
        train, test = split(frames, seed)
        tested = np.flatnonzero(test)
        apart = set(frames["recording"][tested]) if not (frames["split"] == "test").any() else set()
        free = ~test & ~frames["recording"].isin(apart).to_numpy()
        for method, count in product(given.methods, given.unlabelled):
            start = time.time()
            select = params.select.model_copy(update={"method": method})
            mine = chosen(frames, embeddings, train, given.labels, select, seed)
            rows, others = np.concatenate([tested, mine]), np.setdiff1d(np.flatnonzero(free), mine)
            others = others[spread(len(others), count)]
            lesson = lesson_of(teacher, rows, len(tested), labels, others, params) if count else None
            seen = Labelled(pictures_of(store, rows), labels[rows], [str(row) for row in rows])
            answers = logits_of(params, seen, len(tested), given.epochs, seed, lesson).argmax(1)
            right, truth = answers == labels[tested], labels[tested]
            balanced = np.mean([right[truth == one].mean() for one in np.unique(truth)])
            print(
                f"seed {seed} {method:8} {len(others):3} unlabelled: "
                f"accuracy {100 * right.mean():.1f} % balanced {100 * balanced:.1f} % "
                f"({time.time() - start:.0f} s)",
                flush=True,
            )


def numbers(text: str) -> list[int]:
    """Of a list with commas."""
    return [int(one) for one in text.split(",")]


class Seen:
    """What the teacher sees in frames, worked out once for each."""

    def __init__(self, settings: Teacher, store: FrameStore) -> None:
        """Know nothing yet."""
        self._settings, self.store = settings, store
        self._known: dict[int, Any] = {}

    def of(self, rows: Any) -> Any:
        """Features of the frames at these rows, (m, d)."""
        missing = [row for row in rows.tolist() if row not in self._known]
        if missing:
            found = embed(load_teacher(self._settings), [self.store.picture(row) for row in missing])
            self._known |= dict(zip(missing, found, strict=True))
        return np.stack([self._known[row] for row in rows.tolist()])


def pictures_of(store: FrameStore, rows: Any) -> list[Any]:
    """The frames at these rows."""
    return [store.picture(row) for row in rows.tolist()]


def lesson_of(teacher: Seen, rows: Any, tested: int, labels: Any, others: Any, params: Inputs) -> Lesson:
    """What the teacher can teach about other frames; it sees none of those that are tested on."""
    known = teacher.of(rows[tested:])
    free = Labelled(pictures_of(teacher.store, others), np.full(len(others), -1), [str(row) for row in others])
    return Lesson(
        known=np.concatenate([np.zeros((tested, known.shape[1]), np.float32), known]),
        labels=labels[rows],
        frames=frames_of(free, params.model.input_size, device_of(params.train.device)),
        seen=teacher.of(others),
        share=taught_share(len(known)),
    )


def logits_of(params: Inputs, seen: Labelled, tested: int, epochs: int, seed: int, lesson: Lesson | None = None) -> Any:
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
            lesson=lesson,
        )[:tested]


if __name__ == "__main__":
    main()
