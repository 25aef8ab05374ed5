"""Pictures of objects that do not belong on the line, lying on the tray."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from tinyinspect.camera import Pixels
from tinyinspect.simulation.canvas import SCALE, Layer
from tinyinspect.simulation.lens import Lens
from tinyinspect.simulation.light import Light
from tinyinspect.simulation.sensor import Development, Sensor
from tinyinspect.simulation.solid import Solid
from tinyinspect.simulation.things import Kind, draw
from tinyinspect.simulation.tray import Tray

Place = NDArray[np.float64]  # x and y on the floor, (2,), in millimetres

_SIZES = 28, 64  # millimetres from an object's middle to its end: from a third of the picture to most of it
_SHARED = 8  # pictures of each kind from one camera over one tray, which takes longest to render


def foreign_objects(count: int, seed: int) -> Iterator[tuple[Kind, Pixels]]:
    """Render ``count`` pictures of each kind, every one of another object under another light.

    Yields:
        The kind and the frame, (240, 320, 3) uint8 RGB.
    """
    for number in range(count):
        if number % _SHARED == 0:
            scene = _Scene(np.random.default_rng([seed, number]))
        for index, kind in enumerate(Kind):
            yield kind, scene.picture(kind, np.random.default_rng([seed, number, index]))


def cut_out(side: int, rng: np.random.Generator) -> tuple[NDArray[np.float32], Layer]:
    """An object of a random kind without a tray, to lay on another picture.

    Args:
        side: of the picture in pixels.
        rng: of the draw.

    Returns:
        Its colour, sRGB from 0 to 255, (side, side, 3), and its coverage from 0 to 1, (side, side).
    """
    kinds = list(Kind)
    solid = Solid(side / (2 * SCALE), rng.uniform(0, 2 * np.pi), _lamp(rng))  # its middle two thirds fill the side
    draw(kinds[rng.integers(len(kinds))], solid, rng)
    top, left = ((size - side) // 2 for size in solid.coverage.shape)
    window = slice(top, top + side), slice(left, left + side)
    coverage = solid.coverage[window]
    light = solid.colour[window] / np.maximum(coverage, 1e-3)[..., None] * np.float32(rng.uniform(0.7, 1.6))
    colour = 255 * np.clip(light, 0, 1) ** np.float32(1 / 2.2)
    return colour.astype(np.float32), coverage


class _Scene:
    """A camera over a tray."""

    def __init__(self, rng: np.random.Generator) -> None:
        lens, sensor = Lens.drawn(rng), Sensor.drawn(rng)
        self._floor, self._blur, self._tray = lens.floor, lens.blur, Tray.drawn(rng).picture(lens)
        self._gain, self._development = sensor.blotches(rng), Development(sensor, rng)

    def picture(self, kind: Kind, rng: np.random.Generator) -> Pixels:
        """Lay an object of this kind on the tray and take its picture."""
        solid = Solid(rng.uniform(*_SIZES), rng.uniform(0, 2 * np.pi), _lamp(rng))
        draw(kind, solid, rng)
        place, height = rng.uniform([-24, -15], [24, 15]), rng.uniform(3, 14)
        below = self._tray * (1 - 0.7 * self._shadow(solid, place, height))[..., None]
        colour = np.stack([self._seen(solid.colour[..., channel], place, SCALE) for channel in range(3)], axis=-1)
        light = colour + below * (1 - self._seen(solid.coverage, place, SCALE))[..., None]
        light = ndimage.gaussian_filter(light, (self._blur, self._blur, 0))
        lamps = Light.drawn(rng, rng.uniform(0.1, 1))
        exposure = np.float32(lamps.metered(lamps.level, float(colour.mean())))
        return self._development.pixels(light * (lamps.field() * self._gain * exposure))

    def _shadow(self, solid: Solid, place: Place, height: float) -> Layer:
        """The shadow, in [0, 1], of an object of ``height`` in millimetres, through the lens, (240, 320)."""
        coarse = solid.coverage[1::SCALE, 1::SCALE]  # one pixel a millimetre is enough for a shadow
        soft = ndimage.gaussian_filter(coarse, 0.8 + 0.12 * height, mode="constant")
        return self._seen(soft, place - solid.lamp[:2] / solid.lamp[2] * height / 2, 1)

    def _seen(self, layer: Layer, place: Place, scale: float) -> Layer:
        """A layer with its middle at ``place`` and ``scale`` pixels a millimetre, through the lens, (240, 320)."""
        on_layer = (self._floor - place.astype(np.float32)) * scale
        rows, columns = (on_layer[..., axis] + (size - 1) / 2 for axis, size in zip((1, 0), layer.shape, strict=True))
        seen: Layer = ndimage.map_coordinates(layer, np.stack([rows, columns]), order=1)
        return seen


def _lamp(rng: np.random.Generator) -> NDArray[np.float64]:
    """Direction to the lamp that shapes an object, a unit vector (x, y, z)."""
    around, up = rng.uniform(0, 2 * np.pi), np.radians(rng.uniform(40, 65))
    return np.array([np.cos(around) * np.cos(up), np.sin(around) * np.cos(up), np.sin(up)])
