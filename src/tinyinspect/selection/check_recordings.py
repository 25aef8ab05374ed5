"""What is wrong with the recordings, from their names and headers alone, before any is decoded."""

import csv
import hashlib
import shutil
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from tinyinspect.config.extract import BadRecording, Extract
from tinyinspect.errors import InputError
from tinyinspect.files import complete_file
from tinyinspect.recordings.find import ignored_sentence, survey
from tinyinspect.recordings.probe import probe
from tinyinspect.recordings.stream import Stream

_TABLES = (".csv", ".tsv", ".xlsx", ".xls", ".ods")
_GROWTH = 10  # times that coded video grows as JPEG files, at least


@dataclass
class Findings:
    """What is wrong, and what a person should know: sentences."""

    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Recording:
    """A recording and how it is coded; ``size`` in bytes."""

    name: str
    size: int
    stream: Stream


def check_recordings(videos: Path, settings: Extract, findings: Findings) -> tuple[list[str], list[Recording]]:
    """Look at the headers of all recordings.

    Returns:
        The names of all recordings, and those that can be read.
    """
    try:
        found = survey(videos)
    except InputError as error:
        findings.faults.append(str(error))
        return [], []
    tables = [name for name in found.ignored if Path(name).suffix.lower() in _TABLES]
    findings.faults += [f"{videos / name} looks like a table of labels; move it to annotations/" for name in tables]
    if others := [name for name in found.ignored if name not in tables]:
        findings.notes.append(ignored_sentence(videos, others))
    readable = []
    for name in found.recordings:
        try:
            readable.append(Recording(name, _size(videos / name), probe(videos / name)))
        except InputError as error:
            skipped = settings.bad_recording is BadRecording.SKIP
            (findings.notes if skipped else findings.faults).append(f"{'skipped: ' * skipped}{error}")
    findings.notes += _same(videos, readable)
    if not readable:
        findings.faults.append(f"{videos} holds no recording that can be read; put one there")
    return found.recordings, readable


def check_disk(recordings: list[Recording], target: Path, findings: Findings) -> None:
    """Whether the frames will find room; Motion-JPEG takes what it takes, other video at least several times that."""
    needed = sum(one.size * (1 if one.stream.copies else _GROWTH) for one in recordings)
    free = shutil.disk_usage(target).free
    if needed > free:
        findings.faults.append(
            f"the frames need about {needed / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free; make room, or take fewer "
            "frames with extract.fps"
        )


def write_recordings(path: Path, recordings: list[Recording]) -> None:
    """Write what was found, one row a recording."""
    with complete_file(path) as partial, partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["recording", "kind", "codec", "width", "height", "bytes"])
        for one in recordings:
            writer.writerow(
                [one.name, one.stream.kind, one.stream.codec, one.stream.width, one.stream.height, one.size]
            )


def _same(videos: Path, recordings: list[Recording]) -> list[str]:
    """A sentence on each recording that is there under several names; only files of one size are read."""
    by_size: dict[int, list[Path]] = defaultdict(list)
    for one in recordings:
        if (videos / one.name).is_file():
            by_size[one.size].append(videos / one.name)
    by_content: dict[str, list[str]] = defaultdict(list)
    for path in (path for paths in by_size.values() if len(paths) > 1 for path in paths):
        with path.open("rb") as file:
            by_content[hashlib.file_digest(file, "sha256").hexdigest()].append(str(path))
    return [
        f"{' and '.join(names)} are the same recording, so its frames may be trained on and tested on; keep one of them"
        for names in by_content.values()
        if len(names) > 1
    ]


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(one.stat().st_size for one in path.iterdir() if one.is_file())
    return path.stat().st_size
