"""How far a frame's numbers lie from those of normal frames, in units of how far normal frames lie themselves.

A network answers with a high similarity to a frame of which a half is covered, if the other half looks as it should.
The frame numbers (see :mod:`tinyinspect.models.frame_numbers`) tell such frames, and no fault is learned from. Their
logarithms are compared, for light multiplies them. The distance is that of Mahalanobis, with a covariance that is
shrunk as by Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance matrices", 2004.

Recordings of a day hardly know another light. So normal frames are learned from in somewhat other light, too.
"""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from tinyinspect.camera import Pixels
from tinyinspect.errors import InputError

Numbers = NDArray[np.float32]  # (n, s), from 0 to 6
Row = Annotated[list[float], Field(min_length=1)]
OFFSET = 0.1  # added to a number before its logarithm is taken
DIGITS = 6
FOLDS = 5
LIMIT = 0.1  # square distance from which on similarity is taken off
BEYOND = 0.02  # share of normal frames that lie beyond it
LIGHT = 0.2  # largest change of brightness and of contrast
COPIES = 2  # in other light, of each normal frame
_STEP = 12 / 255  # between two numbers of an int8 tensor that reaches from -6 to 6


class FrameTest(BaseModel):
    """Where the numbers of normal frames lie: 98 in 100 of them have a square distance of at most 0.1.

    A similarity is lessened by what is above. With a limit of 1, and larger distances, an odd normal frame would lower
    the threshold so far that pictures pass which the network alone knows to refuse.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    center: Row = Field(description="Means of the logarithms of the frame numbers, each with 0.1 added before")
    factor: list[Row] = Field(description="Matrix whose product with a frame's differences from them has its distance")

    def excess(self, numbers: Numbers) -> NDArray[np.float32]:
        """What each frame's square distance is above 0.1, at least 0, (n,)."""
        away = (_logarithms(numbers) - self.center) @ np.array(self.factor).T
        return np.maximum((away**2).sum(1) - LIMIT, 0).astype(np.float32)


def in_other_light(views: Pixels) -> Pixels:
    """Each view some times, with brightness and contrast that are drawn for it, (COPIES n, h, w, 3) uint8."""
    rng = np.random.default_rng(0)
    copies = np.tile(views, (COPIES, 1, 1, 1)).astype(np.float32)
    brightness, contrast = rng.uniform(1 - LIGHT, 1 + LIGHT, (2, len(copies), 1, 1, 1)).astype(np.float32)
    copies *= brightness
    means = copies.mean((1, 2, 3), keepdims=True)
    return np.clip((copies - means) * contrast + means, 0, 255).round().astype(np.uint8)


def fit(numbers: Numbers, in_light: Numbers) -> tuple[FrameTest, NDArray[np.float32]]:
    """The test for frames like these normal ones, and the excess of each, measured without its fold, (n,).

    Args:
        numbers: of n normal frames.
        in_light: of the same frames in other light, (COPIES n, s), as :func:`in_other_light` orders them.

    Raises:
        InputError: There are too few of them.
    """
    if len(numbers) < FOLDS:
        raise InputError(
            f"task.frame_test needs {FOLDS} normal frames to learn from, and there are {len(numbers)}; label more "
            "frames or set task.frame_test to false"
        )
    everything, frame = np.concatenate([numbers, in_light]), np.tile(np.arange(len(numbers)), 1 + COPIES)
    folds = np.random.default_rng(0).permutation(len(numbers)) % FOLDS
    left_out = np.empty(len(numbers))
    for fold in range(FOLDS):
        mine = folds == fold
        center, factor = _ellipsoid(everything[~mine[frame]])
        left_out[mine] = (((_logarithms(numbers[mine]) - center) @ factor.T) ** 2).sum(1)
    scale = LIMIT / max(np.quantile(left_out, 1 - BEYOND), 1.0)
    center, factor = _ellipsoid(everything)
    test = FrameTest(
        center=[round(float(one), DIGITS) for one in center],
        factor=[[round(float(one), DIGITS) for one in row] for row in factor * np.sqrt(scale)],
    )
    return test, np.maximum(left_out * scale - LIMIT, 0).astype(np.float32)


def _logarithms(numbers: Numbers) -> NDArray[np.float64]:
    return np.log(np.maximum(numbers.astype(np.float64), 0) + OFFSET)


def _ellipsoid(numbers: Numbers) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Center (s,) and the factor (s, s) of the Mahalanobis distance from it."""
    from sklearn.covariance import LedoitWolf  # here: every stage of a gate would wait for it

    values = _logarithms(numbers)
    spread = values.std(0)
    spread[spread == 0] = 1
    found = LedoitWolf().fit(values / spread)
    # int8 moves a number by up to a step; without that, one that is alike in all normal frames would decide alone.
    rounded = (_STEP / (numbers.mean(0, dtype=np.float64) + OFFSET)) ** 2
    covariance = found.covariance_ * np.outer(spread, spread) + np.diag(rounded)
    return found.location_ * spread, np.linalg.inv(np.linalg.cholesky(covariance))
