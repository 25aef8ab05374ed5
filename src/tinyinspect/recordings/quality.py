"""Sharpness and perceptual hash of a JPEG frame, and whether it is whole.

Sharpness and hash are taken from one small grey view, which the JPEG decoder gives by scaling in the DCT domain: the
frame reduced by 1, 2, 4 or 8, whichever is the last to leave the shorter side at 96 pixels or more (320x240 becomes
160x120). Noise and JPEG blocks weigh less there than in the full frame, motion blur and defocus still show.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import simplejpeg
from numpy.typing import NDArray

_SHORT_SIDE = 96  # pixels that the view keeps at least, where the frame has them
_GRID = 32  # pHash looks at a 32x32 picture
_KEPT = 8  # and keeps the 8x8 lowest frequencies
_EOI = b"\xff\xd9"
_TAIL = 1024  # bytes of padding after the JPEG's end that cameras are known to leave


@dataclass(frozen=True, slots=True)
class Quality:
    """How a frame looks."""

    sharpness: float  # variance of the Laplacian, in grey levels squared
    hash: int  # 64 bits; near-duplicates differ in few


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a JPEG frame; ``quality`` is None where it was not asked for."""

    width: int  # pixels
    height: int
    quality: Quality | None


def examine(jpeg: bytes, quality: bool) -> Facts:
    """Check a JPEG file and measure it.

    Without ``quality`` only its header and its end are checked, not what lies between.

    Raises:
        ValueError: The JPEG is damaged.
    """
    height, width, _, _ = simplejpeg.decode_jpeg_header(jpeg)
    if quality:
        view = grey_view(jpeg)
        return Facts(width, height, Quality(sharpness(view), perceptual_hash(view)))
    # Entropy-coded data never hold this marker, so a file that was cut lacks it.
    if jpeg.rfind(_EOI, max(0, len(jpeg) - _TAIL)) < 0:
        raise ValueError("the end of the JPEG is missing")
    return Facts(width, height, None)


def grey_view(jpeg: bytes) -> NDArray[np.uint8]:
    """The reduced grey picture (height, width) uint8 that quality is measured on.

    Raises:
        ValueError: The JPEG is damaged.
    """
    height, width, _, _ = simplejpeg.decode_jpeg_header(jpeg)
    factor = next((f for f in (8, 4, 2) if min(height, width) >= f * _SHORT_SIDE), 1)
    view = simplejpeg.decode_jpeg(
        jpeg, "GRAY", fastdct=True, fastupsample=True, min_height=-(-height // factor), min_width=-(-width // factor)
    )
    return view[:, :, 0]


def sharpness(view: NDArray[np.uint8]) -> float:
    """Variance of the 4-neighbour Laplacian inside a grey picture (height, width) uint8, in grey levels squared.

    Source: Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", ICPR 2000.
    """
    height, width = view.shape
    if height < 3 or width < 3:
        return 0.0
    # Rows end to end, so that each step is one pass over contiguous memory; what wraps at the edges is cut off last.
    pixels = view.reshape(-1).astype(np.int16)
    laplacian = pixels[width:-width] * np.int16(4)
    laplacian -= pixels[: -2 * width]
    laplacian -= pixels[2 * width :]
    laplacian -= pixels[width - 1 : -width - 1]
    laplacian -= pixels[width + 1 : pixels.size - width + 1]
    inside = laplacian.reshape(height - 2, width)[:, 1:-1].astype(np.float32).reshape(-1)
    inside -= inside.mean()
    return float(inside @ inside) / inside.size


def perceptual_hash(view: NDArray[np.uint8]) -> int:
    """64-bit pHash of a grey picture (height, width) uint8, whatever its size.

    The picture is averaged over areas to 32x32; each bit says whether one of the 8x8 lowest DCT frequencies lies above
    their median. Source: Zauner, "Implementation and benchmarking of perceptual image hash functions", 2010, in
    the bit order of the library ImageHash.
    """
    rows, columns = (_lowest_frequencies(size) for size in view.shape)
    # Rounded, so that an even picture has zeros there and not the noise of the arithmetic.
    frequencies = np.rint(rows @ view.astype(np.float32) @ columns.T)
    # Above the lower of the middle two is above the median, and found sooner.
    bits = frequencies > np.partition(frequencies.ravel(), _KEPT**2 // 2 - 1)[_KEPT**2 // 2 - 1]
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


@lru_cache(maxsize=32)
def _lowest_frequencies(size: int) -> NDArray[np.float32]:
    """(8, size): area averaging from ``size`` pixels to 32, then the 8 lowest frequencies of the DCT-II, in one."""
    from scipy.fft import dct  # here: it takes longer to load than most that read frames alone

    edges = np.linspace(0, size, _GRID + 1)
    pixel = np.arange(size)
    overlap = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    area = np.clip(overlap, 0, None) * _GRID / size
    return np.ascontiguousarray((dct(np.eye(_GRID), axis=0)[:_KEPT] @ area).astype(np.float32))
