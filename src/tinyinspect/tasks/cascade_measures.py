"""What gate and classifier make of pictures together, and what the classifier would make of them alone.

The pictures are the classifier's test frames and, as in its report, pictures of none of its classes: faults of the
camera, photos, foreign objects. Both int8 files run as the camera runs them.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from tinyinspect.camera import Pixels, model_view
from tinyinspect.config.loading import load
from tinyinspect.config.params import Params
from tinyinspect.device.microcontroller import MicroRuntime
from tinyinspect.evaluation.intervals import in_words
from tinyinspect.report.table import Table
from tinyinspect.selection.labelled import frames_folder, read_labelled
from tinyinspect.tasks.cascade import Half, classifier_of, gate_of
from tinyinspect.tasks.classifier import unknown
from tinyinspect.tasks.classifier.camera import ClassifierSection
from tinyinspect.tasks.classifier.settings import Task
from tinyinspect.tasks.gate.camera import GateSection


@dataclass(frozen=True)
class Group:
    """Pictures of one kind, by what is said of them.

    Attributes:
        name: a class, or a kind of picture of none of the classes.
        number: of pictures.
        unknown: how many the gate refuses.
        right: how many get their class, with a score that counts.
        wrong: how many get another class, with a score that counts.
        wrong_alone: the same of the classifier without the gate.
    """

    name: str
    number: int
    unknown: int
    right: int
    wrong: int
    wrong_alone: int

    @property
    def unsure(self) -> int:
        """How many pass the gate and get no score that counts."""
        return self.number - self.unknown - self.right - self.wrong


@dataclass(frozen=True)
class Measures:
    """What the two make of all pictures.

    Attributes:
        classes: a group for each class, its test frames.
        foreign: pictures of none of the classes.
    """

    classes: list[Group]
    foreign: list[Group]


def measured_here(root: Path, gate: Half, classifier: Half) -> Measures | None:
    """Measures with the dataset of a project; None where the project's model is not that of the classifier's bundle.

    Raises:
        InputError: As :func:`measure`, or ``params.yaml`` is not valid.
    """
    model, dataset = root / "models/model_int8.tflite", root / "dataset"
    if not model.is_file() or model.read_bytes() != classifier.model.read_bytes():
        return None
    params = load(root / "params.yaml", Params)
    section = classifier_of(classifier)
    if not isinstance(params.task, Task) or params.data.classes != section.classes or not dataset.is_dir():
        return None
    pair = (gate.model, gate_of(gate)), (classifier.model, section)
    return measure(*pair, dataset, task=params.task, seed=params.seed)


def measure(
    gate: tuple[Path, GateSection], classifier: tuple[Path, ClassifierSection], dataset: Path, *, task: Task, seed: int
) -> Measures:
    """Show the classifier's test frames, and pictures of none of its classes, to both.

    Args:
        gate: int8 file and settings.
        classifier: int8 file and settings.
        dataset: of the classifier; its test frames are read.
        task: the classifier's section of the parameters.
        seed: of the pictures that are made.

    Raises:
        InputError: As :func:`read_labelled`, or a file does not run.
    """
    networks, names = (MicroRuntime(gate[0]), MicroRuntime(classifier[0])), classifier[1].classes
    test = read_labelled(frames_folder(dataset, "test"), names)

    def group(name: str, pictures: list[Pixels], label: int | None) -> Group:
        passes = gate[1].decision.accepts(_outputs(networks[0], pictures))
        scores = softmax(_outputs(networks[1], pictures) / classifier[1].temperature, axis=1)
        counts, right = scores.max(1) >= classifier[1].min_score, scores.argmax(1) == label
        return Group(
            name,
            number=len(pictures),
            unknown=int((~passes).sum()),
            right=int((passes & counts & right).sum()),
            wrong=int((passes & counts & ~right).sum()),
            wrong_alone=int((counts & ~right).sum()),
        )

    foreign = unknown.pictures(dataset, classes=names, task=task, seed=seed)
    return Measures(
        [group(name, test.take(test.labels == label).pictures, label) for label, name in enumerate(names)],
        [group(name, pictures, None) for name, pictures in foreign.items() if pictures],
    )


def table(measures: Measures) -> Table:
    """A row a group, in percent of its pictures."""
    return Table(
        "gate and classifier together, % of the pictures",
        ["pictures", "number", "unknown", "right", "wrong", "unsure", "wrong without the gate"],
        [
            [
                group.name,
                str(group.number),
                *(
                    f"{100 * count / group.number:.1f}"
                    for count in (group.unknown, group.right, group.wrong, group.unsure, group.wrong_alone)
                ),
            ]
            for group in [*measures.classes, *measures.foreign]
        ],
    )


def sentence(measures: Measures) -> str:
    """How often a picture of no class gets one with a score that counts, with the gate and without."""
    number = sum(group.number for group in measures.foreign)
    wrong = in_words(sum(group.wrong for group in measures.foreign), number)
    alone = in_words(sum(group.wrong_alone for group in measures.foreign), number)
    return (
        f"Of {number} pictures of none of the classes, {wrong} get a class all the same; without the gate {alone} do."
    )


def _outputs(network: MicroRuntime, pictures: list[Pixels]) -> NDArray[np.float32]:
    views = np.stack([model_view(picture, network.input_size) for picture in pictures])
    return network.outputs((views.astype(np.int16) - 128).astype(np.int8))
