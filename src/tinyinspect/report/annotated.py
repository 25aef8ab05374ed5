"""Frames with the answer written on them: a contact sheet of a whole recording, and a video."""

from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Self

import av
import numpy as np
from av.container import OutputContainer
from av.video.stream import VideoStream
from PIL import Image, ImageDraw, ImageFont

from tinyinspect.camera import square_window
from tinyinspect.evaluation.source import Seen
from tinyinspect.files import complete_file

SIDE, COLUMNS, MOST, CAPTION = 150, 8, 64, 20  # pixels; pictures on a sheet
VIDEO_SIDE = 480  # pixels
_CLOCK = Fraction(1, 1000)  # milliseconds
SURE, UNSURE = "#157347", "#b26a00"


class ContactSheet:
    """Frames evenly over a source whose length is not known: each time that there are too many, every second goes."""

    def __init__(self) -> None:
        self._kept: list[Image.Image] = []
        self._every, self._count = 1, 0

    def add(self, seen: Seen) -> None:
        """Take a frame in, if its turn has come."""
        if self._count % self._every == 0:
            self._kept.append(annotated(seen, SIDE))
        self._count += 1
        if len(self._kept) > MOST:
            self._kept, self._every = self._kept[::2], self._every * 2

    def write(self, path: Path) -> None:
        """Write the sheet as a JPEG file."""
        rows = -(-len(self._kept) // COLUMNS)
        sheet = Image.new("RGB", (COLUMNS * SIDE, rows * (SIDE + CAPTION)), "white")
        for place, picture in enumerate(self._kept):
            sheet.paste(picture, (place % COLUMNS * SIDE, place // COLUMNS * (SIDE + CAPTION)))
        with complete_file(path) as target:
            sheet.save(target, "JPEG", quality=82)


class AnnotatedVideo:
    """An MP4 file of what the model sees, with its answers, in the time of the recordings; complete or absent."""

    def __init__(self, path: Path) -> None:
        self._path, self._stack = path, ExitStack()
        self._start, self._last = 0, -1

    def __enter__(self) -> Self:
        partial = self._stack.enter_context(complete_file(self._path))
        self._container: OutputContainer = self._stack.enter_context(av.open(str(partial), "w", format="mp4"))
        self._stream: VideoStream = self._container.add_stream("mpeg4", rate=25)
        self._stream.width, self._stream.height = VIDEO_SIDE, VIDEO_SIDE + CAPTION
        self._stream.pix_fmt, self._stream.bit_rate = "yuv420p", 4_000_000
        self._stream.codec_context.time_base = _CLOCK
        return self

    def __exit__(self, *error: object) -> None:
        if error[0] is None and self._last >= 0:
            self._container.mux(self._stream.encode(None))
        self._stack.__exit__(*error)  # type: ignore[arg-type]

    def add(self, seen: Seen) -> None:
        """Take a frame in; a recording begins where the one before it ended."""
        instant = self._start + round(1000 * seen.time)
        if instant <= self._last:
            self._start, instant = self._last + 1 - round(1000 * seen.time), self._last + 1
        self._last = instant
        frame = av.VideoFrame.from_image(annotated(seen, VIDEO_SIDE))
        frame.pts, frame.time_base = instant, _CLOCK
        self._container.mux(self._stream.encode(frame))


def annotated(seen: Seen, side: int) -> Image.Image:
    """The square that the model sees, with its answer beneath, (side, side + 20) pixels."""
    picture = Image.new("RGB", (side, side + CAPTION), "white")
    square = Image.fromarray(np.ascontiguousarray(square_window(seen.picture)))
    picture.paste(square.resize((side, side), Image.Resampling.BILINEAR))
    words = f"{seen.said.answer} {seen.said.score:.2f}{'?' if seen.said.unsure else ''}"
    colour = UNSURE if seen.said.unsure else SURE
    ImageDraw.Draw(picture).text((3, side + 3), words, colour, ImageFont.load_default(13))
    return picture
