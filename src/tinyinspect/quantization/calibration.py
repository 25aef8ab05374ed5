"""Which frames calibrate the int8 file: training frames as the camera's model sees them, every class alike."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinyinspect.config.quantize import CalibrationChoice
from tinyinspect.quantization.features import features
from tinyinspect.selection.coreset import select_coreset
from tinyinspect.selection.labelled import Labelled


def chosen_views(
    labelled: Labelled, size: int, count: int, seed: int, choice: CalibrationChoice, onnx: Path
) -> NDArray[np.uint8]:
    """Calibration frames by the choice of the parameters; see :func:`calibration_views` and :func:`diverse_views`."""
    match choice:
        case CalibrationChoice.RANDOM:
            return calibration_views(labelled, size, count, seed)
        case CalibrationChoice.DIVERSE:
            return diverse_views(labelled, size, count, seed, onnx)


def calibration_views(labelled: Labelled, size: int, count: int, seed: int) -> NDArray[np.uint8]:
    """Draw calibration frames, the classes taking turns until `count` or all are drawn.

    Args:
        labelled: training frames, never test frames.
        size: side of the model's input in pixels.
        count: how many at most.
        seed: of the draw.

    Returns:
        (m, size, size, 3) uint8, m <= count.
    """
    order = np.random.default_rng(seed).permutation(len(labelled))
    turn = np.empty(len(order), np.int64)  # a frame's place among those of its class
    for label in np.unique(labelled.labels):
        mine = order[labelled.labels[order] == label]
        turn[mine] = np.arange(len(mine))
    chosen = sorted(order, key=lambda row: turn[row])[:count]
    return labelled.views(size)[np.sort(chosen)]


def diverse_views(labelled: Labelled, size: int, count: int, seed: int, onnx: Path) -> NDArray[np.uint8]:
    """Choose calibration frames that cover the others, by what the network itself makes of them.

    Args:
        labelled: training frames, never test frames.
        size: side of the model's input in pixels.
        count: how many at most.
        seed: of the first one.
        onnx: the float network, whose features stand for the frames.

    Returns:
        (m, size, size, 3) uint8, m <= count, in the order of the training frames.
    """
    views = labelled.views(size)
    chosen = select_coreset(
        features(onnx, views),
        count,
        preselected=np.empty(0, np.int64),
        classes=labelled.labels,
        typicality=0,
        class_balance=1,
        rng=np.random.default_rng(seed),
    )
    return views[np.sort(chosen)]
