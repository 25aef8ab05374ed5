"""Frames of one recording as JPEG files, in decode order, as a stream of flat memory.

JPEG files in a recording are copied bit for bit; anything else is decoded once and coded as JPEG.
"""

import math
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from av import FFmpegError

from tinyinspect.config.extract import Extract
from tinyinspect.errors import InputError
from tinyinspect.recordings.encode import JpegCoder, require_inside
from tinyinspect.recordings.imageio import ImageIOReader
from tinyinspect.recordings.pictures import PictureReader
from tinyinspect.recordings.stream import Frame, Kind, Part, Sample, Stream
from tinyinspect.recordings.times import Clock
from tinyinspect.recordings.video import VideoReader

_ROUNDING = 1e-6  # seconds by which a timestamp may miss the instant it stands for


class FrameReader:
    """Iterate over the frames of a recording that ``settings.fps`` keeps.

    Example:
        with FrameReader(path, probe(path), settings) as frames:
            for frame in frames:
                ...
        print(frames.complaint, frames.repaired_from)
    """

    def __init__(self, path: Path, stream: Stream, settings: Extract, part: Part | None = None):
        """Prepare to read all of a recording or a part; the recording is opened by the ``with`` block.

        Raises:
            InputError: Its pictures are larger than ``settings.max_megapixels``, or ``settings.crop`` does not fit.
        """
        self._path, self._settings = path, settings
        most = settings.max_megapixels * 1e6
        copies = stream.copies and settings.crop is None
        match stream.kind:
            case Kind.PICTURES:
                self._reader: VideoReader | ImageIOReader | PictureReader = PictureReader(path, copies, most)
            case Kind.IMAGEIO:
                self._reader = ImageIOReader(path, copies, most)
            case _:
                _require_fit(path, stream, settings)
                self._reader = VideoReader(path, stream, copies, part)
        self._clock = Clock(stream.rate)
        self._part = part
        self._samples = 0
        self._own: float | None = None  # time of the last sample
        self._timed = stream.timed

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            opened.enter_context(self._reader)
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._opened.close()

    def __iter__(self) -> Iterator[Frame]:
        coder = JpegCoder(self._path, self._settings.crop, self._settings.jpeg_qscale)
        try:
            yield from coder.frames(self._kept())
        except FFmpegError as error:
            raise InputError(f"{self._path} cannot be converted to JPEG ({error.strerror}); convert it first") from None

    @property
    def complaint(self) -> str:
        """What was wrong with what was read so far; empty when all went well."""
        return self._reader.complaint

    @property
    def repaired_from(self) -> int | None:
        """The first frame, in the order read, whose time was repaired; None where none was, or none had a time."""
        return self._clock.repaired_from if self._timed else None

    @property
    def as_foreseen(self) -> bool:
        """Whether the part had the frames and the times that it was cut by, with nothing wrong in it."""
        found = self._samples, self._own, self.complaint, self._clock.repaired_from
        return self._part is not None and found == (self._part.packets, self._part.last, "", None)

    def _kept(self) -> Iterator[tuple[Sample, float]]:
        """The samples that the frame rate keeps, the first of each tick, with their times."""
        last_tick = -1
        if self._part is not None and self._part.before is not None:
            self._clock.resume(self._part.first, self._part.origin, self._part.before)
            last_tick = self._tick(self._clock.last)
        for sample in self._reader:
            self._samples, self._own = self._samples + 1, sample.time
            time = self._clock.time_of(sample.time)
            if self._settings.fps is not None:
                tick = self._tick(time)
                if tick <= last_tick:
                    continue
                last_tick = tick
            yield sample, time

    def _tick(self, time: float) -> int:
        return math.floor((time + _ROUNDING) * (self._settings.fps or 0))


def _require_fit(path: Path, stream: Stream, settings: Extract) -> None:
    megapixels = stream.width * stream.height / 1e6
    if megapixels > settings.max_megapixels:
        raise InputError(
            f"{path} has pictures of {stream.width}x{stream.height}, {megapixels:.0f} megapixels, more than "
            f"extract.max_megapixels {settings.max_megapixels:g}; record smaller ones or raise it"
        )
    if settings.crop is not None:
        require_inside(settings.crop, stream.width, stream.height, path)
