"""How a gate's centroid and threshold are chosen: on frames and sources that were not trained on."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinyinspect.device.microcontroller import MicroRuntime
from tinyinspect.errors import InputError
from tinyinspect.evaluation.intervals import allowed, strictest
from tinyinspect.evaluation.runtimes import pytorch, tflite_micro
from tinyinspect.selection.labelled import VALIDATION, frames_folder, read_labelled
from tinyinspect.tasks.gate.decision import DIGITS, Decision, Embeddings, Gate, centroid_of, similarities
from tinyinspect.tasks.gate.pictures import abnormal_folder, read_abnormals
from tinyinspect.tasks.gate.settings import Decide, Task

FLOAT_FILE, INT8_FILE = "model.safetensors", "model_int8.tflite"


def threshold_for(normal: NDArray[np.float32], abnormal: NDArray[np.float32], false_accept_rate: float) -> float:
    """The similarity that lets as many normal frames through as it can, and no more than a share of abnormal pictures.

    It lies halfway between the lowest normal frame that passes and the next abnormal picture below it.

    Args:
        normal: similarities of normal frames, (n,).
        abnormal: similarities of abnormal pictures, (m,).
        false_accept_rate: that share.

    Raises:
        InputError: There are too few abnormal pictures to tell, or no normal frame would pass.
    """
    if not allowed(abnormal, false_accept_rate):
        raise InputError(
            f"decide.false_accept_rate {false_accept_rate:g} cannot be told from {len(abnormal)} abnormal pictures of "
            f"validation; raise it to {1 / max(len(abnormal), 1):.2g} or more, or add pictures to photos/"
        )
    refused = strictest(abnormal, false_accept_rate)
    passing = normal[normal > refused]
    if not len(passing):
        raise InputError(
            f"decide.false_accept_rate {false_accept_rate:g} cannot be met: above {refused:.3f} the gate would refuse "
            f"all {len(normal)} normal frames; raise the rate, train for longer or add abnormal pictures"
        )
    lowest = passing.min()
    return round(float(lowest + abnormal[abnormal < lowest].max()) / 2, DIGITS)


def decision_of(normal: Embeddings, abnormal: Embeddings, false_accept_rate: float) -> Decision:
    """Centroid and threshold from embeddings of normal frames and abnormal pictures that were not trained on.

    Raises:
        InputError: As :func:`centroid_of` and :func:`threshold_for`.
    """
    centroid = centroid_of(normal)
    of_normal, of_abnormal = similarities(normal, centroid), similarities(abnormal, centroid)
    threshold = threshold_for(of_normal, of_abnormal, false_accept_rate)
    return Decision(threshold=threshold, numbers=[round(float(value), DIGITS) for value in centroid])


def decide(models: Path, dataset: Path, *, classes: list[str], task: Task, decide: Decide) -> tuple[Gate, str]:
    """Centroid and threshold of the float model and of the int8 file, from what validation holds.

    Raises:
        InputError: As :func:`decision_of`, or a model or the dataset cannot be read.
    """
    frames = read_labelled(frames_folder(dataset, VALIDATION), task.normal_classes, needed=False)
    if not len(frames):
        raise InputError(
            "no normal frame is left to choose the threshold on; label at least two training frames of a class in "
            "task.normal_classes"
        )
    pictures = read_abnormals(abnormal_folder(dataset, VALIDATION))[0]
    size = MicroRuntime(models / INT8_FILE).input_size
    normal, abnormal = frames.views(size), pictures.views(size)
    of_float, of_int8 = (
        decision_of(run(models / file, normal), run(models / file, abnormal), decide.false_accept_rate)
        for run, file in ((pytorch, FLOAT_FILE), (tflite_micro, INT8_FILE))
    )
    gate = Gate(of_float=of_float, of_int8=of_int8, normal=len(normal), abnormal=len(abnormal))
    counts = f"{len(normal)} held-out normal frames, {len(abnormal)} abnormal pictures"
    return gate, f"threshold {of_float.threshold:.3f} in float, {of_int8.threshold:.3f} in int8, from {counts}"
