"""Decoded pictures to JPEG files: turned upright, cropped, in a JPEG file's colours; coded in threads, in order."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av import VideoFrame
from av.filter import Graph
from av.video.codeccontext import VideoCodecContext

from tinyinspect.errors import InputError
from tinyinspect.recordings.orientation import lies_on_its_side, matrix_of, turns
from tinyinspect.recordings.stream import Frame, Sample

Crop = tuple[int, int, int, int]  # x, y, width, height in pixels
_PIXELS = "yuvj420p"
_BASE = Fraction(1, 1_000_000)  # of no meaning: a JPEG file holds no time


@dataclass(slots=True)
class _Queued:
    number: int
    time: float
    jpeg: bytes | None  # None until it is coded


class JpegCoder:
    """Codes the pictures of one recording, whose size and kind may change on the way."""

    def __init__(self, path: Path, crop: Crop | None, quality: int):
        """Prepare for the recording at ``path``; ``quality`` is FFmpeg's scale from 2, the best, to 31."""
        self._path, self._crop, self._quality = path, crop, quality
        self._kind: tuple[object, ...] = ()  # of the pictures that graph and coder are made for
        self._graph: Graph | None = None
        self._coder: VideoCodecContext | None = None

    def frames(self, samples: Iterable[tuple[Sample, float]]) -> Iterator[Frame]:
        """Each sample, with its time, as a frame; what is a JPEG file already passes as it is.

        Raises:
            InputError: The crop does not fit into a picture.
            av.FFmpegError: A picture cannot be converted.
        """
        queue: deque[_Queued] = deque()
        for sample, time in samples:
            if isinstance(sample.picture, VideoFrame):
                done = self._put(sample.picture)  # may end the coder of another kind, and so give earlier pictures
                queue.append(_Queued(sample.number, time, None))
                _fill(queue, done)
            else:
                queue.append(_Queued(sample.number, time, sample.picture))
            yield from _ready(queue)
        _fill(queue, self._finish())
        yield from _ready(queue)

    def _put(self, picture: VideoFrame) -> list[bytes]:
        matrix = matrix_of(picture)
        kind = picture.width, picture.height, picture.format.name, picture.colorspace, picture.color_range, matrix
        done: list[bytes] = []
        if kind != self._kind:
            done = self._finish()
            self._graph, self._coder, self._kind = self._graph_for(picture), None, kind
        assert self._graph is not None
        picture.pts = None
        self._graph.vpush(picture)
        plain = self._graph.vpull()
        plain.pts, plain.time_base = None, _BASE
        self._coder = self._coder or self._coder_for(plain)
        return done + [bytes(packet) for packet in self._coder.encode(plain)]

    def _finish(self) -> list[bytes]:
        return [bytes(packet) for packet in self._coder.encode(None)] if self._coder else []

    def _graph_for(self, picture: VideoFrame) -> Graph:
        graph = Graph()
        source = graph.add(
            "buffer",
            video_size=f"{picture.width}x{picture.height}",
            pix_fmt=picture.format.name,
            time_base=str(_BASE),
            pixel_aspect="1/1",
            colorspace=str(int(picture.colorspace)),
            range=str(int(picture.color_range)),
        )
        steps = [graph.add(name, arguments) for name, arguments in self._steps(picture)]
        graph.link_nodes(source, *steps, graph.add("buffersink")).configure()
        return graph

    def _steps(self, picture: VideoFrame) -> Iterator[tuple[str, str | None]]:
        matrix = matrix_of(picture)
        yield from turns(matrix)
        if self._crop is not None:
            x, y, width, height = self._crop
            across, down = picture.width, picture.height
            across, down = (down, across) if lies_on_its_side(matrix) else (across, down)
            require_inside(self._crop, across, down, self._path)
            yield "crop", f"{width}:{height}:{x}:{y}:exact=1"
        # A JPEG file means BT.601 in full range, whatever the recording's own colours are.
        yield "scale", "out_color_matrix=bt601:out_range=pc"
        yield "format", _PIXELS

    def _coder_for(self, picture: VideoFrame) -> VideoCodecContext:
        coder = av.CodecContext.create("mjpeg", "w")
        coder.width, coder.height, coder.pix_fmt = picture.width, picture.height, _PIXELS
        coder.time_base = _BASE
        quality = str(self._quality)
        coder.options = {"qmin": quality, "qmax": quality, "flags": "+qscale+bitexact"}  # no version in the files
        coder.thread_count, coder.thread_type = 0, "FRAME"
        return coder


def require_inside(crop: Crop, width: int, height: int, path: Path) -> None:
    """Make sure that ``crop`` lies in a picture, of ``width`` and ``height`` pixels, of the recording at ``path``.

    Raises:
        InputError: It does not.
    """
    x, y, wide, high = crop
    if x + wide > width or y + high > height:
        raise InputError(
            f"extract.crop {list(crop)} (x, y, width, height) leaves the picture of {path}, which is {width}x"
            f"{height}; make it smaller"
        )


def _fill(queue: deque[_Queued], jpegs: list[bytes]) -> None:
    """Give the JPEG files to the first of the queue that wait for one."""
    waiting = (frame for frame in queue if frame.jpeg is None)
    for frame, jpeg in zip(waiting, jpegs, strict=False):
        frame.jpeg = jpeg


def _ready(queue: deque[_Queued]) -> Iterator[Frame]:
    while queue and queue[0].jpeg is not None:
        first = queue.popleft()
        yield Frame(first.number, first.time, first.jpeg or b"")
