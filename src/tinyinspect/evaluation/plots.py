"""Files for ``dvc plots``: confusion matrices, precision-recall curves and the misclassified frames."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.metrics import precision_recall_curve

from tinyinspect.camera import Pixels
from tinyinspect.evaluation.scored import FLOAT, INT8, Labels, Logits
from tinyinspect.files import complete_file, complete_folder
from tinyinspect.selection.labelled import Labelled

RECALLS = np.linspace(0, 1, 101)
COLUMNS, MOST_SHOWN = 6, 24  # of the misclassified frames


@dataclass(frozen=True)
class Mistake:
    """A misclassified frame.

    Attributes:
        picture: as recorded, (height, width, 3) uint8.
        name: its file name.
        truth: its class.
        said: the class the model gave.
        score: how sure the model is of it, as a user knows it.
    """

    picture: Pixels
    name: str
    truth: str
    said: str
    score: float


def write_confusions(folder: Path, outputs: dict[str, Logits], labels: Labels, classes: list[str]) -> None:
    """Write ``<runtime>.csv`` with one row (actual, predicted) per test frame."""
    names = np.array(classes)
    with complete_folder(folder) as target:
        for runtime, logits in outputs.items():
            pairs = pd.DataFrame({"actual": names[labels], "predicted": names[logits.argmax(1)]})
            pairs.to_csv(target / f"{runtime}.csv", index=False)


def write_precision_recall(folder: Path, outputs: dict[str, Logits], labels: Labels, classes: list[str]) -> None:
    """Write ``<class>.csv``: at each recall the best precision that float and int8 reach, one column each."""
    scores = {runtime: softmax(outputs[runtime], axis=1) for runtime in (FLOAT, INT8)}
    with complete_folder(folder) as target:
        for index, name in enumerate(classes):
            curves = {runtime: best_precision(labels == index, values[:, index]) for runtime, values in scores.items()}
            table = pd.DataFrame({"recall": RECALLS, **curves})
            table.round(5).to_csv(target / f"{name}.csv", index=False)


def best_precision(positive: NDArray[np.bool_], scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """The highest precision at each of ``RECALLS`` or any higher recall, (101,)."""
    precision, recall, _ = precision_recall_curve(positive, scores)
    # The last point, precision 1 at recall 0, is scikit-learn's convention and no measurement.
    precision, recall = precision[:-1], recall[:-1]
    # Recall falls along the curve: the running maximum is the best precision from there on.
    best = np.maximum.accumulate(precision)
    return best[len(recall) - 1 - np.searchsorted(recall[::-1], RECALLS - 1e-9)]


def mistakes(frames: Labelled, logits: Logits, scores: NDArray[np.float32], classes: list[str]) -> list[Mistake]:
    """The misclassified frames, the most confident mistake first.

    Args:
        frames: n of them, with the truth.
        logits: (n, classes); the largest decides, and by how much is how confident it is.
        scores: what to show of each, (n,).
        classes: names in the order of the logits.
    """
    said = logits.argmax(1)
    wrong = np.flatnonzero(said != frames.labels)
    confidence = softmax(logits[wrong], axis=1).max(1)
    return [
        Mistake(
            picture=frames.pictures[row],
            name=frames.names[row],
            truth=classes[frames.labels[row]],
            said=classes[said[row]],
            score=float(scores[row]),
        )
        for row in wrong[np.argsort(-confidence, kind="stable")]
    ]


def write_mistakes(path: Path, found: list[Mistake], total: int) -> None:
    """Write the misclassified frames as one JPEG picture, with truth, prediction and score under each."""
    shown = found[:MOST_SHOWN]
    rows = max(1, math.ceil(len(shown) / COLUMNS))
    figure = Figure(figsize=(2 * COLUMNS, 0.6 + 2.5 * rows if shown else 0.8), layout="constrained")
    figure.suptitle(_title(len(found), len(shown), total), fontsize=12)
    for number in range(rows * COLUMNS if shown else 0):
        axes = figure.add_subplot(rows, COLUMNS, number + 1)
        axes.axis("off")
        if number < len(shown):
            _draw(axes, shown[number])
    with complete_file(path) as target:
        figure.savefig(target, format="jpg", dpi=100, pil_kwargs={"quality": 80})


def _title(found: int, shown: int, total: int) -> str:
    if not found:
        return f"tflite-micro int8 classifies all {total} test frames correctly"
    some = f"; the {shown} most confident" if shown < found else ", the most confident first"
    return f"{found} of {total} test frames misclassified by tflite-micro int8{some}"


def _draw(axes: Axes, mistake: Mistake) -> None:
    axes.imshow(mistake.picture)
    axes.set_title(Path(mistake.name).stem, fontsize=8, color="grey", pad=3)
    caption = f"is {mistake.truth}\nsaid {mistake.said} ({mistake.score:.2f})"
    axes.text(0.5, -0.03, caption, transform=axes.transAxes, ha="center", va="top", fontsize=9)
