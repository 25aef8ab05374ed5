"""A camera that looks elsewhere, or whose colours are set wrongly."""

import numpy as np

from tinyinspect.camera import Pixels
from tinyinspect.simulation.faults.pixels import as_pixels, clouds, ramp

Rng = np.random.Generator


def out_of_view(frame: Pixels, share: float, rng: Rng) -> Pixels:
    """The camera was moved by a ``share`` of the picture's side: there is floor or wall where the tray was."""
    height, width = frame.shape[:2]
    moved = _surroundings(frame, rng)
    down, across = ((0, 1), (0, -1), (1, 0), (-1, 0))[rng.integers(4)]
    row, column = round(share * height) * down, round(share * width) * across
    seen = frame[max(-row, 0) : height - max(row, 0), max(-column, 0) : width - max(column, 0)]
    moved[max(row, 0) : height + min(row, 0), max(column, 0) : width + min(column, 0)] = seen
    return moved


def red_blue_swapped(frame: Pixels, step: int, rng: Rng) -> Pixels:
    """Red and blue swapped, as where the order of a sensor's colours is set wrongly."""
    return frame[..., ::-1]


def inverted(frame: Pixels, step: int, rng: Rng) -> Pixels:
    """A negative, as a sensor gives by one wrong register."""
    return 255 - frame


def _surroundings(frame: Pixels, rng: Rng) -> Pixels:
    """Something of one material under uneven light."""
    shape = frame.shape[:2]
    colour = rng.uniform(20, 230, 3) if rng.random() < 0.5 else np.full(3, rng.uniform(20, 230))
    light = 0.7 + 0.6 * ramp(shape, rng) * rng.random() + 0.06 * clouds(shape, int(rng.integers(3, 40)), rng)
    return as_pixels(colour * light[..., None] + rng.normal(0, rng.uniform(1, 6), frame.shape))
