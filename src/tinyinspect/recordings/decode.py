"""Frames of one recording as JPEG files, in decode order, as a stream of flat memory.

Motion-JPEG is copied bit for bit, anything else is decoded once and encoded as JPEG. One FFmpeg process writes the JPEG
files end to end into one pipe and, into a second, a line a frame with its number, time and size.
"""

import math
import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any, Self

import ffmpeg

from tinyinspect.config import Extract
from tinyinspect.errors import InputError
from tinyinspect.recordings.probe import FFMPEG, INPUT_OPTIONS, Stream, complaint

_PIPE_BYTES = 1 << 20
_STDERR_BYTES = 1 << 14  # the first complaints about a damaged recording are enough
_ROUNDING = 1e-6  # seconds by which a timestamp may miss the instant it stands for


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as a JPEG file."""

    number: int  # in the recording as filmed, from 0 in decode order
    time: float  # seconds from the start of the recording
    jpeg: bytes


class FrameReader:
    """Iterate over the frames of a recording that ``settings.fps`` keeps.

    Example:
        with FrameReader(path, probe(path), settings) as frames:
            for frame in frames:
                ...
        print(frames.complaint)
    """

    def __init__(self, path: Path, stream: Stream, settings: Extract):
        """Prepare to read; FFmpeg starts with the ``with`` block.

        Raises:
            InputError: ``settings.crop`` does not fit into the picture.
        """
        self.complaint = ""  # what FFmpeg said by the end of the last frame; empty when all went well
        self._path, self._settings = path, settings
        self._copies = stream.copies and settings.crop is None
        if settings.crop is not None:
            _require_inside(settings.crop, stream, path)
        # The decoder does not count the damaged frames that it leaves out; each Motion-JPEG packet is one frame.
        self._numbers = _packet_numbers(path) if stream.codec == "mjpeg" and not self._copies else {}

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            read, write = os.pipe()
            self._table = opened.enter_context(os.fdopen(read, "rb"))
            self._stderr = opened.enter_context(tempfile.TemporaryFile())
            try:
                self._process = opened.enter_context(self._start(write))
            finally:
                os.close(write)
            opened.callback(self._process.kill)  # first on the way out, so that leaving early does not wait
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._opened.close()

    def __iter__(self) -> Iterator[Frame]:
        assert self._process.stdout is not None
        last_tick = -1
        for number, time, size in _packet_rows(self._whole_lines()) if self._copies else self._encoded_rows():
            jpeg = self._process.stdout.read(size)
            if len(jpeg) < size:
                break
            if self._copies and self._settings.fps is not None:
                tick = math.floor((time + _ROUNDING) * self._settings.fps)
                if tick <= last_tick:
                    continue
                last_tick = tick
            yield Frame(number, time, jpeg)
        code = self._process.wait()
        self._stderr.seek(0)
        said = self._stderr.read(_STDERR_BYTES).decode(errors="replace")
        if code or said.strip():
            self.complaint = complaint(said) or f"FFmpeg ended with status {code}"

    def _start(self, table: int) -> subprocess.Popen[bytes]:
        # A Motion-JPEG frame with an error in it is left out; other codecs carry an error on until the next key frame.
        strictness = {"err_detect": "explode"} if self._numbers else {}
        source = ffmpeg.input(f"file:{self._path}", **INPUT_OPTIONS, **strictness)
        output = _copied(source, table) if self._copies else _encoded(source, table, self._settings)
        return subprocess.Popen(
            [*output.compile(cmd=FFMPEG), "-hide_banner", "-nostdin", "-loglevel", "error"],
            bufsize=_PIPE_BYTES,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            pass_fds=[table],
        )

    def _whole_lines(self) -> Iterator[bytes]:
        # FFmpeg may be killed in the middle of a line.
        return takewhile(lambda line: line.endswith(b"\n"), self._table)

    def _encoded_rows(self) -> Iterator[tuple[int, float, int]]:
        """(number, time in s, size in bytes) of each JPEG, by the number and time its frame was decoded with."""
        for line in self._whole_lines():
            number, ticks, base, size = line.split()
            time = _seconds(int(ticks), base)
            yield self._numbers.get(round(time / _ROUNDING), int(number)), time, int(size)


def _packet_rows(lines: Iterable[bytes]) -> Iterator[tuple[int, float, int]]:
    """(number, time in s, size in bytes) of each packet, from the framecrc muxer's lines."""
    base, number = b"1/1", 0
    for line in lines:
        if line.startswith(b"#tb"):
            base = line.split()[-1]
        elif not line.startswith(b"#"):
            _, _, ticks, _, size, _ = line.split(b",", 5)
            yield number, _seconds(int(ticks), base), int(size)
            number += 1


def _seconds(ticks: int, base: bytes) -> float:
    top, bottom = base.split(b"/")
    return max(0.0, ticks * int(top) / int(bottom))


def _packet_numbers(path: Path) -> dict[int, int]:
    """From time in microseconds to the number of the packet."""
    source = ffmpeg.input(f"file:{path}", **INPUT_OPTIONS)
    command = source["V:0"].output("pipe:1", f="framecrc", c="copy").compile(cmd=FFMPEG)
    lines = subprocess.run([*command, "-nostdin", "-loglevel", "quiet"], stdout=subprocess.PIPE).stdout.splitlines()
    return {round(time / _ROUNDING): number for number, time, _ in _packet_rows(lines)}


def _copied(source: Any, table: int) -> Any:
    # Without flushing, the table would wait in a buffer while FFmpeg waits for its JPEG files to be read.
    options = {"c": "copy", "flush_packets": 1}
    return ffmpeg.merge_outputs(
        source["V:0"].output("pipe:1", f="image2pipe", **options),
        source["V:0"].output(f"pipe:{table}", f="framecrc", **options),
    )


def _encoded(source: Any, table: int, settings: Extract) -> Any:
    picture = source["V:0"]
    if settings.fps is not None:
        tick = f"floor(({{}}+{_ROUNDING:f})*{settings.fps!r})"
        new = f"gt({tick.format('t')},{tick.format('prev_selected_t')})"
        picture = picture.filter("select", f"isnan(prev_selected_t)+{new}")
    if settings.crop is not None:
        x, y, width, height = settings.crop
        picture = picture.filter("crop", width, height, x, y, exact=1)
    # A JPEG file means BT.601 in full range, whatever the recording's own colours are.
    picture = picture.filter("scale", out_color_matrix="bt601", out_range="pc").filter("format", "yuvj420p")
    return picture.output(
        "pipe:1",
        f="image2pipe",
        vcodec="mjpeg",
        fps_mode="passthrough",  # the recording's own frames: none made up, none left out
        enc_time_base="demux",
        bitexact=None,  # no encoder's version in the JPEG files
        stats_mux_pre=f"pipe:{table}",
        stats_mux_pre_fmt="{ni} {ptsi} {tbi} {size}",
        **{"q:v": settings.jpeg_quality},
    )


def _require_inside(crop: tuple[int, int, int, int], stream: Stream, path: Path) -> None:
    x, y, width, height = crop
    if x + width > stream.width or y + height > stream.height:
        raise InputError(
            f"extract.crop {list(crop)} (x, y, width, height) leaves the picture of {path}, which is {stream.width}x"
            f"{stream.height}; make it smaller"
        )
