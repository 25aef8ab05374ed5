"""Which frames calibrate the int8 file: training frames as the camera's model sees them, every class alike."""

import numpy as np
from numpy.typing import NDArray

from tinyinspect.selection.labelled import Labelled


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
