"""What a model is measured on, and what the measuring gives to plots and report.

``FLOAT`` is the runtime of what was trained, ``INT8`` that of what the camera computes.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyinspect.selection.labelled import Labelled

FLOAT, INT8 = "pytorch", "tflite_micro"
Labels = NDArray[np.int64]  # (n,) index into the classes
Logits = NDArray[np.float32]  # (n, classes)


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
        metrics: the content of ``metrics_full.json``.
        logits: by runtime, (n, classes) float32; the largest decides.
        scores: of the decision, of the float model and of the camera's, (n,) float32, as a user knows them.
        score_name: what they are called.
        threshold: from which on a score is a yes; None where the largest score decides.
        groups: pictures by name, (n,) masks, whose scores are drawn apart; good news first.
    """

    test: TestSet
    metrics: dict[str, Any]
    logits: dict[str, NDArray[np.float32]]
    scores: dict[str, NDArray[np.float32]]
    score_name: str
    threshold: float | None
    groups: dict[str, NDArray[np.bool_]]
