"""Antialiased shapes on a plane measured in millimetres."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageDraw
from scipy import ndimage
from scipy.interpolate import CubicSpline

Layer = NDArray[np.float32]

SCALE = 3  # texture pixels per millimetre; the camera sees about 2
_OVERSAMPLING = 2


class Canvas:
    """A plane with its origin in the middle, x to the right and y down.

    Attributes:
        shape: rows and columns of every layer.
        x: (1, columns) and
        y: (rows, 1) float32, position of the pixels in millimetres.
    """

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self.shape = round(height * SCALE), round(width * SCALE)
        self.x = ((np.arange(self.shape[1], dtype=np.float32) + 0.5) / SCALE - width / 2)[None, :]
        self.y = ((np.arange(self.shape[0], dtype=np.float32) + 0.5) / SCALE - height / 2)[:, None]

    def polygon(self, points: ArrayLike) -> Layer:
        """Coverage in [0, 1] of a polygon with corners (n, 2) in millimetres."""
        image, draw = self._blank()
        draw.polygon(self._pixels(points), fill=255)
        return self._reduced(image)

    def strokes(self, lines: Iterable[ArrayLike], width: float) -> Layer:
        """Coverage in [0, 1] of open lines, each (n, 2) in millimetres, all of one ``width``."""
        image, draw = self._blank()
        for line in lines:
            draw.line(self._pixels(line), fill=255, width=max(1, round(width * SCALE * _OVERSAMPLING)), joint="curve")
        return self._reduced(image)

    def noise(self, rng: np.random.Generator, length_x: float, length_y: float) -> Layer:
        """Smooth noise of unit deviation, correlated over these lengths in millimetres."""
        # Long waves are drawn on a coarse grid, so that their cost does not grow with their length.
        steps = [max(1, round(length * SCALE / 3)) for length in (length_y, length_x)]
        coarse = [size // step + 3 for size, step in zip(self.shape, steps, strict=True)]
        field = ndimage.gaussian_filter(rng.standard_normal(coarse, dtype=np.float32), 1.5, mode="wrap")
        rows = (np.arange(self.shape[0], dtype=np.float32) + 0.5) / steps[0]
        columns = (np.arange(self.shape[1], dtype=np.float32) + 0.5) / steps[1]
        grid = np.broadcast_arrays(rows[:, None], columns[None, :])
        smooth: Layer = ndimage.map_coordinates(field, grid, order=1)
        return (smooth - smooth.mean()) / max(float(smooth.std()), 1e-6)

    def _blank(self) -> tuple[Image.Image, ImageDraw.ImageDraw]:
        rows, columns = self.shape
        image = Image.new("L", (columns * _OVERSAMPLING, rows * _OVERSAMPLING))
        return image, ImageDraw.Draw(image)

    def _pixels(self, points: ArrayLike) -> list[tuple[float, float]]:
        moved = (np.asarray(points) + np.array([self.width / 2, self.height / 2])) * SCALE * _OVERSAMPLING
        return [(float(x), float(y)) for x, y in moved]

    def _reduced(self, image: Image.Image) -> Layer:
        return np.asarray(image.reduce(_OVERSAMPLING), np.float32) / np.float32(255)


def blend(colour: Layer, paint: ArrayLike, opacity: Layer) -> None:
    """Lay ``paint``, one colour or (rows, columns, 3), over ``colour`` in place; ``opacity`` is (rows, columns)."""
    colour += opacity[..., None] * (np.asarray(paint, np.float32) - colour)


def spline(points: ArrayLike, count: int) -> NDArray[np.float64]:
    """``count`` points on a smooth curve through ``points`` (n, 2)."""
    knots = np.asarray(points, np.float64)
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(knots, axis=0).T))])
    curve: NDArray[np.float64] = CubicSpline(along, knots)(np.linspace(0, along[-1], count))
    return curve
