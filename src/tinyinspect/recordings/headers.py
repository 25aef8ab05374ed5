"""What a recording's header lacks and FFmpeg replaces by a guess without telling."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

_AVI_HEADER = 4096  # bytes in which the header of the first stream lies
_HOLDING = (b"moov", b"trak", b"mdia")  # the boxes of an MP4, one in the other, around the header of a track's media


def lacks_rate(path: Path) -> bool:
    """Whether the stream header of the AVI at ``path`` has no rate, which cameras fill in when they close the file."""
    with path.open("rb") as file:
        header = file.read(_AVI_HEADER)
    start = header.find(b"vids")
    # fccType, fccHandler, flags, priority and language, initial frames, scale: six words before the rate.
    return start >= 0 and header[start + 24 : start + 28] == bytes(4)


def lacks_time_scale(path: Path) -> bool:
    """Whether a track of the MP4 at ``path`` does not say how many ticks a second has; FFmpeg takes one."""
    with path.open("rb") as file:
        return any(not 0 < scale < 1 << 31 for scale in _time_scales(file, 0, path.stat().st_size, _HOLDING))


def _time_scales(file: BinaryIO, start: int, end: int, holding: Sequence[bytes]) -> Iterator[int]:
    """The time scales of all tracks (ISO 14496-12, 8.4.2) whose boxes lie in these, between two places of a file."""
    while start + 8 <= end:
        file.seek(start)
        size, kind = int.from_bytes(file.read(4), "big"), file.read(4)
        inside = start + 8
        if size == 1:  # a large box; its size follows
            size, inside = int.from_bytes(file.read(8), "big"), start + 16
        behind = min(start + size, end) if size else end  # without a size, it is the last one
        if kind == b"mdhd" and not holding:
            file.seek(inside)
            times = 16 if file.read(1) == b"\x01" else 8  # bytes of the two times before it
            file.seek(inside + 4 + times)
            yield int.from_bytes(file.read(4), "big")
        elif holding and kind == holding[0]:
            yield from _time_scales(file, inside, behind, holding[1:])
        if behind < inside:
            return
        start = behind
