"""Rows evenly over a sequence: of frames in order of time, each stretch has its share."""

import numpy as np
from numpy.typing import NDArray


def spread(count: int, most: int) -> NDArray[np.int64]:
    """At most so many of ``count`` rows, evenly spread and ascending."""
    return np.linspace(0, count - 1, min(count, most)).astype(np.int64)
