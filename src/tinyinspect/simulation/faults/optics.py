"""What is wrong with the lens or before it."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from tinyinspect.camera import Pixels
from tinyinspect.simulation.faults.pixels import as_pixels, clouds, grain, ramp

Rng = np.random.Generator


def defocused(frame: Pixels, radius: float, rng: Rng) -> Pixels:
    """Blurred with a deviation of ``radius``, a share of the picture's side."""
    return as_pixels(_blurred(frame, radius))


def motion_blur(frame: Pixels, length: float, rng: Rng) -> Pixels:
    """The camera or the line moved by ``length``, a share of the picture's side, during the exposure."""
    reach, angle = length * min(frame.shape[:2]), rng.uniform(0, np.pi)
    steps = np.linspace(-0.5, 0.5, max(3, int(reach)))
    places = np.round(np.outer(steps * reach, (np.sin(angle), np.cos(angle)))).astype(int)
    edge = int(np.abs(places).max())
    wide = np.pad(frame, ((edge, edge), (edge, edge), (0, 0)), mode="symmetric")
    height, width = frame.shape[:2]
    total = np.zeros(frame.shape, np.float32)
    for down, across in places + edge:
        total += wide[down : down + height, across : across + width]
    return as_pixels(total / len(places))


def half_covered(frame: Pixels, share: float, rng: Rng) -> Pixels:
    """Something stands before a ``share`` of the lens: its edge is hard or soft, it is dark or of any colour."""
    across = ramp(frame.shape[:2], rng)
    softness = rng.choice([0.004, 0.04])
    over = 1 / (1 + np.exp((across - np.quantile(across, share)) / softness))[..., None]
    cover = rng.uniform(0, 40) if rng.random() < 0.6 else rng.uniform(0, 200, 3)
    return as_pixels(frame * (1 - over) + cover * over)


def covered(frame: Pixels, level: float, rng: Rng) -> Pixels:
    """A finger or a cap lies on the lens: as bright as ``level`` of 255, with soft spots and perhaps reddish light."""
    soft = 1 + 0.25 * clouds(frame.shape[:2], 3, rng)
    tint = np.array([1, 1, 1]) if rng.random() < 0.5 else np.array([1.5, 0.6, 0.5])
    return as_pixels(grain(level * soft[..., None] * tint, rng))


def smeared(frame: Pixels, share: float, rng: Rng) -> Pixels:
    """Grease on a ``share`` of the lens: blurred and veiled there."""
    field = clouds(frame.shape[:2], 4, rng)
    over = 1 / (1 + np.exp((field - np.quantile(field, share)) / 0.1))[..., None]
    veil = _blurred(frame, 0.06) * 0.6 + 0.4 * rng.uniform(100, 220)
    return as_pixels(frame * (1 - over) + veil * over)


def wet(frame: Pixels, drops: int, rng: Rng) -> Pixels:
    """So many drops of water on the lens: each shows the scene small and upside down."""
    height, width = frame.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    shade = np.ones((height, width), np.float32)
    for _ in range(drops):
        radius = rng.uniform(0.06, 0.2) * min(height, width)
        row, column = rng.uniform(0, height), rng.uniform(0, width)
        inside = ((rows - row) ** 2 + (columns - column) ** 2) / radius**2
        mine, strength = inside < 1, rng.uniform(1.5, 4)
        rows[mine] -= strength * (rows[mine] - row)
        columns[mine] -= strength * (columns[mine] - column)
        shade[mine] *= 1.15 - 0.5 * inside[mine] ** 4
    places = np.stack([rows, columns])
    bent = np.stack([ndimage.map_coordinates(frame[..., one], places, order=1, mode="reflect") for one in range(3)], 2)
    return as_pixels(_blurred(bent, 0.008) * shade[..., None])


def fogged(frame: Pixels, contrast: float, rng: Rng) -> Pixels:
    """Mist on the lens: a share ``contrast`` of the frame's own is left over its mean colour, paled."""
    mean, pale = frame.reshape(-1, 3).mean(0), rng.uniform(0, 0.5)
    veil = mean * (1 - pale) + 235 * pale
    return as_pixels(grain(veil + contrast * (_blurred(frame, 0.01) - mean), rng))


def _blurred(frame: Pixels, radius: float) -> NDArray[np.float32]:
    deviation = radius * min(frame.shape[:2])
    blurred: NDArray[np.float32] = ndimage.gaussian_filter(frame.astype(np.float32), (deviation, deviation, 0))
    return blurred
