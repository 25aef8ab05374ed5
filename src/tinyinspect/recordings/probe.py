"""Find the recordings in a folder and learn how each one is coded, before anything is decoded."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import ffmpeg
import imageio_ffmpeg

from tinyinspect.errors import InputError

SUFFIXES = (".avi", ".gif", ".mjpeg", ".mkv", ".mov", ".mp4")
FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
# Only these demuxers and plain files: a playlist that is named like a video must not make FFmpeg open other files.
INPUT_OPTIONS = {
    "protocol_whitelist": "file,pipe",
    "format_whitelist": "avi,gif,mjpeg,mpjpeg,jpeg_pipe,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2",
}

_STREAM = re.compile(r"^ *Stream #\d+:\d+.*?: Video: (?P<codec>\w+)(?P<rest>.*)$", re.MULTILINE)
_SIZE = re.compile(r"\b(\d{1,5})x(\d{1,5})\b(?!\w)")
_FORMAT = re.compile(r"^Input #0, ([\w,]+), from", re.MULTILINE)
_ROTATION = re.compile(r"rotation of (-?[\d.]+) degrees")
_ADDRESSES = re.compile(r"^(\[[^\]]*\] *)+")
_NO_REASON = ("Error opening input", "Format ", "Truncating packet")  # what it says around the reason
_TURNED = 45.0  # degrees: a display matrix may hold 0 or noise around it


@dataclass(frozen=True)
class Stream:
    """How the first video stream of a recording is coded; ``width`` and ``height`` in pixels, as it is shown."""

    codec: str
    width: int
    height: int
    rotated: bool  # a phone's flag: the stored picture must be turned before it is shown
    interlaced: bool
    timed: bool  # False for raw Motion-JPEG, which holds no timestamps

    @property
    def copies(self) -> bool:
        """Whether each packet is the JPEG file of one whole upright frame."""
        return self.codec == "mjpeg" and not self.rotated and not self.interlaced


def find_recordings(folder: Path) -> list[str]:
    """Names of all recordings under ``folder``, subfolders included: sorted paths relative to it, with "/".

    Raises:
        InputError: There is no such folder, or no recording in it.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is missing; make it and put recordings there, or run `dvc pull data.dvc`")
    names = []
    seen = set()
    for parent, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(parent)
        if real in seen:  # a link back to a parent
            folders.clear()
            continue
        seen.add(real)
        here = Path(parent).relative_to(folder)
        # Names with a leading dot are what macOS and cameras leave beside recordings.
        names += [(here / file).as_posix() for file in files if _is_recording(file)]
    if not names:
        known = ", ".join(suffix[1:] for suffix in SUFFIXES)
        raise InputError(f"{folder} holds no recording ({known}); put one there or run `dvc pull data.dvc`")
    return sorted(names)


def _is_recording(name: str) -> bool:
    return not name.startswith(".") and name.lower().endswith(SUFFIXES)


def probe(path: Path) -> Stream:
    """Read the header of the recording at ``path``.

    Raises:
        InputError: The file is missing, empty, unreadable or holds no video FFmpeg knows.
    """
    _require_readable(path)
    # Without an output FFmpeg describes its input and exits with 1.
    command = ffmpeg.input(f"file:{path}", **INPUT_OPTIONS).output("-").compile(cmd=FFMPEG)[:-1]
    run = subprocess.run([*command, "-hide_banner", "-nostdin"], capture_output=True, text=True, errors="replace")
    streams = [match for match in _STREAM.finditer(run.stderr) if "attached pic" not in match["rest"]]
    if "Input #0" not in run.stderr:
        reason = complaint(run.stderr) or "no video format fits"
        raise InputError(f"{path} cannot be read as a video ({reason}); record or copy it anew")
    if not streams:
        raise InputError(f"{path} holds no video stream; take it out of the folder")
    size = _SIZE.search(streams[0]["rest"])
    if size is None:
        raise InputError(f"{path} cannot be read as a video (no picture in it); record or copy it anew")
    width, height = int(size[1]), int(size[2])
    rotation = _ROTATION.search(run.stderr, streams[0].end())
    degrees = abs(float(rotation[1])) if rotation else 0.0
    if _TURNED < degrees < 180 - _TURNED:
        width, height = height, width
    container = _FORMAT.search(run.stderr)
    return Stream(
        codec=streams[0]["codec"],
        width=width,
        height=height,
        rotated=rotation is not None,
        interlaced=bool(re.search(r"(top|bottom) (coded )?first", streams[0]["rest"])),
        timed=container is not None and container[1] not in ("mjpeg", "mpjpeg", "jpeg_pipe"),
    )


def complaint(stderr: str) -> str:
    """The first thing FFmpeg complained of, without the addresses it puts before it; empty where it said nothing."""
    lines = (_ADDRESSES.sub("", line).strip() for line in stderr.splitlines())
    return next((line.rstrip(".!") for line in lines if line and not line.startswith(_NO_REASON)), "")


def _require_readable(path: Path) -> None:
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except FileNotFoundError:
        found = "is a link to a file that does not exist" if path.is_symlink() else "is gone"
        raise InputError(f"{path} {found}; put it back or take it out of the recordings") from None
    except OSError as error:
        raise InputError(f"{path} cannot be opened ({error.strerror}); check its permissions and its disk") from None
    if empty:
        raise InputError(f"{path} is empty; record or copy it anew")
