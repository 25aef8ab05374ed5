"""How a gate's centroids and threshold are chosen: on frames and sources that were not trained on.

Every normal frame counts. Those of validation are scored by the model itself. The others are scored by networks that
were trained without them (see :mod:`tinyinspect.tasks.gate.objective.cross_fitting`), and their scores are moved to the
model's scale: linearly, so that the means of the held-out normal frames, and those of the abnormal pictures of
validation, which no network was trained on, fall together.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.errors import EmptyDataError

from tinyinspect.device.microcontroller import MicroRuntime
from tinyinspect.errors import InputError
from tinyinspect.evaluation import frame_test
from tinyinspect.evaluation.frame_test import in_other_light
from tinyinspect.evaluation.runtimes import pytorch, tflite_micro
from tinyinspect.selection.labelled import VALIDATION, frames_folder, read_labelled
from tinyinspect.tasks.gate.deciding.threshold import Scores, interval_of, threshold_for
from tinyinspect.tasks.gate.decision import (
    DIGITS,
    Decision,
    Gate,
    LeftOut,
    centroids_of,
    judged,
    lessened,
    similarities,
)
from tinyinspect.tasks.gate.pictures import (
    ABNORMAL,
    LEFT_OUT,
    NORMAL,
    abnormal_folder,
    is_made,
    read_abnormals,
    step_of,
)
from tinyinspect.tasks.gate.settings import Decide, Task

FLOAT_FILE, INT8_FILE, HELD_OUT = "model.safetensors", "model_int8.tflite", "held_out.csv"
_COLUMNS = ["fold", "kind", "source", "picture", "score"]


def decide(models: Path, dataset: Path, *, classes: list[str], task: Task, decide: Decide) -> tuple[Gate, str]:
    """Centroids, frame test and threshold of the float model and of the int8 file.

    Raises:
        InputError: There is no normal frame in validation, a file cannot be read, or as :func:`threshold_for`,
            :func:`centroids_of` and :func:`frame_test.fit`.
    """
    frames = read_labelled(frames_folder(dataset, VALIDATION), task.normal_classes, needed=False)
    if not len(frames):
        raise InputError(
            "no normal frame is left to choose the threshold on; label at least two training frames of a class in "
            "task.normal_classes"
        )
    pictures, names = read_abnormals(abnormal_folder(dataset, VALIDATION))
    trained = read_labelled(frames_folder(dataset, "train"), task.normal_classes)
    sources = [names[label] for label in pictures.labels]
    held_out = read_held_out(models / HELD_OUT)
    # Those of validation are scored by the model itself.
    elsewhere = held_out[(held_out["kind"] == NORMAL) & ~held_out["picture"].isin(frames.names)]
    size = MicroRuntime(models / INT8_FILE).input_size
    normals = np.concatenate([frames.views(size), trained.views(size)])
    changed = in_other_light(normals)
    found = {}
    for file, run in ((FLOAT_FILE, pytorch), (INT8_FILE, tflite_micro)):
        of_frames, of_pictures = (run(models / file, one.views(size)) for one in (frames, pictures))
        embeddings = of_frames[:, : task.embedding]
        centroids = centroids_of(embeddings, task.centroids)
        normal, test = similarities(embeddings, centroids), None
        if task.frame_test:
            numbers, in_light = (run(models / file, views)[:, task.embedding :] for views in (normals, changed))
            test, excess = frame_test.fit(numbers, in_light)
            normal = lessened(normal, excess[: len(frames)])
        abnormal = judged(of_pictures, centroids, test)
        foreign = np.array([not is_made(source) for source in sources])
        moved = on_the_scale_of(normal, abnormal[foreign], held_out, elsewhere)
        found[file] = _Scored(centroids, test, np.concatenate([normal, moved]), by_group(abnormal, sources))
    return _gate(found[FLOAT_FILE], found[INT8_FILE], held_out, decide)


@dataclass(frozen=True)
class _Scored:
    """What one file's outputs are compared with, and the similarities of held-out frames, (n,), and by group."""

    centroids: NDArray[np.float32]
    frame_test: frame_test.FrameTest | None
    normal: Scores
    abnormal: dict[str, Scores]

    def decision(self, decide: Decide) -> Decision:
        return Decision(
            threshold=threshold_for(self.normal, self.abnormal, decide),
            centroids=[[round(float(one), DIGITS) for one in centroid] for centroid in self.centroids],
            frame_test=self.frame_test,
        )


def _gate(of_float: _Scored, of_int8: _Scored, held_out: pd.DataFrame, decide: Decide) -> tuple[Gate, str]:
    in_float, in_int8 = of_float.decision(decide), of_int8.decision(decide)
    normal, abnormal = of_int8.normal, of_int8.abnormal
    everything = np.concatenate(list(abnormal.values()))
    low, high = interval_of(normal, abnormal, decide)
    gate = Gate(
        of_float=in_float,
        of_int8=in_int8,
        threshold_low=round(low, DIGITS),
        threshold_high=round(high, DIGITS),
        normal=len(normal),
        refused=int((normal < in_int8.threshold).sum()),
        abnormal=len(everything),
        passed=int((everything >= in_int8.threshold).sum()),
        left_out=of_left_out(held_out, decide),
    )
    sentence = f"threshold {in_float.threshold:.3f} in float, {in_int8.threshold:.3f} in int8 ({low:.3f} to {high:.3f})"
    warnings = [f"warning: {warning}" for warning in gate.warnings]
    return gate, "\n".join([f"{sentence}. {gate.knows}", *warnings])


def by_group(scores: Scores, sources: list[str]) -> dict[str, Scores]:
    """Scores by the group of their source."""
    groups = np.array([source.partition("/")[0] for source in sources])
    return {group: scores[groups == group] for group in dict.fromkeys(groups.tolist())}


def on_the_scale_of(normal: Scores, abnormal: Scores, held_out: pd.DataFrame, wanted: pd.DataFrame) -> Scores:
    """The scores in ``wanted``, rows of ``held_out``, as the model would give them.

    Args:
        normal: the model's scores of the normal frames of validation.
        abnormal: its scores of the abnormal pictures of validation that are not made of normal frames.
        held_out: what the networks of all folds gave.
        wanted: rows of it.
    """
    found = []
    for fold, rows in wanted.groupby("fold"):
        of_fold = held_out[held_out["fold"] == fold]
        its_normal = of_fold.loc[of_fold["kind"] == NORMAL, "score"].mean()
        its_abnormal = of_fold.loc[of_fold["kind"] == ABNORMAL, "score"].mean()
        if not its_normal > its_abnormal or not len(abnormal):
            continue  # a network that learned nothing says nothing
        share = (rows["score"] - its_abnormal) / (its_normal - its_abnormal)
        found.append(float(abnormal.mean()) + share.to_numpy() * float(normal.mean() - abnormal.mean()))
    return np.clip(np.concatenate(found), -1, 1).astype(np.float32) if found else np.zeros(0, np.float32)


def of_left_out(held_out: pd.DataFrame, decide: Decide) -> list[LeftOut]:
    """How many pictures of kinds that were left out pass, by kind and step, each at its network's own threshold."""
    counts: dict[tuple[str, int], list[int]] = {}
    for _, rows in held_out.groupby("fold"):
        normal, abnormal, left = (rows[rows["kind"] == kind] for kind in (NORMAL, ABNORMAL, LEFT_OUT))
        of_normal, of_abnormal = (one["score"].to_numpy(np.float32) for one in (normal, abnormal))
        try:
            threshold = threshold_for(of_normal, by_group(of_abnormal, abnormal["source"].tolist()), decide)
        except InputError:  # this network tells nothing apart at that rate
            continue
        for source, name, score in zip(left["source"], left["picture"], left["score"], strict=True):
            count = counts.setdefault((source, step_of(name)), [0, 0])
            count[0] += 1
            count[1] += score >= threshold
    return [
        LeftOut(source=source, step=step, pictures=total, passed=passed)
        for (source, step), (total, passed) in sorted(counts.items())
    ]


def read_held_out(path: Path) -> pd.DataFrame:
    """What ``train`` wrote of the held-out pictures.

    Raises:
        InputError: The file is missing or is another task's.
    """
    try:
        table = pd.read_csv(path, dtype={"source": str, "picture": str}, keep_default_na=False)
    except (OSError, ValueError, EmptyDataError):
        raise InputError(f"{path} is missing or cannot be read; run `dvc repro train`") from None
    if list(table.columns) != _COLUMNS:
        raise InputError(f"{path} holds no scores of a gate; run `dvc repro train`")
    return table
