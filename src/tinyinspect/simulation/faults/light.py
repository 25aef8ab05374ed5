"""Too little light, too much of it, or nothing to see in it."""

import colorsys

import numpy as np

from tinyinspect.camera import Pixels
from tinyinspect.simulation.faults.pixels import as_pixels, grain, ramp

Rng = np.random.Generator


def uniform_grey(frame: Pixels, levels: tuple[int, int], rng: Rng) -> Pixels:
    """One grey between two ``levels`` of 256."""
    return as_pixels(grain(np.full(frame.shape, rng.integers(*levels), np.float32), rng))


def uniform_colour(frame: Pixels, saturations: tuple[float, float], rng: Rng) -> Pixels:
    """One colour whose saturation lies between two limits; every fourth is the mean colour of the frame."""
    if rng.random() < 0.25:
        colour = frame.reshape(-1, 3).mean(0)
    else:
        colour = 255 * np.array(colorsys.hsv_to_rgb(rng.random(), rng.uniform(*saturations), rng.uniform(0.1, 1)))
    return as_pixels(grain(np.broadcast_to(colour.astype(np.float32), frame.shape), rng))


def gradient(frame: Pixels, contrast: float, rng: Rng) -> Pixels:
    """From one grey or colour on one side to another, ``contrast`` of 255 apart."""
    low = rng.uniform(0, 255 - contrast, 1 if rng.random() < 0.5 else 3)
    return as_pixels(grain(low + contrast * ramp(frame.shape[:2], rng)[..., None] * np.ones(3), rng))


def dark(frame: Pixels, gain: float, rng: Rng) -> Pixels:
    """The light falls to a share ``gain``, and the sensor's noise stays."""
    return as_pixels(frame * np.float32(gain) + rng.normal(0, 2, frame.shape))


def overexposed(frame: Pixels, blown: float, rng: Rng) -> Pixels:
    """So much light that a share ``blown`` of the picture is white."""
    level = max(float(np.quantile(frame.max(2), 1 - blown)), 1.0)
    return as_pixels(frame * np.float32(255 / level))
