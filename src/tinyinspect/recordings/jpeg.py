"""The header of a JPEG file: whether the decoders of what comes later can read it as it stands."""

from collections.abc import Iterator

_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_DCT = {0xC0, 0xC1, 0xC2}  # baseline, extended, progressive; the others are lossless or arithmetic
_HUFFMAN_TABLES, _START_OF_SCAN, _FILL = 0xC4, 0xDA, 0xFF
_PLAIN_CHANNELS = {1, 3}
_PLAIN_BITS = 8


def is_plain(jpeg: bytes) -> bool:
    """Whether a JPEG file is coded as every decoder knows it: DCT, own Huffman tables, 8 bits, one or three channels.

    A file without a readable header is plain too: it is damaged, which is found where it is measured.
    """
    places: dict[int, int] = {}
    for marker, place in _segments(jpeg):
        places.setdefault(marker, place)
    frame = next((marker for marker in places if marker in _START_OF_FRAME), None)
    if frame is None or _START_OF_SCAN not in places:
        return True
    bits, channels = jpeg[places[frame] + 4], jpeg[places[frame] + 9]
    known = frame in _DCT and _HUFFMAN_TABLES in places
    return known and bits == _PLAIN_BITS and channels in _PLAIN_CHANNELS


def _segments(jpeg: bytes) -> Iterator[tuple[int, int]]:
    """Each marker of the header with its place, up to the first scan."""
    position = 2
    while position + 9 < len(jpeg) and jpeg[position] == 0xFF:
        marker = jpeg[position + 1]
        if marker == _FILL:  # any number may stand before a marker
            position += 1
            continue
        yield marker, position
        if marker == _START_OF_SCAN:
            return
        position += 2 + int.from_bytes(jpeg[position + 2 : position + 4], "big")
