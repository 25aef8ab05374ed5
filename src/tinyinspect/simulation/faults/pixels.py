"""What the faults share: pixels from numbers, textures without detail, random colours."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tinyinspect.camera import Pixels

Field = NDArray[np.float32]


def as_pixels(values: NDArray[np.floating]) -> Pixels:
    """Numbers from 0 to 255 as pixels; what lies outside is cut off."""
    return np.clip(np.round(values), 0, 255).astype(np.uint8)


def clouds(shape: tuple[int, int], cells: int, rng: np.random.Generator) -> Field:
    """A soft random field of mean about 0 and spread about 1, with so many cells along each side, (h, w)."""
    coarse = Image.fromarray(rng.standard_normal((cells, cells)).astype(np.float32))
    return np.asarray(coarse.resize(shape[::-1], Image.Resampling.BICUBIC), np.float32)


def ramp(shape: tuple[int, int], rng: np.random.Generator) -> Field:
    """From 0 on one side of the picture to 1 on the other, in a random direction, (h, w)."""
    angle = rng.uniform(0, 2 * np.pi)
    rows, columns = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    along = columns * np.cos(angle) + rows * np.sin(angle)
    found: Field = ((along - along.min()) / (along.max() - along.min())).astype(np.float32)
    return found


def grain(values: NDArray[np.floating], rng: np.random.Generator) -> NDArray[np.floating]:
    """A sensor's noise over every second picture; none over the others, as a test pattern has none."""
    if rng.random() < 0.5:
        return values
    return values + rng.normal(0, rng.uniform(1, 4), values.shape)
