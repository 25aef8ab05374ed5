"""What a model is measured on, and what the measuring gives to plots and report."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyinspect.selection.abnormals import read_abnormals
from tinyinspect.selection.labelled import Labelled, join, read_labelled


@dataclass(frozen=True)
class TestSet:
    """Test pictures.

    Attributes:
        frames: with labels that index ``classes``.
        classes: in the order of the labels.
        sources: abnormal source of each picture, "" for a frame of the recordings that is measured by its class.
        unseen: whether a picture is abnormal and its source was not trained on.
    """

    __test__ = False  # no test of pytest's

    frames: Labelled
    classes: list[str]
    sources: NDArray[np.str_]
    unseen: NDArray[np.bool_]

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Whether a picture counts in the measures of the whole set: abnormal ones of sources trained on do not."""
        return (self.sources == "") | self.unseen


@dataclass(frozen=True)
class Scored:
    """A test set with what the model makes of it.

    Attributes:
        test: the pictures.
        metrics: the content of ``metrics.json``.
        logits: by runtime, (n, classes) float32; the largest decides.
        scores: of the decision, of the float model and of the camera's, (n,) float32, as a user knows them.
        score_name: what they are called.
        threshold: from which on a score is a yes; None where the largest score decides.
    """

    test: TestSet
    metrics: dict[str, Any]
    logits: dict[str, NDArray[np.float32]]
    scores: dict[str, NDArray[np.float32]]
    score_name: str
    threshold: float | None


def read_class_set(labelled: Path, classes: list[str]) -> TestSet:
    """The classifier's: ``labeled/test``.

    Raises:
        InputError: As :func:`read_labelled`.
    """
    frames = read_labelled(labelled, classes)
    return TestSet(frames, classes, np.full(len(frames), ""), np.zeros(len(frames), bool))


def read_gate_set(labelled: Path, abnormal: Path, normal_classes: list[str]) -> TestSet:
    """The gate's: normal frames of ``labeled/test``, abnormal pictures of unseen sources, then of trained ones.

    Raises:
        InputError: As :func:`read_labelled` and :func:`read_abnormals`.
    """
    normal = read_labelled(labelled, normal_classes)
    sets = [read_abnormals(abnormal / "test")]
    if any((abnormal / "seen").rglob("*.jpg")):
        sets.append(read_abnormals(abnormal / "seen"))
    counts = [len(normal), *(len(pictures) for pictures, _ in sets)]
    frames = join([normal, *(pictures for pictures, _ in sets)], labels=np.repeat([0, 1], [counts[0], sum(counts[1:])]))
    sources = np.concatenate([np.full(len(normal), ""), *(np.array(names)[one.labels] for one, names in sets)])
    unseen = np.zeros(len(frames), bool)
    unseen[counts[0] : counts[0] + counts[1]] = True
    return TestSet(frames, ["normal", "abnormal"], sources, unseen)
