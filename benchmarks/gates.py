"""What a gate makes of what it never saw: with and without its frame test, a teacher's knowledge, several centroids.

    python benchmarks/gates.py ~/masks ~/leaves ~/castings --distil 0 2 --centroids 1 2 --epochs 12

Give lines whose stage `dataset` has run. For each seed, a network is trained without a third of the normal frames and
without a third of the kinds of camera fault and hard negative, another third for another seed. The held-out frames
choose centroids and threshold; the frame test learns from the others. Everything runs in float. The columns: AUROC and
TPR at 1 % FPR against sources that are only tested on, AUROC against camera faults of the kinds that were left out,
test frames that are refused, and what passes: these faults, hard negatives of the kinds that were left out, and normal
frames of the other lines.

With --distil, a linear layer behind the network's features learns the features of the packaged teacher too, which are
centred and compared by their cosine; the number is the weight of this loss beside the metric one.
"""

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from tinyinspect.camera import Pixels
from tinyinspect.config.loading import load
from tinyinspect.config.params import Params
from tinyinspect.config.teacher import Teacher, TeacherSource
from tinyinspect.errors import InputError, reported
from tinyinspect.evaluation.frame_test import FrameTest, fit, in_other_light
from tinyinspect.evaluation.intervals import in_words
from tinyinspect.learning import training
from tinyinspect.learning.devices import device_of
from tinyinspect.learning.folds import split_folds
from tinyinspect.learning.frames import frames_of, inputs_of
from tinyinspect.models.checkpoint import build
from tinyinspect.models.frame_numbers import WithFrameNumbers
from tinyinspect.models.teacher import embed, load_teacher
from tinyinspect.selection.labelled import VALIDATION, Labelled, frames_folder, join, read_labelled
from tinyinspect.tasks.gate.dataset.groups import Group
from tinyinspect.tasks.gate.deciding.threshold import for_false_rejects
from tinyinspect.tasks.gate.decision import Outputs, centroids_of, judged, similarities
from tinyinspect.tasks.gate.measures import auroc, tpr_at_fpr
from tinyinspect.tasks.gate.objective.cross_fitting import left_out
from tinyinspect.tasks.gate.objective.metric_learning import MetricLearning, outputs_of
from tinyinspect.tasks.gate.pictures import abnormal_folder, read_abnormals
from tinyinspect.tasks.gate.settings import Task

SEEN_BY_TEACHER = 128  # pixels, the side of what the teacher sees: a third of the time of its own 224


@dataclass(frozen=True)
class Line:
    """The pictures of a line.

    Attributes:
        normals: of training and validation.
        abnormals: trained on; labels are rows of `sources`.
        left: test pictures made of normal frames; labels are rows of `kinds`.
        test: normal test frames.
        unseen: abnormal pictures of sources that are only tested on.
    """

    name: str
    params: Params
    normals: Labelled
    abnormals: Labelled
    sources: list[str]
    left: Labelled
    kinds: list[str]
    test: Labelled
    unseen: Labelled


@dataclass(frozen=True)
class Trained:
    """What a network gives for held-out and test frames, and for pictures that must not pass; its frame test."""

    held_out: Outputs
    test: Outputs
    unseen: Outputs
    faults: Outputs  # of kinds that were left out
    near: Outputs  # hard negatives of kinds that were left out
    others: Outputs
    embedding: int
    frame_test: FrameTest


class Learning(MetricLearning):
    """Metric learning whose targets tell the row of each picture too, normal frames first."""

    def targets_of(self, normal: Tensor, abnormal: Tensor) -> Tensor:
        """Targets and rows, (n + m, 2)."""
        rows = torch.cat([normal, abnormal + len(self._normals.labels)])
        return torch.stack([super().targets_of(normal, abnormal).cpu(), rows], 1)


class WithFeatures(nn.Module):
    """Embeddings with the features that they are made of, side by side."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        """Pixels to (n, embedding + features)."""
        features = self.network.backbone(x)
        return torch.cat([self.network.head(features), features], 1)


class Distillation(nn.Module):
    """The metric loss of the embeddings, and how far the features are from the teacher's."""

    def __init__(self, metric: nn.Module, head: nn.Linear, teacher: Tensor, weight: float) -> None:
        super().__init__()
        self.metric, self.weight, self.embedding = metric, weight, head.out_features
        self.register_buffer("teacher", F.normalize(teacher - teacher.mean(0), dim=1))
        self.head = nn.Linear(head.in_features, teacher.shape[1])

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Outputs of :class:`WithFeatures` and targets of :class:`Learning` to a loss."""
        embeddings, features = outputs.split([self.embedding, outputs.shape[1] - self.embedding], 1)
        wanted = self.get_buffer("teacher")[targets[:, 1]]
        apart = 1 - F.cosine_similarity(self.head(features), wanted).mean()
        return self.metric(embeddings, targets[:, 0]) + self.weight * apart


def main() -> None:
    """Train all networks and print a line for each, then the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lines", type=Path, nargs="+", help="projects after `dvc repro dataset`")
    parser.add_argument("--distil", type=float, nargs="+", default=[0], help="weights of the teacher's loss; 0: none")
    parser.add_argument("--centroids", type=int, nargs="+", default=[1], help="numbers of centroids")
    parser.add_argument("--seeds", type=int, default=3, help="networks, of so many seeds")
    parser.add_argument("--epochs", type=int, help="of each; default: the line's train.epochs")
    given = parser.parse_args()
    lines = [read_line(folder) for folder in given.lines]
    taught: dict[str, Tensor] = {}
    found: dict[tuple[str, float, int, bool], list[Trained]] = {}
    for seed, line, weight in product(range(given.seeds), lines, given.distil):
        if weight and line.name not in taught:
            taught[line.name] = of_teacher(line)
        trained = train(line, lines, weight, taught.get(line.name), seed, given.epochs or line.params.train.epochs)
        for count, tested in product(given.centroids, (False, True)):
            mine = found.setdefault((line.name, weight, count, tested), [])
            mine.append(trained)
            print(f"seed {seed}:", row(line.name, weight, count, tested, mine[-1:]), flush=True)
    columns = ["AUROC", "TPR at 1 % FPR", "AUROC, faults left out", "refused", "faults left out", "near", "others"]
    print(*["line", "distil", "centroids", "frame test", *columns], sep=" | ")
    print(*(row(*key, networks) for key, networks in found.items()), sep="\n")


def read_line(folder: Path) -> Line:
    """The pictures of a project's dataset.

    Raises:
        InputError: It is no gate, or its dataset is missing.
    """
    params, dataset = load(folder / "params.yaml", Params), folder / "dataset"
    if not isinstance(params.task, Task):
        raise InputError(f"{folder} makes no gate; give a project with task=gate")
    parts = [
        read_labelled(frames_folder(dataset, split), params.task.normal_classes, needed=False)
        for split in ("train", VALIDATION, "test")
    ]
    abnormals, sources = read_abnormals(abnormal_folder(dataset, "train"))
    left, kinds = read_abnormals(abnormal_folder(dataset, "seen"))
    normals = join(parts[:2], np.concatenate([one.labels for one in parts[:2]]))
    return Line(
        name=folder.resolve().name,
        params=params,
        normals=normals,
        abnormals=abnormals,
        sources=sources,
        left=left,
        kinds=kinds,
        test=parts[2],
        unseen=read_abnormals(abnormal_folder(dataset, "test"))[0],
    )


def of_teacher(line: Line) -> Tensor:
    """The teacher's features of the normal frames, then of the abnormal pictures of training, (n + m, d)."""
    teacher = load_teacher(
        Teacher(source=TeacherSource.PACKAGED, name="efficientnet-lite0", weights=None, input_size=SEEN_BY_TEACHER)
    )
    device = device_of(line.params.train.device)
    return torch.from_numpy(embed(teacher, [*line.normals.pictures, *line.abnormals.pictures], device))


def train(line: Line, lines: list[Line], weight: float, taught: Tensor | None, seed: int, epochs: int) -> Trained:
    """A network that is trained without the pictures of the seed's third, and what it makes of all."""
    task, settings = line.params.task, line.params.train.model_copy(update={"epochs": epochs})
    mine = list(split_folds(line.normals.labels, task.folds, 0))[seed % task.folds]
    others = np.setdiff1d(np.arange(len(line.normals)), mine)
    out = left_out(line.sources, task.folds, seed % task.folds)
    kept = np.flatnonzero([line.sources[label] not in out for label in line.abnormals.labels])
    torch.manual_seed(seed)
    device, size = device_of(settings.device), line.params.model.input_size
    network = build(line.params.model, task.embedding).to(device)
    nothing = torch.zeros(0, 3, size, size, device=device)
    learning = (Learning if weight else MetricLearning)(
        normals=frames_of(line.normals.take(others), size, device),
        abnormals=frames_of(line.abnormals.take(kept), size, device),
        sources=line.sources,
        held_out=(nothing, nothing),
        loss=line.params.loss,
        settings=settings,
        embedding=task.embedding,
    )
    if weight:
        assert taught is not None
        rows = np.concatenate([others, len(line.normals) + kept])
        learning.criterion = Distillation(learning.criterion, network.head, taught[rows], weight).to(device)
    with tempfile.TemporaryDirectory() as scratch:
        whole = WithFeatures(network) if weight else network
        for _ in training.fit(whole, learning, settings, seed, Path(scratch, "resume.pt")):
            pass
    numbered = WithFrameNumbers(network)
    seen = line.normals.take(others).views(size)
    numbered.standardize(inputs_of(seen, device))
    numbers = [run(numbered, views)[:, task.embedding :] for views in (seen, in_other_light(seen))]
    kinds = np.array([line.kinds[label] if line.kinds[label] in out else "" for label in line.left.labels])
    foreign = [some(one.test) for one in lines if one.name != line.name]
    parts = {
        "held_out": line.normals.take(mine),
        "test": line.test,
        "unseen": line.unseen,
        "faults": line.left.take(np.flatnonzero(np.char.startswith(kinds, Group.CAMERA_FAULT))),
        "near": line.left.take(np.flatnonzero(np.char.startswith(kinds, Group.HARD_NEGATIVE))),
        "others": join(foreign, np.zeros(sum(map(len, foreign)), np.int64)),
    }
    outputs = {name: run(numbered, pictures.views(size)) for name, pictures in parts.items()}
    return Trained(**outputs, embedding=task.embedding, frame_test=fit(*numbers)[0])


def some(frames: Labelled, count: int = 100) -> Labelled:
    """So many of the frames at most, evenly spread."""
    return frames.take(np.linspace(0, len(frames) - 1, min(count, len(frames))).astype(int))


def run(network: Any, views: Pixels) -> Outputs:
    """Embeddings with frame numbers behind them, (n, d + s), of views (n, size, size, 3)."""
    device = next(network.parameters()).device
    with torch.inference_mode():
        return outputs_of(network.eval(), inputs_of(views, device)).cpu().numpy()


def row(name: str, weight: float, count: int, tested: bool, networks: list[Trained]) -> str:
    """A row of the table over the networks of all seeds."""
    aurocs, tprs, of_left, *counted = zip(*(measured(one, count, tested) for one in networks), strict=True)
    cells = [
        f"{np.mean(aurocs):.4f} ({min(aurocs):.4f} to {max(aurocs):.4f})",
        f"{100 * np.mean(tprs):.1f} % ({100 * min(tprs):.1f} to {100 * max(tprs):.1f})",
        f"{np.mean(of_left):.4f} ({min(of_left):.4f} to {max(of_left):.4f})",
        *(shares(one) for one in counted),
    ]
    return " | ".join([name, f"{weight:g}", str(count), "yes" if tested else "no", *cells])


def measured(one: Trained, count: int, tested: bool) -> Iterator[Any]:
    """As the table: two AUROCs with the TPR between, then what is refused or passes, by picture."""
    centroids = centroids_of(one.held_out[:, : one.embedding], count)
    held_out, test, unseen, faults, near, others = (
        judged(outputs, centroids, one.frame_test) if tested else similarities(outputs[:, : one.embedding], centroids)
        for outputs in (one.held_out, one.test, one.unseen, one.faults, one.near, one.others)
    )
    threshold = for_false_rejects(held_out, unseen[:0], 0.02)
    yield auroc(test, unseen)
    yield tpr_at_fpr(test, unseen, 0.01)
    yield auroc(test, faults)
    yield test < threshold
    for passing in (faults, near, others):
        yield passing >= threshold


def shares(found: tuple[NDArray[np.bool_], ...]) -> str:
    """The share over the pictures of all networks, with its interval."""
    together = np.concatenate(found)
    return in_words(int(together.sum()), len(together)) if len(together) else "-"


if __name__ == "__main__":
    with reported():
        main()
