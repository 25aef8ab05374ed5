"""Frames of which the teacher thinks otherwise than the model: a label tells which of the two is wrong.

What the teacher thinks is what a linear classifier on its features says, fitted to the labels there are. Two learners
that see a frame differently disagree where one of them lacks a label: query by committee (Seung et al., 1992).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinyinspect.errors import InputError
from tinyinspect.labelling.frames import Frames
from tinyinspect.labelling.judged import Judged
from tinyinspect.learning.features import read_features
from tinyinspect.learning.linear import probabilities_of
from tinyinspect.selection.dataset import picture_name


@dataclass(frozen=True)
class TeacherView:
    """What the teacher saw in some frames.

    Attributes:
        rows: (m,) int64, of the frames.
        values: its features, (m, d).
    """

    rows: NDArray[np.int64]
    values: NDArray[np.float32]

    def opinions(self, labels: NDArray[np.object_], classes: list[str]) -> "Opinions":
        """What it takes the frames without a label for.

        Args:
            labels: of all n frames, (n,).
            classes: k names.

        Raises:
            InputError: The frames that it saw have labels of fewer than two classes.
        """
        mine = labels[self.rows]
        known = np.isin(mine, classes)
        codes = np.array([classes.index(label) for label in mine[known]], np.int64)
        if len(np.unique(codes)) < 2:
            raise InputError("the teacher knows labels of fewer than two classes; label more and run `dvc repro`")
        free = mine == ""
        found = probabilities_of(self.values[known], codes, self.values[free], len(classes))
        return Opinions(self.rows[free], found, classes)


class Opinions(Judged):
    """What the teacher takes frames without a label for."""

    def disputed(self, model: NDArray[np.float32]) -> NDArray[np.int64]:
        """The rows, those first where the model's answer is another, and of these where its probabilities differ most.

        Args:
            model: its probabilities for all n frames, (n, k); NaN, not known yet, comes last.
        """
        theirs = model[self.rows]
        apart = np.abs(self.probabilities - theirs).sum(1)
        agree = self.probabilities.argmax(1) == theirs.argmax(1)
        return self.rows[np.lexsort((-apart, agree, np.isnan(apart)))]


def read_teacher(path: Path, frames: Frames) -> TeacherView | None:
    """What the stage `teach` wrote; None before it did, without a teacher, or from other frames.

    Raises:
        InputError: The file is damaged.
    """
    if not path.exists():
        return None
    features = read_features(path)
    recordings = {_split(picture_name(one, 0))[0]: one for one in frames.recordings}
    found = [(recordings.get(stem, ""), number) for stem, number in map(_split, features.names)]
    rows = np.array([frames.row(*place) for place in found], np.int64)
    here = rows >= 0
    return TeacherView(rows[here], features.values[here]) if here.any() else None


def _split(name: str) -> tuple[str, int]:
    """The part of a frame's file name that tells its recording, and its number."""
    stem, _, number = name.removesuffix(".jpg").rpartition("-")
    return stem, int(number)
