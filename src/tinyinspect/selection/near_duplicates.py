"""Near-duplicates: frames whose 64-bit perceptual hashes differ in few bits."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from tinyinspect.errors import InputError

Hashes = NDArray[np.uint64]
CHUNK = 2**24  # pairs compared at a time: 128 MB


def parse_hashes(digits: Iterable[str]) -> Hashes:
    """Hashes of 16 hex digits as (n,) uint64.

    Raises:
        InputError: One is empty.
    """
    try:
        return np.array([int(one, 16) for one in digits], np.uint64)
    except ValueError:
        raise InputError(
            "frames/index.csv has no hashes to tell near-duplicates by; set extract.quality to true"
        ) from None


def distance_to_nearest(hashes: Hashes, others: Hashes) -> NDArray[np.uint8]:
    """Bits in which each of ``hashes`` (n,) differs from the nearest of ``others`` (m,); 65 where m is 0."""
    nearest = np.full(len(hashes), 65, np.uint8)
    step = max(1, CHUNK // max(1, len(hashes)))
    for start in range(0, len(others), step):
        distances = np.bitwise_count(hashes[:, None] ^ others[None, start : start + step])
        np.minimum(nearest, distances.min(axis=1), out=nearest)
    return nearest
