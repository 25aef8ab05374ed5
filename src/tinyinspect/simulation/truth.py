"""What a frame shows, decided from what is in sight and nothing else.

The label is of the middle square, the window that the camera's program shows to its model:

- ``no_mask``: the mask covers less than half of it. Coverage is measured along the line, over the middle half of the
  rows, because the tray's walls above and below the mask never are covered.
- ``defective``: covered, and enough of a defect is in the window to recognise it. A small defect counts when half of it
  is in sight, a large one from a few square millimetres on; a lost loop when half of its place beside the end is.
- ``good``: covered, and no defect in sight. A defective mask whose defects are all outside the window shows only good
  cloth, so its frame is ``good``.
"""

from enum import StrEnum
from typing import Any

import numpy as np

from tinyinspect.camera import square_window
from tinyinspect.simulation.canvas import Layer

_COVERED = 0.5
_RECOGNISED = 0.5


class Label(StrEnum):
    """Classes of frames."""

    GOOD = "good"
    DEFECTIVE = "defective"
    NO_MASK = "no_mask"


def label(body: Layer, evidence: Layer) -> Label:
    """The label of one frame.

    Args:
        body: coverage by the mask's body in [0, 1], (rows, columns).
        evidence: sums to 1 over as much of a defect as proves it, (rows, columns).
    """
    both: Any = np.stack([body, evidence], axis=-1)
    window: Any = square_window(both)
    if coverage(window[..., 0]) < _COVERED:
        return Label.NO_MASK
    return Label.DEFECTIVE if float(window[..., 1].sum()) >= _RECOGNISED else Label.GOOD


def coverage(window: Layer) -> float:
    """Part of the window along the line that the mask covers, over the middle half of the rows."""
    quarter = window.shape[0] // 4
    return float(window[quarter:-quarter].mean())
