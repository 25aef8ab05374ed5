"""The int8 file over recordings, pictures or a webcam of this computer, bit for bit as the camera runs it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from tinyinspect.camera import Pixels, model_view
from tinyinspect.config.extract import Extract
from tinyinspect.device.microcontroller import MicroRuntime
from tinyinspect.errors import InputError
from tinyinspect.recordings.decode import FrameReader
from tinyinspect.recordings.find import find_recordings
from tinyinspect.recordings.pictures import pictures_in
from tinyinspect.recordings.probe import probe
from tinyinspect.recordings.stream import Frame
from tinyinspect.recordings.webcam import webcam

WEBCAM = "webcam"
COLUMNS = ["recording", "frame", "time_s", "answer", "score", "unsure"]


@dataclass(frozen=True)
class Answer:
    """What the camera would say of a picture.

    Attributes:
        answer: a class, or another name of the task's.
        score: of the answer.
        unsure: whether a person should look.
        counts: whether the program counts it towards what it shows.
    """

    answer: str
    score: float
    unsure: bool
    counts: bool = True


@dataclass(frozen=True)
class Seen:
    """A picture of the source, and what was said of it."""

    recording: str
    frame: int
    time: float
    picture: Pixels
    said: Answer


def run_over(
    source: Path, extract: Extract, network: MicroRuntime, judge: Callable[[NDArray[np.float32]], list[Answer]]
) -> Iterator[Seen]:
    """Judge every frame, in order.

    Args:
        source: a recording, a folder of pictures, or a folder of recordings.
        extract: how recordings are read.
        network: the int8 file.
        judge: from outputs (n, k) to answers.

    Raises:
        InputError: There is nothing that can be read.
    """
    for path in _recordings(source):
        with FrameReader(path, probe(path), extract) as frames:
            yield from _judged(path.name, frames, network, judge)


def run_over_webcam(
    number: int, extract: Extract, network: MicroRuntime, judge: Callable[[NDArray[np.float32]], list[Answer]]
) -> Iterator[Seen]:
    """The same of a webcam's pictures as they come, until Ctrl-C.

    Raises:
        InputError: The webcam cannot be read.
    """
    with webcam(number, extract) as frames:
        yield from _judged(f"{WEBCAM}:{number}", frames, network, judge)


def webcam_named(source: str) -> int | None:
    """The number of the webcam that ``webcam`` or ``webcam:1`` names; None where it is a path.

    Raises:
        InputError: What follows ``webcam:`` is no number.
    """
    name, _, number = source.partition(":")
    if name != WEBCAM or Path(source).exists():
        return None
    if number and not number.isdecimal():
        raise InputError(f"{source} names no webcam; give {WEBCAM}, {WEBCAM}:1 and so on")
    return int(number or 0)


def _judged(
    recording: str,
    frames: Iterable[Frame],
    network: MicroRuntime,
    judge: Callable[[NDArray[np.float32]], list[Answer]],
) -> Iterator[Seen]:
    for frame in frames:
        if not frame.jpeg:
            continue
        picture = _decoded(frame.jpeg, recording, frame.number)
        view = model_view(picture, network.input_size).astype(np.int16) - 128
        (said,) = judge(network.outputs(view.astype(np.int8)[None]))
        yield Seen(recording, frame.number, frame.time, picture, said)


def row_of(seen: Seen) -> tuple[str, int, float, str, float, bool]:
    """The values of ``COLUMNS``."""
    said = seen.said
    return seen.recording, seen.frame, round(seen.time, 6), said.answer, round(said.score, 6), said.unsure


def _recordings(source: Path) -> list[Path]:
    if not source.exists():
        raise InputError(f"{source} is not there; give a recording, a folder or `{WEBCAM}`")
    if not source.is_dir() or pictures_in(source):
        return [source]
    return [source / name for name in find_recordings(source)]


def _decoded(jpeg: bytes, recording: str, number: int) -> Pixels:
    try:
        return simplejpeg.decode_jpeg(jpeg, "RGB")
    except ValueError as error:
        raise InputError(f"frame {number} of {recording} does not decode ({error}); take it out") from None
