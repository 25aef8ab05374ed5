"""An object on the tray, drawn part by part; each part is shaded as a rounded body under a lamp."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from tinyinspect.simulation.canvas import SCALE, Canvas, Layer, blend

_REACH = 1.5  # of the canvas, so that also what sticks out is drawn
_MARGIN = 8  # texture pixels around a part, for the shade it casts
_AMBIENT = 0.45  # of the light; the rest comes from the lamp
_SHARPNESS = 24  # exponent of highlights

Window = tuple[slice, slice]
Relief = NDArray[np.floating]


class Solid:
    """An object while it is drawn.

    Shapes are given in the object's own plane: its middle is (0, 0), and it reaches out to about 1.

    Attributes:
        canvas: the floor around the object.
        size: length of 1 in millimetres, in the object's plane.
        lamp: direction to the lamp, a unit vector (x, y, z) in the floor's axes.
        colour: linear RGB times coverage, (rows, columns, 3) float32.
        coverage: in [0, 1], (rows, columns) float32.
        u: along the object and
        v: across it, each pixel's place in the object's plane, (rows, columns) float32.
    """

    def __init__(self, size: float, turn: float, lamp: NDArray[np.float64]) -> None:
        self.size, self.lamp = size, lamp
        self.canvas = canvas = Canvas(2 * _REACH * size, 2 * _REACH * size)
        cosine, sine = np.cos(turn), np.sin(turn)
        self._turn = np.array([[cosine, sine], [-sine, cosine]])
        self.u: Layer = ((canvas.x * cosine + canvas.y * sine) / size).astype(np.float32)
        self.v: Layer = ((canvas.y * cosine - canvas.x * sine) / size).astype(np.float32)
        self.colour = np.zeros((*canvas.shape, 3), np.float32)
        self.coverage = np.zeros(canvas.shape, np.float32)

    def polygon(self, points: ArrayLike) -> Layer:
        """Coverage of a polygon with corners (n, 2)."""
        return self.canvas.polygon(self._on_floor(points))

    def box(self, left: float, top: float, right: float, bottom: float) -> Layer:
        """Coverage of a rectangle."""
        return self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)])

    def lines(self, lines: Iterable[ArrayLike], width: float) -> Layer:
        """Coverage of open lines, each (n, 2), all of one ``width``."""
        return self.canvas.strokes([self._on_floor(line) for line in lines], width * self.size)

    def disc(self, x: float, y: float, radius: float) -> Layer:
        """Coverage of a disc."""
        return self.polygon(circle(x, y, radius))

    def ring(self, x: float, y: float, radius: float, width: float) -> Layer:
        """Coverage of a ring of outer ``radius``."""
        return self.disc(x, y, radius) * (1 - self.disc(x, y, radius - width))

    def limb(self, ends: ArrayLike, width: float) -> Layer:
        """Coverage of a straight bar between two points (2, 2), its ends round."""
        tips = [self.disc(x, y, width / 2) for x, y in np.asarray(ends)]
        bar: Layer = np.max([self.lines([ends], width), *tips], axis=0)
        return bar

    def lay(
        self,
        shape: Layer,
        paint: ArrayLike,
        bulge: float = 0.02,
        gloss: float = 0.1,
        relief: Relief | None = None,
        opacity: float = 1,
    ) -> None:
        """Lay a part over what is drawn already.

        Args:
            shape: its coverage, (rows, columns).
            paint: linear reflectance, RGB or (rows, columns, 3).
            bulge: how far in from its edge it rises.
            gloss: strength of highlights.
            relief: height to add, (rows, columns).
            opacity: in [0, 1].
        """
        window = _around(shape)
        part = shape[window]
        height = self._dome(part, bulge * self.size)
        if relief is not None:
            height += relief[window] * self.size
        diffuse, highlight = self._lit(height)
        colour, coverage = self.colour[window], self.coverage[window]
        colour *= 1 - 0.45 * ndimage.gaussian_filter(part, 1.2 * SCALE)[..., None] * opacity
        paint = np.asarray(paint, np.float32)
        surface = (paint[window] if paint.ndim == 3 else paint) * diffuse[..., None] + gloss * highlight[..., None]
        blend(colour, surface, part * opacity)
        coverage += part * opacity * (1 - coverage)

    def cut(self, shape: Layer) -> None:
        """Make a hole through all that is drawn already."""
        self.colour *= 1 - shape[..., None]
        self.coverage *= 1 - shape

    def _on_floor(self, points: ArrayLike) -> NDArray[np.float64]:
        on_floor: NDArray[np.float64] = np.asarray(points, np.float64) * self.size @ self._turn
        return on_floor

    def _dome(self, part: Layer, bulge: float) -> Layer:
        """Height in millimetres of a part that rises from its edge in a quarter of a circle."""
        inwards = np.clip(ndimage.distance_transform_edt(part > 0.5) / (SCALE * bulge), 0, 1)
        return (bulge * np.sqrt(inwards * (2 - inwards))).astype(np.float32)

    def _lit(self, height: Layer) -> tuple[Layer, Layer]:
        """Light that a surface of this height in millimetres scatters, 1 on the flat, and mirrors."""
        down, across = np.gradient(ndimage.gaussian_filter(height, 1) * SCALE)
        steep = np.sqrt(1 + down**2 + across**2)
        x, y, z = self.lamp
        facing = np.clip((z - x * across - y * down) / steep, 0, None)
        middle = np.array([x, y, z + 1]) / np.sqrt(2 + 2 * z)  # half way between lamp and camera
        mirrored = np.clip((middle[2] - middle[0] * across - middle[1] * down) / steep, 0, 1) ** _SHARPNESS
        return (_AMBIENT + (1 - _AMBIENT) * facing / z).astype(np.float32), mirrored.astype(np.float32)


def circle(x: float, y: float, radius: float, corners: int = 72) -> NDArray[np.float64]:
    """Corners of a disc, (corners, 2)."""
    around = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    return np.stack([x + radius * np.cos(around), y + radius * np.sin(around)], axis=1)


def _around(shape: Layer) -> Window:
    """The window that holds a part, with a margin; anything where it is out of the picture."""
    found = ndimage.find_objects((shape > 0).astype(np.int8))
    rows, columns = found[0] if found else (slice(0, 1), slice(0, 1))
    return (
        slice(max(rows.start - _MARGIN, 0), rows.stop + _MARGIN),
        slice(max(columns.start - _MARGIN, 0), columns.stop + _MARGIN),
    )
