"""Frames without a label that train too, with the classes that a teacher takes them for.

A linear classifier on the teacher's features is fitted to the labelled frames and gives each other frame a probability
for every class. The network learns these probabilities from views of its own: knowledge distillation (Hinton et al.,
"Distilling the Knowledge in a Neural Network", 2015) on unlabelled frames, as in Chen et al., "Big Self-Supervised
Models are Strong Semi-Supervised Learners" (2020).
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tinyinspect.learning.frames import Frames
from tinyinspect.learning.linear import probabilities_of


@dataclass(frozen=True)
class Taught:
    """Frames without a label.

    Attributes:
        frames: m of them; their labels mean nothing.
        targets: probabilities of the classes, (m, classes) float32.
        share: of the batches that they are.
    """

    frames: Frames
    targets: Tensor
    share: float


@dataclass(frozen=True)
class Lesson:
    """What the teacher sees in labelled and in other frames.

    Attributes:
        known: features of n labelled frames, (n, d).
        labels: of these, (n,) int64.
        frames: m without a label.
        seen: features of these, (m, d).
        share: of a training's batches that they are.
    """

    known: NDArray[np.float32]
    labels: NDArray[np.int64]
    frames: Frames
    seen: NDArray[np.float32]
    share: float

    def taught(self, rows: NDArray[np.int64], classes: int) -> Taught | None:
        """What the labels of the frames at these rows teach; nothing where all have the same."""
        if len(np.unique(self.labels[rows])) < 2:
            return None
        targets = probabilities_of(self.known[rows], self.labels[rows], self.seen, classes)
        return Taught(self.frames, torch.from_numpy(targets).to(self.frames.labels.device), self.share)
