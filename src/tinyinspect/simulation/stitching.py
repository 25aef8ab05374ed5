"""Seams with blue marks, and the welds that hold the loops."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinyinspect.simulation.canvas import Canvas, Layer, blend
from tinyinspect.simulation.fabric import Fabric


@dataclass(frozen=True)
class Stitching:
    """One individual's seams.

    Attributes:
        ink: linear reflectance of the marks, RGB.
        strength: opacity of the marks.
        upper: distances of the upper rows from the edge in millimetres; the nose wire lies between them.
        lower: distances of the lower rows from the edge in millimetres.
        columns: number of columns of marks at each end; one column means long marks.
        pitch: distance between the marks of a column in millimetres.
        weld: length and height of a weld in millimetres.
    """

    ink: tuple[float, float, float]
    strength: float
    upper: tuple[float, ...]
    lower: tuple[float, ...]
    columns: int
    pitch: float
    weld: tuple[float, float]

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> "Stitching":
        """The seams of one individual."""
        return cls(
            ink=(rng.uniform(0.02, 0.09), rng.uniform(0.08, 0.2), rng.uniform(0.17, 0.36)),
            strength=rng.uniform(0.7, 1.0),
            upper=(rng.uniform(2.5, 4.5), rng.uniform(6.5, 9)),
            lower=tuple(np.cumsum(rng.uniform(2.5, 4.5, int(rng.choice([2, 2, 3]))))),
            columns=int(rng.choice([1, 2, 2, 3])),
            pitch=rng.uniform(1.8, 2.8),
            weld=(rng.uniform(6.5, 9), rng.uniform(5.5, 7.5)),
        )

    def sew(self, canvas: Canvas, colour: Layer, fabric: Fabric) -> None:
        """Draw hems, nose wire, rows, columns and welds over ``colour`` in place."""
        x, y = fabric.length / 2, fabric.height / 2
        self._emboss(canvas, colour, x, y)
        rows = [-y + row for row in self.upper] + [y - row for row in self.lower]
        dashes = [((start, row), (start + 1.9, row)) for row in rows for start in np.arange(3 - x, x - 4, 2.9)]
        blend(colour, self.ink, self.strength * canvas.strokes(dashes, 0.7))
        blend(colour, self.ink, self.strength * canvas.strokes(list(self._end_marks(x, y)), 1.0))
        for corner in welds(fabric):
            self._weld(canvas, colour, corner)

    def _emboss(self, canvas: Canvas, colour: Layer, x: float, y: float) -> None:
        """Shade the hem's edges, and the wire beneath the cloth between the upper rows."""
        wire = -y + sum(self.upper) / 2
        shape = np.exp(-(((canvas.y - wire) / 0.9) ** 2)) * (np.abs(canvas.x) < 0.7 * x)
        edge = np.exp(np.minimum(np.abs(canvas.y) - y, 0) / 0.8) + np.exp(np.minimum(np.abs(canvas.x) - x, 0) / 0.8)
        fold = np.exp(-(((np.abs(canvas.x) - (x - 10.5)) / 0.5) ** 2))
        colour *= (1 + 0.07 * shape - 0.12 * np.clip(edge, 0, 1) - 0.06 * fold)[..., None]

    def _end_marks(self, x: float, y: float) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
        length = 8.0 / self.columns - 0.7
        for side in (-1, 1):
            for column in range(self.columns):
                inner = side * (x - 1.6 - column * 8.0 / self.columns)
                for row in np.arange(6 - y, y - 6, self.pitch):
                    yield (inner, row), (inner - side * length, row)

    def _weld(self, canvas: Canvas, colour: Layer, centre: NDArray[np.float64]) -> None:
        across, down = (canvas.x - centre[0]) / self.weld[0] * 2, (canvas.y - centre[1]) / self.weld[1] * 2
        radius = np.hypot(across, down)
        face = np.clip((1 - radius) * 6, 0, 1)
        rim = np.exp(-(((radius - 0.85) / 0.18) ** 2))
        light = np.array([0.13, 0.3, 0.46], np.float32)
        blend(colour, light, self.strength * 0.85 * face)
        blend(colour, self.ink, self.strength * 0.75 * rim)
        blend(colour, self.ink, self.strength * 0.4 * face * (np.sin(across * 9) * np.sin(down * 7) > 0.1))


def welds(fabric: Fabric) -> NDArray[np.float64]:
    """Centres of the four welds in millimetres, (4, 2): upper left, lower left, upper right, lower right."""
    x, y = fabric.length / 2 - 4.5, fabric.height / 2 - 4.5
    return np.array([(-x, -y), (-x, y), (x, -y), (x, y)])
