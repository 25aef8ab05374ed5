"""What an OpenMV camera makes of a picture before its model sees it, bit for bit, on the host.

The firmware keeps frames as RGB565, resizes them by a coarse integer bilinear without antialiasing and writes
``pixel - 128`` into the model's int8 input. Training, calibration, evaluation and the tests of the camera's program
all see frames through this module. Source: OpenMV firmware 4.5.6 to 5.0.0, checked against tensors dumped from it.
"""

from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


class Fit(StrEnum):
    """How the firmware fits a picture into the model's input."""

    CROP = "crop"  # up to 4.8.x: keep the aspect ratio, cut the middle out
    STRETCH = "stretch"  # from 5.0.0: one scale per axis


def model_view(frame: Pixels, size: int) -> Pixels:
    """A frame as the model sees it: the program's square window, then the firmware's resize.

    Args:
        frame: RGB888, (height, width, 3) uint8.
        size: side of the model's square input in pixels.

    Returns:
        (size, size, 3) uint8 in 0..255; the int8 tensor is this minus 128.
    """
    return resize(square_window(frame), size, size)


def square_window(frame: Pixels) -> Pixels:
    """The middle square of a (height, width, 3) frame: on a square, crop and stretch agree in every firmware."""
    height, width = frame.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return frame[top : top + side, left : left + side]


def resize(frame: Pixels, height: int, width: int, fit: Fit = Fit.CROP) -> Pixels:
    """The firmware's RGB565 bilinear resize.

    Args:
        frame: RGB888, (rows, columns, 3) uint8.
        height: rows of the result.
        width: columns of the result.
        fit: by firmware; see :class:`Fit`.

    Returns:
        (height, width, 3) uint8, the 5/6/5 bits widened to eight by repetition.
    """
    row_low, row_high, row_weight, column_low, column_high, column_weight = _taps(*frame.shape[:2], height, width, fit)
    # Both steps need only the rows and columns that are looked at: 12 of 16 pixels never are.
    upper, lower = to_rgb565(frame[row_low]), to_rgb565(frame[row_high])
    down = _blend(upper, lower, row_weight[:, None, None])
    across = _blend(down[:, column_low], down[:, column_high], column_weight[None, :, None])
    return from_rgb565(across)


def to_rgb565(pixels: Pixels) -> NDArray[np.uint8]:
    """RGB888 (..., 3) uint8 to 5, 6 and 5 bits a channel, by truncation."""
    return pixels >> np.array([3, 2, 3], np.uint8)


def from_rgb565(channels: NDArray[np.uint8]) -> Pixels:
    """5, 6 and 5 bits a channel, (..., 3) uint8, to RGB888 by repeating the high bits."""
    return (channels << np.array([3, 2, 3], np.uint8)) | (channels >> np.array([2, 4, 2], np.uint8))


def _blend(first: NDArray, second: NDArray, weight: NDArray) -> NDArray[np.uint8]:
    return ((first * (32 - weight) + second * weight + 16) >> 5).astype(np.uint8)


@lru_cache(maxsize=64)
def _taps(rows: int, columns: int, height: int, width: int, fit: Fit) -> tuple[NDArray, ...]:
    scales = np.float32(height) / np.float32(rows), np.float32(width) / np.float32(columns)
    if fit is Fit.CROP:
        scales = (max(scales),) * 2
    return *_axis_taps(rows, height, scales[0]), *_axis_taps(columns, width, scales[1])


def _axis_taps(size: int, target: int, scale: np.float32) -> tuple[NDArray, NDArray, NDArray]:
    step = int(np.float32(65536) / scale)
    half_a_pixel = 0 if scale == 1 else 0x8000  # at scale 1 the firmware copies
    first = (int(np.floor(np.float32(size) * scale)) - target) // 2 * step - half_a_pixel
    position = first + np.arange(target) * step
    index = position >> 16
    low, high = np.clip(index, 0, size - 1), np.clip(index + 1, 0, size - 1)
    high = np.where(index < 0, 0, high)  # below the first pixel, the edge stands for both
    return low, high, ((position >> 11) & 31).astype(np.uint16)
