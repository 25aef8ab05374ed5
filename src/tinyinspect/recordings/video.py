"""Recordings in a container (AVI, MP4, Matroska, MPEG, ...), read by FFmpeg's libraries inside this process (PyAV).

Motion-JPEG is taken packet by packet, for each is a JPEG file; anything else is decoded. Each picture has its number,
its time by the recording's own clock, and its content.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import dropwhile, islice
from pathlib import Path
from typing import Self

import av
from av import FFmpegError, VideoFrame
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream

from tinyinspect.errors import InputError
from tinyinspect.recordings.headers import lacks_rate, lacks_time_scale
from tinyinspect.recordings.jpeg import is_plain
from tinyinspect.recordings.orientation import UPRIGHT, lies_on_its_side, matrix_of
from tinyinspect.recordings.stream import ASSUMED_RATE, NO_TIMES, Kind, Part, Sample, Stream

# Only these demuxers and plain files: a playlist that is named like a video must not make FFmpeg open other files.
_CONTAINERS = "avi,gif,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mpeg,mpegts,asf,flv,ogg"
_UNTIMED = ("mjpeg", "mpjpeg", "jpeg_pipe", "h264", "hevc")  # streams without a container
_OPTIONS = {"protocol_whitelist": "file", "format_whitelist": ",".join((_CONTAINERS, *_UNTIMED))}
_NO_PICTURES = Disposition.attached_pic | Disposition.timed_thumbnails  # a cover or a preview, not what was filmed
_PROBED_PACKETS = 50
_PROBED_PIXELS = 64_000_000  # a larger picture is not decoded to learn how it is turned
_FASTEST = 1000  # frames per second; what lies above is a time base, no rate
_PROGRESSIVE = 1  # FFmpeg's AV_FIELD_PROGRESSIVE, 0 being unknown
_NO_TIME_SCALE = "holds no time scale"
_WHOLE = {"ignore_editlist": "1"}  # an edit list says in seconds what to leave out, which mean nothing then


def describe(path: Path) -> Stream:
    """How the recording at ``path`` is coded, from its headers and its first picture.

    Raises:
        InputError: It cannot be read as a video, or holds no picture of a size.
    """
    try:
        with opened(path) as container:
            return _described(path, container, pictures_of(container, path))
    except FFmpegError as error:
        raise InputError(f"{path} cannot be read as a video ({_reason(path, error)}); record or copy it anew") from None


class VideoReader:
    """Context manager that iterates over the pictures of a recording."""

    def __init__(self, path: Path, stream: Stream, copies: bool, part: Part | None = None):
        """Prepare to read all or a part: ``copies`` takes JPEG files as they are, else pictures are decoded."""
        self._path, self._copies, self._part = path, copies, part
        self._first = part.first if part else 0
        self._by_packet = stream.codec == "mjpeg"
        self._has_ticks = stream.untimed != _NO_TIME_SCALE
        self._packets = self._broken = self._concealed = 0
        self._end = ""

    def __enter__(self) -> Self:
        try:
            self._container = opened(self._path, **({} if self._has_ticks else _WHOLE))
        except FFmpegError as error:
            raise InputError(f"{self._path} cannot be read as a video ({error.strerror}); copy it anew") from None
        self._stream = pictures_of(self._container, self._path)
        if self._by_packet:
            # Each packet is decoded by itself: a picture with an error in it is left out, and the others keep their
            # numbers. Other codecs carry an error on until the next key frame.
            self._stream.codec_context.thread_type = "NONE"
            self._stream.codec_context.options = {"err_detect": "explode"}
        else:
            self._stream.codec_context.thread_type = "AUTO"
        # AVI holds no presentation times, and what FFmpeg makes up where frames were coded out of order is wrong. All
        # there is are the places of the chunks: the first frame shown takes the first place, and so on.
        self._places: deque[int | None] | None = None
        if self._container.format.name == "avi" and not self._by_packet:
            self._places = deque()
        return self

    def __exit__(self, *error: object) -> None:
        self._container.close()

    def __iter__(self) -> Iterator[Sample]:
        return self._copied() if self._copies else self._decoded()

    @property
    def complaint(self) -> str:
        """What was wrong with the data read so far; empty when all went well."""
        found = {
            f"{self._broken} of {self._packets} packets do not decode": self._broken,
            f"{self._concealed} frames come from damaged data": self._concealed,
            self._end: self._end,
        }
        return ", ".join(sentence for sentence, applies in found.items() if applies)

    def _read(self) -> Iterator[Packet]:
        try:
            for packet in self._wanted():
                self._packets += 1
                self._end = "it ends in the middle of a frame" if packet.is_corrupt else ""
                yield packet
        except FFmpegError as error:
            self._end = str(error.strerror)

    def _wanted(self) -> Iterator[Packet]:
        """All packets, or those of the part."""
        if self._part is None:
            return packets_of(self._container, self._stream)
        if self._part.first == 0:
            return islice(packets_of(self._container, self._stream), self._part.packets)
        return islice(packets_from(self._container, self._stream, self._part.begin), self._part.packets)

    def _copied(self) -> Iterator[Sample]:
        for number, packet in enumerate(self._read(), self._first):
            yield Sample(number, self._seconds(ticks_of(packet)), bytes(packet))

    def _decoded(self) -> Iterator[Sample]:
        for place, (packet, frame) in enumerate(self._frames(), self._first):
            self._concealed += frame.is_corrupt
            ticks = ticks_of(frame) if self._places is None else self._places.popleft() if self._places else None
            yield Sample(packet if self._by_packet else place, self._seconds(ticks), frame)

    def _frames(self) -> Iterator[tuple[int, VideoFrame]]:
        """Each frame with the number of the packet after which the decoder gave it."""
        decoder = self._stream.codec_context
        for number, packet in enumerate(self._read(), self._first):
            try:
                frames = decoder.decode(packet)
            except FFmpegError:
                self._broken += 1
                continue
            if self._places is not None:
                self._places.append(packet.dts)
            yield from ((number, frame) for frame in frames)
        with suppress(FFmpegError):
            yield from ((self._first + self._packets, frame) for frame in decoder.decode(None))

    def _seconds(self, ticks: int | None) -> float | None:
        return seconds(ticks, self._stream) if self._has_ticks else None


def seconds(ticks: int | None, stream: VideoStream) -> float | None:
    """A time by the recording's own clock; None where it has none."""
    base = stream.time_base
    return None if ticks is None or base is None else ticks * base.numerator / base.denominator


def packets_from(container: InputContainer, stream: VideoStream, begin: int) -> Iterator[Packet]:
    """The packets from the one at ``begin`` on, a key frame's time in ticks before which no later frame is shown.

    Raises:
        av.FFmpegError: The container cannot seek.
    """
    container.seek(begin, stream=stream)
    return dropwhile(lambda packet: (ticks_of(packet) or begin) < begin, packets_of(container, stream))


def packets_of(container: InputContainer, stream: VideoStream) -> Iterator[Packet]:
    """All packets of a picture."""
    # An empty one stands for a frame that was dropped, or for the end.
    return (packet for packet in container.demux(stream) if packet.size)


def ticks_of(timed: Packet | VideoFrame) -> int | None:
    """The time of a packet or a frame in ticks of its stream; None where it has none."""
    return timed.dts if timed.pts is None else timed.pts


def opened(path: Path, **options: str) -> InputContainer:
    """The container at ``path``; whoever opens it closes it.

    Raises:
        av.FFmpegError: FFmpeg does not read it.
    """
    return av.open(f"file:{path}", container_options=_OPTIONS | options, metadata_errors="replace")


def pictures_of(container: InputContainer, path: Path) -> VideoStream:
    """The stream of what was filmed.

    Raises:
        InputError: There is none, or it is coded in an unknown way.
    """
    streams = [stream for stream in container.streams.video if not stream.disposition & _NO_PICTURES]
    if not streams:
        raise InputError(f"{path} holds no video stream; take it out of the folder")
    if streams[0].codec_context is None:
        raise InputError(f"{path} is coded in a way that FFmpeg does not know; record or convert it anew")
    return streams[0]


def _described(path: Path, container: InputContainer, stream: VideoStream) -> Stream:
    decoder = stream.codec_context
    width, height = decoder.width, decoder.height
    if not width or not height:
        raise InputError(f"{path} cannot be read as a video (no picture in it); record or copy it anew")
    packet, frame = _first(container, stream) if width * height <= _PROBED_PIXELS else (b"", None)
    matrix = matrix_of(frame) if frame else UPRIGHT
    if lies_on_its_side(matrix):
        width, height = height, width
    untimed = _untimed(path, container, stream)
    interlaced = decoder.field_order > _PROGRESSIVE or (frame is not None and frame.interlaced_frame)
    return Stream(
        kind=Kind.VIDEO,
        codec=decoder.name,
        width=width,
        height=height,
        copies=decoder.name == "mjpeg" and matrix == UPRIGHT and not interlaced and is_plain(packet),
        rate=ASSUMED_RATE if untimed == _NO_TIME_SCALE else _rate(stream),
        untimed=untimed,
    )


def _first(container: InputContainer, stream: VideoStream) -> tuple[bytes, VideoFrame | None]:
    """The first packet, and the first picture that decodes."""
    first = b""
    for packet in islice(container.demux(stream), _PROBED_PACKETS):
        first = first or bytes(packet)
        with suppress(FFmpegError):
            for frame in packet.decode():
                return first, frame
    return first, None


def _rate(stream: VideoStream) -> float:
    rates: list[Fraction | None] = [stream.average_rate, stream.guessed_rate, stream.base_rate]
    return next((float(rate) for rate in rates if rate and 0 < rate <= _FASTEST), ASSUMED_RATE)


def _untimed(path: Path, container: InputContainer, stream: VideoStream) -> str:
    name = container.format.name
    if name in _UNTIMED:
        return NO_TIMES
    if name == "avi" and lacks_rate(path):
        return "was never closed and holds no frame rate"
    if "mp4" in name and stream.time_base == 1 and lacks_time_scale(path):
        return _NO_TIME_SCALE
    return ""


def _reason(path: Path, error: FFmpegError) -> str:
    """What FFmpeg says about a file that does not open; told only where its log is heard."""
    level = av.logging.get_level()
    av.logging.set_skip_repeated(False)  # the same reason counts for the next recording too
    av.logging.set_level(av.logging.ERROR)
    try:
        with av.logging.Capture() as log, suppress(FFmpegError), opened(path):
            pass
    finally:
        av.logging.set_level(level)
    said = (message.strip().rstrip(".!") for _, _, message in log)
    return next((sentence for sentence in said if sentence), str(error.strerror))
