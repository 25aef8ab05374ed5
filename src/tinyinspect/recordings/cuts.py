"""Where a long recording can be cut into parts that are read each by itself, with the frames that all of it gives.

A cut is a frame after which no other refers to one before: any of Motion-JPEG, an IDR picture of H.264 or H.265
("instantaneous decoding refresh"), where no frame that is stored later is shown earlier. A recording of another codec,
or whose times are missing or jump back, is not cut.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from av import FFmpegError
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from tinyinspect.recordings.jpeg import is_plain
from tinyinspect.recordings.stream import Kind, Part, Stream
from tinyinspect.recordings.video import opened, packets_from, packets_of, pictures_of, seconds, ticks_of

_MICROSECONDS = 1_000_000  # the unit of a container's duration
_WORTH_A_CUT = 1.5  # parts that a recording is long at least
_START = re.compile(rb"\x00\x00\x01(?=.)", re.DOTALL)
_LENGTH_PREFIXED = 1  # the first byte of a header in an MP4 or a Matroska file


@dataclass(frozen=True, slots=True)
class _Coding:
    """How a codec marks its units. Source: ITU-T H.264 and H.265, 7.4; ISO/IEC 14496-15 for ``length_at``."""

    type_of: Callable[[int], int]  # of a unit, from its first byte
    pictures: range  # types of units that hold a part of a picture
    refreshes: tuple[int, ...]  # those of IDR pictures
    length_at: int  # the byte of the stream's header that tells how long the length before a unit is


_CODINGS = {
    "h264": _Coding(lambda first: first & 31, range(1, 6), (5,), 4),
    "hevc": _Coding(lambda first: first >> 1 & 63, range(32), (19, 20), 21),
}


@dataclass(frozen=True, slots=True)
class _Cut:
    """Where a part begins."""

    number: int  # of its first packet
    ticks: int  # of its first frame
    before: int | None  # ticks of the last frame before it


def parts_of(path: Path, stream: Stream, length: float) -> list[Part]:
    """The parts of a recording, each of ``length`` seconds or somewhat more; none where it is shorter or cannot be cut.

    All packets are read, and no picture is decoded.

    Args:
        path: of the recording.
        stream: how it is coded.
        length: seconds.
    """
    jpegs = stream.codec == "mjpeg" and stream.copies
    if stream.kind is not Kind.VIDEO or not stream.timed or not (jpegs or stream.codec in _CODINGS):
        return []
    try:
        with opened(path) as container:
            # An AVI does not tell when a frame is shown that was coded out of order.
            tells_times = jpegs or container.format.name != "avi"
            if not tells_times or (container.duration or 0) < _WORTH_A_CUT * length * _MICROSECONDS:
                return []
            pictures = pictures_of(container, path)
            cuts, packets, last = _cuts(container, pictures, stream.codec, length)
            found = [cut for cut in cuts if cut.before is None or _is_found(container, pictures, cut)]
            return list(_parts(found, packets, last, pictures)) if len(found) > 1 else []
    except FFmpegError:
        return []


def _cuts(container: InputContainer, pictures: VideoStream, codec: str, length: float) -> tuple[list[_Cut], int, int]:
    """The cuts, the number of packets, and the ticks of the last frame; no cut where a packet is out of order."""
    cuts: list[_Cut] = []
    packets, latest = 0, None
    for packet in packets_of(container, pictures):
        ticks = packet.pts if codec in _CODINGS else ticks_of(packet)
        if ticks is None or packet.is_corrupt or packet.is_discard:
            return [], 0, 0
        while cuts and ticks < cuts[-1].ticks:
            cuts.pop()  # it is shown before a frame that is stored before it
        is_next = latest is None or ticks > latest
        if is_next and _is_due(cuts, ticks, pictures, length) and _refreshes(packet, pictures, codec):
            cuts.append(_Cut(packets, ticks, latest))
        if not cuts or (not is_next and codec not in _CODINGS):
            return [], 0, 0
        packets, latest = packets + 1, ticks if latest is None else max(ticks, latest)
    return cuts, packets, latest or 0


def _is_due(cuts: list[_Cut], ticks: int, pictures: VideoStream, length: float) -> bool:
    return not cuts or (seconds(ticks - cuts[-1].ticks, pictures) or 0) >= length


def _refreshes(packet: Packet, pictures: VideoStream, codec: str) -> bool:
    """Whether the picture needs none before it, nor does any after it."""
    content = bytes(packet)
    if codec not in _CODINGS:
        return is_plain(content)  # with tables of its own
    coding = _CODINGS[codec]
    types = (coding.type_of(first) for first in _first_bytes(content, pictures.codec_context.extradata or b"", coding))
    return next((one in coding.refreshes for one in types if one in coding.pictures), False)


def _first_bytes(content: bytes, header: bytes, coding: _Coding) -> Iterator[int]:
    """The first byte of each unit in a packet."""
    if header[:1] != bytes([_LENGTH_PREFIXED]):
        yield from (content[start.end()] for start in _START.finditer(content))
        return
    width, position = (header[coding.length_at] & 3) + 1, 0
    while position + width < len(content):
        yield content[position + width]
        position += width + int.from_bytes(content[position : position + width], "big")


def _is_found(container: InputContainer, pictures: VideoStream, cut: _Cut) -> bool:
    """Whether a seek finds the cut: without an index it may not."""
    first = next(packets_from(container, pictures, cut.ticks), None)
    return first is not None and ticks_of(first) == cut.ticks


def _parts(cuts: list[_Cut], packets: int, last: int, pictures: VideoStream) -> Iterator[Part]:
    origin = seconds(cuts[0].ticks, pictures)
    for cut, following in pairwise([*cuts, _Cut(packets, 0, last)]):
        before, end = seconds(cut.before, pictures), seconds(following.before, pictures)
        assert origin is not None and end is not None
        yield Part(cut.number, following.number - cut.number, cut.ticks, origin, before, end)
