"""A recording that is extracted in parts, here or elsewhere: first each part, then all in order.

Parts pass all filters but the one that looks back, which needs the frames before; joining them applies that one. What
comes out are the bytes that the whole recording gives. Where a part is not as foreseen, all of it is extracted at once.

Example:
    parts = parts_of(videos / probed.recording, probed.stream, 600)
    found = [extract_part(videos, folder, settings, pool, probed, part) for part in parts]
    outcome = join_parts(videos, folder, settings, pool, probed, list(zip(parts, found)))
"""

import shutil
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import replace
from itertools import chain
from pathlib import Path

from tinyinspect.config.extract import Extract
from tinyinspect.errors import InputError
from tinyinspect.recordings.decode import FrameReader
from tinyinspect.recordings.extract import Outcome, examined, extract_recording, warnings_of, write_frames
from tinyinspect.recordings.shards import ShardWriter, read_back, shard_stem
from tinyinspect.recordings.stream import Part

_PARTS = ".parts"


def extract_part(
    videos: Path, folder: Path, settings: Extract, measuring: Executor, probed: Outcome, part: Part
) -> Outcome | None:
    """Write the frames of a part beside those of the recordings.

    Args:
        videos: folder of the recordings.
        folder: of the frames.
        settings: the section of the parameters.
        measuring: runs what is measured of frames.
        probed: outcome of probing the recording.
        part: of it.

    Returns:
        The outcome of the part, None where it was not as foreseen.
    """
    path, stream, target = videos / probed.recording, probed.stream, _folder_of(folder, probed, part)
    assert stream is not None
    looking_at_each = settings.model_copy(update={"near_duplicate_bits": None})
    shutil.rmtree(target, ignore_errors=True)  # of a worker that died
    target.mkdir(parents=True)
    outcome = Outcome(probed.recording)
    try:
        with FrameReader(path, stream, settings, part) as reader, ShardWriter(target, probed.recording) as writer:
            write_frames(examined(reader, measuring, settings), writer, looking_at_each, lambda: None, outcome)
    except InputError:  # told by the recording as a whole
        return None
    return outcome if reader.as_foreseen else None


def join_parts(
    videos: Path,
    folder: Path,
    settings: Extract,
    measuring: Executor,
    probed: Outcome,
    parts: Sequence[tuple[Part, Outcome | None]],
) -> Outcome:
    """Write the frames of a recording from its parts, with their outcomes, and take the parts away.

    Other arguments, and errors, are those of :func:`~tinyinspect.recordings.extract.extract_recording`.
    """
    outcomes = [outcome for _, outcome in parts if outcome is not None]
    readable = any(outcome.read > outcome.damaged for outcome in outcomes)
    if len(outcomes) < len(parts) or not readable:
        joined = extract_recording(videos, folder, settings, measuring, lambda: None, probed)
    else:
        joined = _joined(videos, folder, settings, probed, [part for part, _ in parts], outcomes)
    shutil.rmtree(folder / _PARTS / shard_stem(probed.recording))
    return joined


def remove_parts(folder: Path) -> None:
    """Take away the folder that held the parts of all recordings."""
    shutil.rmtree(folder / _PARTS, ignore_errors=True)


def _joined(
    videos: Path, folder: Path, settings: Extract, probed: Outcome, parts: list[Part], outcomes: list[Outcome]
) -> Outcome:
    assert probed.stream is not None
    joined = replace(
        probed,
        damaged=sum(outcome.damaged for outcome in outcomes),
        blurred=sum(outcome.blurred for outcome in outcomes),
    )
    frames = chain.from_iterable(read_back(_folder_of(folder, probed, part), probed.recording) for part in parts)
    looking_back = settings.model_copy(update={"min_sharpness": 0})
    with ShardWriter(folder, probed.recording) as writer:
        write_frames(frames, writer, looking_back, lambda: None, joined)
    joined.warnings = list(warnings_of(videos / probed.recording, joined, probed.stream))
    return joined


def _folder_of(folder: Path, probed: Outcome, part: Part) -> Path:
    return folder / _PARTS / shard_stem(probed.recording) / str(part.first)
