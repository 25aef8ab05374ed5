"""The pictures of a webcam of this computer, through FFmpeg's input devices, treated like those of a recording."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path

import av
from av.container import InputContainer

from tinyinspect.config.extract import Extract
from tinyinspect.errors import InputError
from tinyinspect.recordings.encode import JpegCoder
from tinyinspect.recordings.stream import Frame, Sample

INPUTS = {"linux": ("v4l2", "/dev/video{}"), "darwin": ("avfoundation", "{}")}  # FFmpeg's name, and the address


@contextmanager
def webcam(number: int, extract: Extract) -> Iterator[Iterator[Frame]]:
    """Open a webcam for its pictures as they come, until Ctrl-C.

    Only the main thread can be interrupted, so only there it works.

    Args:
        number: of the webcam, from 0.
        extract: how pictures are cropped and coded; every picture is kept.

    Raises:
        InputError: It cannot be opened.
    """
    kind, form = INPUTS.get(sys.platform, ("", ""))
    if not kind:
        raise InputError(f"a webcam is not read on {sys.platform}; record a video and give its name")
    address = form.format(number)
    try:
        container = av.open(address, format=kind)
    except (av.FFmpegError, ValueError) as error:
        raise InputError(
            f"webcam {number} cannot be opened ({kind}, {address}: {getattr(error, 'strerror', error)}); connect it, "
            "close other programs that use it, or give another number"
        ) from None
    with container, _interrupt() as interrupted:
        yield _frames(container, interrupted, Path(address), extract)


@contextmanager
def _interrupt() -> Iterator[threading.Event]:
    """An event that Ctrl-C sets, instead of stopping the program wherever it stands."""
    interrupted = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: interrupted.set())
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)


def _frames(container: InputContainer, interrupted: threading.Event, name: Path, extract: Extract) -> Iterator[Frame]:
    pictures = takewhile(lambda _: not interrupted.is_set(), _pictures(container))
    try:
        yield from JpegCoder(name, extract.crop, extract.jpeg_qscale).frames(pictures)
    except av.FFmpegError as error:
        raise InputError(f"the webcam {name} gives no more pictures ({error.strerror}); connect it again") from None


def _pictures(container: InputContainer) -> Iterator[tuple[Sample, float]]:
    start = None
    for number, picture in enumerate(container.decode(video=0)):
        time = float(picture.time or 0)
        start = time if start is None else start
        yield Sample(number, time, picture), time - start
