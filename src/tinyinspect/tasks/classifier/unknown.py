"""What a classifier answers to pictures of none of its classes: it has to give one of them a score.

Nobody has to supply the pictures: faults of the camera that leave nothing to see of the test frames they are made of;
crops of packaged photos; foreign objects on a tray. None was trained on.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from tinyinspect.camera import Pixels
from tinyinspect.evaluation import intervals
from tinyinspect.recordings.photos import packaged_crops
from tinyinspect.selection.labelled import frames_folder, read_labelled
from tinyinspect.simulation.faults import STEPS, Fault, differs, fault
from tinyinspect.simulation.foreign import foreign_objects
from tinyinspect.tasks.classifier.decision import ScoreLimits
from tinyinspect.tasks.classifier.settings import Task

CONFIDENT = 0.9  # a score from which on a person would believe the answer
_FRAMES = 4  # that each kind of fault is made of
_CROPS, _OBJECTS = 8, 4  # of each photo, of each kind


def pictures(dataset: Path, *, classes: list[str], task: Task, seed: int) -> dict[str, list[Pixels]]:
    """Pictures of none of the classes, RGB, by group.

    Raises:
        InputError: As :func:`read_labelled`.
    """
    frames = read_labelled(frames_folder(dataset, "test"), classes).pictures
    return {
        "camera faults": _faults(frames, seed),
        "photos": [np.asarray(crop) for _, crop in packaged_crops(_CROPS, seed)],
        "foreign objects": [pixels for _, pixels in foreign_objects(_OBJECTS, seed)],
    }


def answers(outputs: dict[str, NDArray[np.float32]], decision: ScoreLimits, classes: list[str]) -> dict[str, Any]:
    """What the camera makes of them: shares in [0, 1] by group.

    Args:
        outputs: the camera's logits by group, (n, classes).
        decision: the score from which on an answer counts.
        classes: in the order of the logits.
    """
    return {group: _answers(logits, decision, classes) for group, logits in outputs.items() if len(logits)}


def _answers(logits: NDArray[np.float32], decision: ScoreLimits, classes: list[str]) -> dict[str, Any]:
    best, given = softmax(logits / decision.temperature, axis=1).max(1), np.bincount(logits.argmax(1))
    confident = int((best >= CONFIDENT).sum())
    interval = intervals.proportion(confident, len(best))
    return {
        "pictures": len(best),
        "counted": round(float((best >= decision.min_score).mean()), 6),
        "confident": round(confident / len(best), 6),
        "confident_ci_low": round(interval.low, 6),
        "confident_ci_high": round(interval.high, 6),
        "most_given": classes[int(given.argmax())],
    }


def _faults(frames: list[Pixels], seed: int) -> list[Pixels]:
    """The worst step of every kind that has steps, of frames in turn; without changes that leave a frame as it was."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(frames))
    made: list[Pixels] = []
    for kind in (kind for kind in Fault if STEPS[kind] > 1):
        for _ in range(_FRAMES):
            frame = frames[order[len(made) % len(order)]]
            faulty = fault(kind, STEPS[kind] - 1, frame, rng)
            if differs(faulty, frame):
                made.append(faulty)
    return made
