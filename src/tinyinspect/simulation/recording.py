"""One recording, frame by frame."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch.nn import functional

from tinyinspect.camera import Pixels
from tinyinspect.simulation import mask as layers
from tinyinspect.simulation.canvas import SCALE, Layer
from tinyinspect.simulation.lens import HEIGHT, WIDTH, Lens
from tinyinspect.simulation.light import Light
from tinyinspect.simulation.mask import Mask
from tinyinspect.simulation.motion import Passage, timetable
from tinyinspect.simulation.sensor import Development, Sensor
from tinyinspect.simulation.tray import Tray
from tinyinspect.simulation.truth import Label, label

_INDIVIDUALS = 12  # of one recording; one comes back when all have passed
_SHUTTER = 0.25  # of a frame's time
_SMEAR = 1.5  # millimetres between two exposures of a moving mask


@dataclass(frozen=True)
class Shot:
    """A frame: (240, 320, 3) uint8 RGB, and its label."""

    pixels: Pixels
    label: Label


class Recording:
    """Camera, tray, light and masks of one recording; other numbers and seeds give other ones."""

    def __init__(self, seed: int, number: int, recordings: int) -> None:
        self._rng = rng = np.random.default_rng([seed, number])
        self._lens, tray, sensor = Lens.drawn(rng), Tray.drawn(rng), Sensor.drawn(rng)
        # Brightness is spread over the recordings rather than drawn, so that a few of them cover the range.
        order = np.random.default_rng(seed).permutation(recordings)
        self._light = Light.drawn(rng, (order[number] + rng.uniform(0.2, 0.8)) / recordings)
        self._masks = cycle([Mask.drawn(rng, bad) for bad in rng.permuted(np.arange(_INDIVIDUALS) % 2 > 0)])
        blur = (self._lens.blur, self._lens.blur, 0)
        self._tray: Layer = ndimage.gaussian_filter(tray.picture(self._lens), blur)
        self._gain = self._light.field() * sensor.blotches(rng)
        self._development = Development(sensor, rng)

    def shots(self, frames: int) -> Iterator[Shot]:
        """Render that many frames, in order."""
        levels = self._light.levels(frames, self._rng)
        now = 0
        for passage in timetable(frames, self._rng):
            yield from (self._shot(None, level) for level in levels[now : passage.start])
            now = passage.start + len(passage.track)
            seen = self._seen(passage)
            yield from (
                self._shot(scene, level) for scene, level in zip(seen, levels[passage.start : now], strict=True)
            )
        yield from (self._shot(None, level) for level in levels[now:])

    def _shot(self, scene: Layer | None, level: float) -> Shot:
        """Take one picture; ``scene`` is the mask's texture through the lens, or None where none is near."""
        if scene is None:
            return Shot(self._developed(self._tray, self._light.metered(level, 0)), Label.NO_MASK)
        below = self._tray * (1 - 0.55 * scene[layers.SHADOW])[..., None]
        light = np.moveaxis(scene[layers.COLOUR], 0, -1) + below * (1 - scene[layers.COVERAGE])[..., None]
        exposure = self._light.metered(level, float(scene[layers.COVERAGE].mean()))
        return Shot(self._developed(light, exposure), label(scene[layers.BODY], scene[layers.EVIDENCE]))

    def _developed(self, light: Layer, exposure: float) -> Pixels:
        return self._development.pixels(light * (self._gain * np.float32(exposure)))

    def _seen(self, passage: Passage) -> Iterator[Layer]:
        """The mask's texture through the lens in each frame of a passage, (7, 240, 320) float32."""
        texture = next(self._masks).texture(self._rng, self._lens.blur)
        steps = np.gradient(passage.track, axis=0) if len(passage.track) > 1 else np.zeros_like(passage.track)
        for pose, step in zip(passage.track, steps, strict=True):
            count = 1 + int(np.hypot(step[0], step[1]) * _SHUTTER / _SMEAR)
            moments = (np.arange(count) - (count - 1) / 2) / count * _SHUTTER
            yield np.mean([self._through_lens(texture, pose + moment * step) for moment in moments], axis=0)

    def _through_lens(self, texture: torch.Tensor, pose: NDArray[np.float64]) -> Layer:
        x, y, degrees = pose
        cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        turn = np.array([[cosine, -sine], [sine, cosine]], np.float32)
        on_mask = (self._lens.floor - np.array([x, y], np.float32)) @ turn
        rows, columns = texture.shape[2:]
        grid = torch.from_numpy(on_mask * np.array([2 * SCALE / columns, 2 * SCALE / rows], np.float32))
        seen = functional.grid_sample(texture, grid.view(1, HEIGHT, WIDTH, 2), align_corners=False)
        return seen[0].numpy()
