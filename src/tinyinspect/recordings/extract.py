"""From a folder of recordings to a folder of frames: shards, and the index over all of them.

Frames stream through: read, measured in threads, filtered in order, written. The memory used does not grow with a
recording's length.
"""

import os
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tqdm import tqdm

from tinyinspect.config.extract import BadRecording, Extract
from tinyinspect.errors import InputError
from tinyinspect.recordings.decode import FrameReader
from tinyinspect.recordings.find import find_recordings
from tinyinspect.recordings.probe import probe
from tinyinspect.recordings.quality import Facts, examine
from tinyinspect.recordings.shards import ShardWriter, table_of
from tinyinspect.recordings.store import COLUMNS, INDEX
from tinyinspect.recordings.stream import Frame, Stream

_RECORDINGS_AT_ONCE = 2
_BLOCK = 16  # frames measured by one task
_BLOCK_BYTES = 4_000_000  # and about as many bytes at most, so that large pictures do not fill the memory
_BLOCKS_AHEAD = 4
Progress = Callable[[], object]  # called for each frame
_REASONS = 3  # bad recordings that a sentence tells of by name


@dataclass
class Outcome:
    """What became of one recording: counts of its frames, and sentences for the user."""

    recording: str
    kept: int = 0
    damaged: int = 0
    blurred: int = 0
    near_duplicates: int = 0
    warnings: list[str] = field(default_factory=list)
    error: str = ""  # why the recording was left out; empty where it was not
    stream: Stream | None = None  # how it is coded, where that could be learned

    @property
    def read(self) -> int:
        """Frames read, before the filters."""
        return self.kept + self.damaged + self.blurred + self.near_duplicates


ExtractAll = Callable[[Path, Path, Extract, list[Outcome]], list[Outcome]]


def extract_in_threads(videos: Path, folder: Path, settings: Extract, probed: list[Outcome]) -> list[Outcome]:
    """Extract recordings in threads of this process, some at a time; outcomes in the order of ``probed``.

    Raises:
        InputError: As :func:`extract_recordings`.
    """
    with (
        ThreadPoolExecutor(os.cpu_count()) as measuring,
        ThreadPoolExecutor(_RECORDINGS_AT_ONCE) as reading,
        tqdm(desc="extract", unit=" frames", disable=None) as progress,
    ):
        extract = partial(extract_recording, videos, folder, settings, measuring, progress.update)
        return list(reading.map(extract, probed))


def extract_recordings(
    videos: Path, folder: Path, settings: Extract, extract_all: ExtractAll = extract_in_threads
) -> list[Outcome]:
    """Write the frames of all recordings under ``videos`` into the empty ``folder``.

    Args:
        videos: folder of the recordings.
        folder: to write into.
        settings: the section of the parameters.
        extract_all: calls :func:`extract_recording` for each recording, here or elsewhere; outcomes keep
            their order.

    Returns:
        One outcome a recording, sorted by its name.

    Raises:
        InputError: No recording can be used; one cannot, and ``settings.bad_recording`` refuses that; the filters keep
            nothing or lack the quality they need; ``folder`` cannot be written.
    """
    _require_quality(settings)
    # All are probed before any is decoded: a recording that is refused costs seconds then, not the whole run.
    probed = [_probed(videos, name, settings) for name in find_recordings(videos)]
    outcomes = extract_all(videos, folder, settings, probed)
    _require_frames(outcomes, videos)
    _write_index(outcomes, folder)
    return outcomes


def _probed(videos: Path, name: str, settings: Extract) -> Outcome:
    outcome = Outcome(name)
    try:
        _require_utf8(videos, name)
        outcome.stream = probe(videos / name)
    except InputError as error:
        _refuse_or_note(outcome, error, settings)
    return outcome


def extract_recording(
    videos: Path, folder: Path, settings: Extract, measuring: Executor, progress: Progress, outcome: Outcome
) -> Outcome:
    """Write the frames of one recording, and their rows of the index, into ``folder``.

    Args:
        videos: folder of the recordings.
        folder: to write into.
        settings: the section of the parameters.
        measuring: runs what is measured of frames.
        progress: called once a frame.
        outcome: of probing it; where that failed, nothing is done.

    Raises:
        InputError: The recording cannot be read, and ``settings.bad_recording`` refuses that.
    """
    if outcome.stream is not None:
        try:
            _extract(videos / outcome.recording, outcome.stream, folder, settings, measuring, progress, outcome)
        except InputError as error:
            outcome = Outcome(outcome.recording)
            _refuse_or_note(outcome, error, settings)
    return outcome


def _refuse_or_note(outcome: Outcome, error: InputError, settings: Extract) -> None:
    if settings.bad_recording is BadRecording.REFUSE:
        raise InputError(f"{error}, or set extract.bad_recording to skip") from None
    outcome.error = str(error)


def _extract(
    path: Path,
    stream: Stream,
    folder: Path,
    settings: Extract,
    measuring: Executor,
    progress: Progress,
    outcome: Outcome,
) -> None:
    with FrameReader(path, stream, settings) as reader, ShardWriter(folder, outcome.recording) as writer:
        write_frames(examined(reader, measuring, settings), writer, settings, progress, outcome)
        _require_frame(path, outcome, reader.complaint)
    outcome.warnings = list(warnings_of(path, outcome, stream, reader.complaint, reader.repaired_from))


def write_frames(
    frames: Iterable[tuple[Frame, Facts | None]],
    writer: ShardWriter,
    settings: Extract,
    progress: Progress,
    outcome: Outcome,
) -> None:
    """Write the frames that the filters keep.

    Args:
        frames: each with its facts, None where it is damaged; in the order of the recording.
        writer: of the recording.
        settings: of the filters.
        progress: called once a frame.
        outcome: counts the frames.
    """
    last_hash = None
    for frame, facts in frames:
        progress()
        if facts is None:
            outcome.damaged += 1
        elif _is_blurred(facts, settings):
            outcome.blurred += 1
        elif _is_near_duplicate(facts, last_hash, settings):
            outcome.near_duplicates += 1
        else:
            writer.add(frame, facts)
            outcome.kept += 1
            last_hash = facts.quality.hash if facts.quality else None


def examined(frames: Iterable[Frame], measuring: Executor, settings: Extract) -> Iterator[tuple[Frame, Facts | None]]:
    """Each frame in order with its facts, None where it is damaged."""
    ahead: deque[Future[list[tuple[Frame, Facts | None]]]] = deque()
    for block in _blocks(frames):
        ahead.append(measuring.submit(_examine_block, block, settings.quality))
        if len(ahead) > _BLOCKS_AHEAD:
            yield from ahead.popleft().result()
    for rest in ahead:
        yield from rest.result()


def _blocks(frames: Iterable[Frame]) -> Iterator[list[Frame]]:
    """The frames in turn, 16 at a time, fewer where they are large."""
    block: list[Frame] = []
    size = 0
    for frame in frames:
        block.append(frame)
        size += len(frame.jpeg)
        if len(block) == _BLOCK or size > _BLOCK_BYTES:
            yield block
            block, size = [], 0
    if block:
        yield block


def _examine_block(block: list[Frame], quality: bool) -> list[tuple[Frame, Facts | None]]:
    return [(frame, _examine(frame, quality)) for frame in block]


def _examine(frame: Frame, quality: bool) -> Facts | None:
    try:
        return examine(frame.jpeg, quality)
    except ValueError:
        return None


def _is_blurred(facts: Facts, settings: Extract) -> bool:
    return facts.quality is not None and facts.quality.sharpness < settings.min_sharpness


def _is_near_duplicate(facts: Facts, last_hash: int | None, settings: Extract) -> bool:
    if facts.quality is None or last_hash is None or settings.near_duplicate_bits is None:
        return False
    return (facts.quality.hash ^ last_hash).bit_count() <= settings.near_duplicate_bits


def warnings_of(
    path: Path, outcome: Outcome, stream: Stream, complaint: str = "", repaired_from: int | None = None
) -> Iterator[str]:
    """What to tell the user of a recording that was read: see ``complaint`` and ``repaired_from`` of its reader."""
    if complaint:
        usable = outcome.read - outcome.damaged
        yield f"{path} is damaged or cut off ({complaint}); the {usable} frames that could be read were used"
    if outcome.damaged:
        yield f"{path} has {outcome.damaged} damaged of {outcome.read} frames, which were left out; check the card"
    if stream.untimed:
        yield f"{path} {stream.untimed}; its times assume {stream.rate:g} frames per second"
    if repaired_from is not None:
        yield (
            f"{path} holds timestamps that are missing, equal or jump back; its times were repaired from frame "
            f"{repaired_from} on, at {stream.rate:g} frames per second"
        )
    if not outcome.kept:
        yield f"{path}: the filters left no frame; lower extract.min_sharpness or extract.near_duplicate_bits"


def _require_utf8(videos: Path, name: str) -> None:
    try:
        name.encode()
    except UnicodeEncodeError:
        shown = os.fsencode(videos / name).decode(errors="backslashreplace")
        raise InputError(f"{shown}: its name is not UTF-8, so no table can hold it; rename it") from None


def _require_frame(path: Path, outcome: Outcome, complaint: str) -> None:
    if outcome.read == 0:
        reason = f" ({complaint})" if complaint else ""
        raise InputError(f"{path} holds no frame{reason}; record or copy it anew, or take it out of the folder")
    if outcome.read == outcome.damaged:
        reason = complaint or "all its frames are damaged"
        raise InputError(f"{path} holds no frame that decodes ({reason}); record or copy it anew")


def _require_quality(settings: Extract) -> None:
    if not settings.quality and (settings.min_sharpness > 0 or settings.near_duplicate_bits is not None):
        raise InputError("extract.min_sharpness and extract.near_duplicate_bits need extract.quality; set it to true")


def _require_frames(outcomes: list[Outcome], videos: Path) -> None:
    if any(outcome.kept for outcome in outcomes):
        return
    errors = [outcome.error for outcome in outcomes if outcome.error]
    if not errors:
        raise InputError(f"the filters left no frame of any recording in {videos}; lower extract.min_sharpness")
    more = f"; and {len(errors) - _REASONS} more" if len(errors) > _REASONS else ""
    raise InputError(f"no recording in {videos} can be used: {'; '.join(errors[:_REASONS])}{more}")


def _write_index(outcomes: list[Outcome], folder: Path) -> None:
    with (folder / INDEX).open("wb") as index:
        index.write(",".join(COLUMNS).encode() + b"\n")
        for outcome in outcomes:
            if not outcome.error:
                table = table_of(folder, outcome.recording)
                with table.open("rb") as rows:
                    shutil.copyfileobj(rows, index)
                table.unlink()
