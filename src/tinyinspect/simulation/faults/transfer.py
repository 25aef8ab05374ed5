"""What is wrong between the sensor and the memory."""

import io
from itertools import pairwise

import numpy as np
from PIL import Image, ImageFile

from tinyinspect.camera import Pixels
from tinyinspect.simulation.faults.pixels import as_pixels

Rng = np.random.Generator

_QUALITY = 40  # of the JPEG files that are ruined
_SCAN = b"\xff\xda"  # the pixels begin behind this marker


def noise(frame: Pixels, deviation: float, rng: Rng) -> Pixels:
    """Noise of this ``deviation``, of 255, on every channel."""
    return as_pixels(frame + rng.normal(0, deviation, frame.shape))


def jpeg_ruined(frame: Pixels, intact: float, rng: Rng) -> Pixels:
    """A JPEG file with wrong bytes: whole up to a share ``intact`` of it, then blocks shift and colours run."""
    buffer = io.BytesIO()
    Image.fromarray(frame).save(buffer, "JPEG", quality=_QUALITY)
    content = bytearray(buffer.getvalue())
    start = content.index(_SCAN) + 14
    first = start + int(intact * (len(content) - start))
    for place in np.linspace(first, len(content) - 3, 14).astype(int):
        content[place] = int(rng.integers(0, 255))  # 255 would begin a marker
    return _decoded(bytes(content), frame)


def frozen_stripes(frame: Pixels, share: float, rng: Rng) -> Pixels:
    """A ``share`` of the rows, in stripes, repeats the row above the stripe."""
    frozen, count = frame.copy(), int(rng.integers(3, 9))
    edges = np.linspace(0, len(frame), count + 1).astype(int)
    for first, last in pairwise(edges):
        start = last - round(share * (last - first))
        frozen[start:last] = frame[max(start - 1, 0)]
    return frozen


def half_transferred(frame: Pixels, share: float, rng: Rng) -> Pixels:
    """Only a ``share`` of the rows arrived; the rest is black, grey, green as empty YUV is, or an older row."""
    cut, rest = round(share * len(frame)), int(rng.integers(4))
    fill = (np.zeros(3), np.full(3, rng.integers(40, 220)), np.array([0, 135, 0]), frame[max(cut - 1, 0)])[rest]
    partial = frame.copy()
    partial[cut:] = fill
    return partial[::-1] if rng.random() < 0.5 else partial


def _decoded(content: bytes, frame: Pixels) -> Pixels:
    """As much as the decoder makes of the file; nothing is grey."""
    allowed, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, True
    try:
        with Image.open(io.BytesIO(content)) as picture:
            return np.asarray(picture.convert("RGB"))
    except (OSError, SyntaxError):
        return np.full_like(frame, 128)
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = allowed
