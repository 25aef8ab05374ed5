"""Near-duplicates: frames whose 64-bit perceptual hashes differ in few bits.

A million hashes against ten thousand are ten billion pairs. Multi-index hashing (Norouzi, Punjani & Fleet 2012, "Fast
Search in Hamming Space with Multi-Index Hashing") compares a small part of them and misses none: cut into four parts,
two hashes that differ in few bits differ in fewer bits still in one part, so that a table by that part finds the pair.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from tinyinspect.errors import InputError

Hashes = NDArray[np.uint64]
Near = NDArray[np.bool_]
CHUNK = 2**22  # pairs compared, and entries of a table, at a time: some 200 MB
PARTS, PART_BITS = 4, 16  # of a hash
MOST_BITS = 15  # by tables; with more, a part may differ in four bits and the tables find nearly every pair
WORTH_IT = 16  # a pair found by a table costs as much as so many compared in one row


def parse_hashes(digits: Iterable[str]) -> Hashes:
    """Hashes of 16 hex digits as (n,) uint64.

    Raises:
        InputError: One is empty.
    """
    try:
        return np.fromiter((int(one, 16) for one in digits), np.uint64)
    except ValueError:
        raise InputError(
            "frames/index.csv has no hashes to tell near-duplicates by; set extract.quality to true"
        ) from None


def near_duplicates(hashes: Hashes, others: Hashes, bits: int) -> Near:
    """Which of ``hashes`` (n,) differ in at most ``bits`` bits from one of ``others`` (m,); (n,) bool."""
    distinct, places = np.unique(hashes, return_inverse=True)
    others = np.unique(others)
    near = _by_tables(distinct, others, bits) if bits <= MOST_BITS else _by_pairs(distinct, others, bits)
    return near[places]


def _by_tables(hashes: Hashes, others: Hashes, bits: int) -> Near:
    near = np.zeros(len(hashes), bool)
    fewest, more = divmod(bits, PARTS)
    for part in range(PARTS):
        # If each of the parts differed in more bits than this, the whole would differ in more than `bits`.
        radius = fewest - (part > more)
        if radius >= 0:
            waiting = np.flatnonzero(~near)
            near[waiting] = _by_part(hashes[waiting], others, part, radius, bits)
    return near


def _by_part(hashes: Hashes, others: Hashes, part: int, radius: int, bits: int) -> Near:
    """Which hashes are near to another one that differs in at most ``radius`` bits of this part."""
    near = np.zeros(len(hashes), bool)
    words = np.arange(2**PART_BITS, dtype=np.uint32)
    flips = words[np.bitwise_count(words) <= radius]
    keys, step = _words(hashes, part), max(1, CHUNK // len(flips))
    for start in range(0, len(others), step):
        some = others[start : start + step]
        entries = (flips[:, None] ^ _words(some, part)).ravel()
        entered = np.tile(some, len(flips))[np.argsort(entries, kind="stable")]
        ends = np.cumsum(np.bincount(entries, minlength=len(words)))
        counts = np.diff(ends, prepend=0)[keys]
        if int(counts.sum()) * WORTH_IT > len(hashes) * len(some):
            near |= _by_pairs(hashes, some, bits)  # hashes that are much alike share a part
            continue
        for rows in _portions(counts):
            mine = counts[rows]
            nth = np.arange(mine.sum()) - np.repeat(np.cumsum(mine) - mine, mine)
            found = entered[np.repeat(ends[keys[rows]] - mine, mine) + nth]
            pair = np.repeat(np.arange(rows.start, rows.stop), mine)
            near[pair[np.bitwise_count(hashes[pair] ^ found) <= bits]] = True
    return near


def _words(hashes: Hashes, part: int) -> NDArray[np.uint32]:
    """One part of each hash, as a number below 2**16."""
    return ((hashes >> np.uint64(PART_BITS * part)) & np.uint64(2**PART_BITS - 1)).astype(np.uint32)


def _portions(counts: NDArray[np.int64]) -> Iterator[slice]:
    """Rows in turn, so many at a time that their counts come to about CHUNK."""
    portion = np.cumsum(counts) // CHUNK
    edges = [0, *(np.flatnonzero(np.diff(portion)) + 1).tolist(), len(counts)]
    yield from map(slice, edges[:-1], edges[1:])


def _by_pairs(hashes: Hashes, others: Hashes, bits: int) -> Near:
    near = np.zeros(len(hashes), bool)
    step = max(1, CHUNK // max(1, len(hashes)))
    for start in range(0, len(others), step):
        differing = np.bitwise_count(hashes[:, None] ^ others[None, start : start + step])
        near |= (differing <= bits).any(axis=1)
    return near
