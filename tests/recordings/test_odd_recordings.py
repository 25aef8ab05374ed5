"""Recordings as people have them: each container and each fault of timestamps, made by FFmpeg while the test runs."""

import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import pytest

from tinyinspect.recordings.extract import extract_recordings
from tinyinspect.recordings.store import FrameStore

H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
B_FRAMES = ("-c:v", "libx264", "-bf", "3", "-pix_fmt", "yuv420p")
MJPEG = ("-c:v", "mjpeg", "-q:v", "4")
VARIABLE = ("-vf", "select='lt(n,10)+gt(mod(n,7),4)'", "-fps_mode", "vfr")
VARIABLE_TICKS = [n for n in range(30) if n < 10 or n % 7 > 4]

Spoil = Callable[[bytes], bytes]


def twice(content: bytes) -> bytes:
    """Two recordings, one after the other: the clock is set back in the middle."""
    return content * 2


def from_a_quarter(packet: int) -> Spoil:
    """What is left of a stream, of packets of so many bytes, whose beginning was never received."""
    return lambda content: content[len(content) // packet // 4 * packet :]


def matroska_times(change: Callable[[int, int], int]) -> Spoil:
    """Give the n-th frame of a Matroska file of one cluster the milliseconds ``change(n, ms)``."""

    def spoil(content: bytes) -> bytes:
        changed = bytearray(content)
        cluster = content.index(b"\x1f\x43\xb6\x75")
        # A simple block: its ID, a size of one, two or three bytes, track 1, milliseconds in two bytes, flags.
        blocks = re.finditer(rb"\xa3(?:[\x80-\xff]|[\x40-\x7f].|[\x20-\x3f]..)\x81(..)[\x00\x80]", content, re.DOTALL)
        inside = [block for block in blocks if block.start() > cluster]
        for number, block in enumerate(inside):
            own = int.from_bytes(block[1], "big", signed=True)
            changed[slice(*block.span(1))] = change(number, own).to_bytes(2, "big", signed=True)
        assert len(inside) == 30
        return bytes(changed)

    return spoil


def overwritten(before: bytes, skip: int, new: bytes, count: int = 1) -> Spoil:
    """Write ``new``, ``skip`` bytes behind each of the first places where ``before`` stands."""

    def spoil(content: bytes) -> bytes:
        changed, position = bytearray(content), 0
        for _ in range(count):
            position = content.index(before, position) + len(before)
            changed[position + skip : position + skip + len(new)] = new
        return bytes(changed)

    return spoil


def never_closed(content: bytes) -> bytes:
    """What OpenMV's cameras leave when the power goes: no index, and a header without sizes, counts and rates."""
    content = content[: content.rindex(b"idx1")]
    for before, skip, size in ((b"RIFF", 0, 4), (b"avih", 4, 4), (b"avih", 20, 4), (b"vids", 20, 4), (b"vids", 28, 4)):
        content = overwritten(before, skip, bytes(size))(content)
    return overwritten(b"movi", -8, bytes(4))(content)


def without_huffman_tables(content: bytes) -> bytes:
    """Some cameras leave out the tables that each decoder knows."""
    parts, position = [], 0
    while (found := content.find(b"\xff\xc4", position)) >= 0:
        parts.append(content[position:found])
        position = found + 2 + int.from_bytes(content[found + 2 : found + 4], "big")
    return b"".join(parts) + content[position:]


@dataclass(frozen=True)
class Odd:
    """A recording, how it is made, and what must come out."""

    name: str
    options: Sequence[str]
    spoil: Spoil = bytes
    ticks: Sequence[int] = range(30)  # of 1/15 s
    rate: float = 15.0  # frames per second that the ticks stand for
    warnings: Sequence[str] = ()  # what each one says, as a regular expression
    reading: Sequence[str] = ()  # what the FFmpeg binary must be told to read all of it


REPAIRED = r"timestamps that are missing, equal or jump back; its times were repaired from frame {} on, at 15 frames"
ASSUMED = r"{}; its times assume 25 frames per second"

ODD = {
    # Containers
    "3g2": Odd("a.3g2", H264),
    "3gp": Odd("a.3gp", H264),
    "asf": Odd("a.asf", ("-c:v", "msmpeg4")),
    "flv": Odd("a.flv", ("-c:v", "flv1")),
    "flv, H.264": Odd("a.flv", B_FRAMES),
    "gif": Odd("a.gif", ("-vf", "fps=10"), ticks=range(20), rate=10),
    "m2ts": Odd("a.m2ts", H264),
    "m4v": Odd("a.m4v", H264),
    "mp4 in fragments": Odd("a.mp4", (*H264, "-movflags", "frag_keyframe+empty_moov")),
    "mp4 with two tracks": Odd("a.mp4", (*H264, "-map", "0", "-map", "0")),
    "mp4 of one frame a second": Odd(
        "a.mp4", (*H264, "-vf", "setpts=15*PTS", "-r", "1", "-video_track_timescale", "1"), rate=1
    ),
    "mpeg 1": Odd("a.mpeg", ("-c:v", "mpeg1video", "-r", "25"), ticks=range(50), rate=25),
    "mpg": Odd("a.mpg", ("-c:v", "mpeg2video", "-r", "25"), ticks=range(50), rate=25),
    "mts": Odd("a.mts", (*H264, "-f", "mpegts")),
    "ogv": Odd("a.ogv", ("-c:v", "libtheora")),
    "ts": Odd("a.ts", B_FRAMES),
    "vob": Odd("a.vob", ("-c:v", "mpeg2video", "-r", "25", "-f", "vob"), ticks=range(50), rate=25),
    "webm": Odd("a.webm", ("-c:v", "libvpx")),
    "wmv": Odd("a.wmv", ("-c:v", "wmv2")),
    # Without a container
    "mjpg": Odd("a.mjpg", (*MJPEG, "-f", "mjpeg"), rate=25, warnings=[ASSUMED.format("holds no timestamps")]),
    "h264": Odd("a.h264", (*B_FRAMES, "-f", "h264"), rate=25, warnings=[ASSUMED.format("holds no timestamps")]),
    "h265": Odd(
        "a.h265",
        ("-c:v", "libx265", "-x265-params", "log-level=error", "-f", "hevc"),
        rate=25,
        warnings=[ASSUMED.format("holds no timestamps")],
    ),
    # Times that an AVI cannot hold
    "B-frames in AVI": Odd("a.avi", B_FRAMES),
    "MPEG-4 B-frames in AVI": Odd("a.avi", ("-c:v", "mpeg4", "-bf", "2")),
    "dropped frames in AVI": Odd("a.avi", (*MJPEG, *VARIABLE), ticks=VARIABLE_TICKS),
    "dropped frames in AVI, decoded": Odd("a.avi", ("-c:v", "mpeg4", *VARIABLE), ticks=VARIABLE_TICKS),
    "power cut": Odd(
        "a.avi", MJPEG, never_closed, rate=25, warnings=[ASSUMED.format("was never closed and holds no frame rate")]
    ),
    # A header without a time scale, and so an edit list that leaves out all but a frame or two
    **{
        f"{name} without a time scale": Odd(
            file,
            options,
            overwritten(b"mdhd", 12, bytes(4)),
            rate=25,
            warnings=[ASSUMED.format("holds no time scale")],
            reading=("-ignore_editlist", "1"),
        )
        for name, file, options in (
            ("mp4", "a.mp4", B_FRAMES),
            ("mp4 in fragments", "a.mp4", (*H264, "-movflags", "frag_keyframe+empty_moov")),
            ("mov of Motion-JPEG", "a.mov", MJPEG),
        )
    },
    # Times that are missing, equal or jump back
    "mkv twice": Odd("a.mkv", H264, twice, range(60), warnings=[REPAIRED.format(30)]),
    "mkv of Motion-JPEG twice": Odd("a.mkv", MJPEG, twice, range(60), warnings=[REPAIRED.format(30)]),
    "ts twice": Odd("a.ts", H264, twice, range(60), warnings=[REPAIRED.format(30)]),
    "all times equal": Odd("a.mkv", H264, matroska_times(lambda n, ms: 0), warnings=[REPAIRED.format(1)]),
    "clock set back": Odd(
        "a.mkv", H264, matroska_times(lambda n, ms: ms if n < 20 else ms - 1333), warnings=[REPAIRED.format(20)]
    ),
    "negative times": Odd("a.mkv", H264, matroska_times(lambda n, ms: ms - 700), warnings=[REPAIRED.format(0)]),
    # Codings
    "lossless JPEG": Odd("a.avi", ("-c:v", "ljpeg", "-pix_fmt", "yuvj420p")),
    "no Huffman tables": Odd(
        "a.mjpg",
        (*MJPEG, "-huffman", "default", "-f", "mjpeg"),
        without_huffman_tables,
        rate=25,
        warnings=[ASSUMED.format("holds no timestamps")],
    ),
    "begins without a key frame": Odd("a.ts", (*B_FRAMES, "-g", "10"), from_a_quarter(188), range(20)),
}


@pytest.fixture
def counted(tmp_path) -> Callable[[Path, Sequence[str]], int]:
    """counted(path, reading): how many frames the FFmpeg binary decodes."""

    def counted(path: Path, reading: Sequence[str]) -> int:
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-hide_banner", *reading, "-i", path, "-map", "0:V:0"]
        run = subprocess.run([*command, "-fps_mode", "passthrough", "-f", "null", "-"], capture_output=True, text=True)
        return int(re.findall(r"frame= *(\d+)", run.stderr)[-1])

    return counted


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_every_frame_and_times_that_rise(odd, film, counted, settings, tmp_path):
    path = film(tmp_path / "videos" / odd.name, *odd.options)
    path.write_bytes(odd.spoil(path.read_bytes()))
    frames = tmp_path / "frames"
    frames.mkdir()
    [outcome] = extract_recordings(path.parent, frames, settings())
    index = FrameStore(frames).index
    assert counted(path, odd.reading) == len(odd.ticks)
    assert list(index["frame"]) == list(range(len(odd.ticks)))
    assert list(index["time_s"]) == pytest.approx([tick / odd.rate for tick in odd.ticks], abs=2e-3)
    assert index["time_s"].is_monotonic_increasing
    assert len(outcome.warnings) == len(odd.warnings)
    for warning, expected in zip(outcome.warnings, odd.warnings, strict=True):
        assert re.search(expected, warning)
