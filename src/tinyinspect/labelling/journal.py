"""The journal: every step of labelling, on disk before it shows in a label file, so that no kill loses one.

One JSON object a line, only ever appended. A step names what each row said before and after, so it can be finished when
the program was killed half-way, and undone at any later time.

Example:
    journal = Journal(Path(".labelling/journal.jsonl"))
    for step in journal.unfinished: ...
"""

import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tinyinspect.files import parse_json
from tinyinspect.labelling.annotation_file import Entry


@dataclass(frozen=True)
class Change:
    """What a step does to one row of one file.

    Attributes:
        file: its name in the folder of annotations.
        recording: with ``frame``, what the row is about.
        frame: number in the recording.
        before: what the row says before; None where there is no such row.
        after: what it says afterwards; None where it goes.
    """

    file: str
    recording: str
    frame: int
    before: Entry | None
    after: Entry | None

    def reversed(self) -> "Change":
        """The change that takes this one back."""
        return Change(self.file, self.recording, self.frame, self.after, self.before)


@dataclass(frozen=True)
class Step:
    """One thing that a person did.

    Attributes:
        kind: "label", "skip", "settle", "import" or "undo".
        by: who.
        at: when, UTC.
        frames: the frames that it was done to, (recording, frame).
        changes: to the files.
        how: what they did it with: "key", "suggestion", "grid" or a file's name.
        undone: of an undo, the id of the step that it takes back.
        id: of the step.
    """

    kind: str
    by: str
    at: str
    frames: list[tuple[str, int]]
    changes: list[Change] = field(default_factory=list)
    how: str = ""
    undone: str = ""
    id: str = field(default_factory=lambda: secrets.token_hex(6))


class Journal:
    """The steps in a file.

    Attributes:
        steps: all that were read when it was opened.
        unfinished: those of them whose changes may not have reached the label files.
    """

    def __init__(self, path: Path):
        """Open a journal, which need not be there yet."""
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        records = [record for line in _lines(path) if (record := _parsed(line))]
        self.steps = [_step(record) for record in records if "kind" in record]
        finished = {record["finished"] for record in records if "finished" in record}
        self.unfinished = [step for step in self.steps if step.changes and step.id not in finished]

    def begin(self, step: Step) -> None:
        """Write a step down; when this returns, it survives a kill and a power cut."""
        self._append(asdict(step), sync=True)

    def finish(self, step: Step) -> None:
        """Note that the step's changes are in the label files."""
        self._append({"finished": step.id}, sync=False)

    def _append(self, record: dict[str, Any], *, sync: bool) -> None:
        line = json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"
        with self._path.open("ab+") as file:
            file.seek(max(file.seek(0, os.SEEK_END) - 1, 0))
            torn = file.read(1) not in (b"", b"\n")  # a kill cut the last line: it counts as not written
            file.write(b"\n" * torn + line.encode())
            if sync:
                file.flush()
                os.fsync(file.fileno())


def _lines(path: Path) -> Iterable[bytes]:
    return path.read_bytes().splitlines() if path.exists() else []


def _parsed(line: bytes) -> dict[str, Any]:
    """The record of a line, empty where a kill cut the line short."""
    try:
        record = parse_json(line)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def _step(record: dict[str, Any]) -> Step:
    changes = [
        Change(**one | {name: Entry(**one[name]) if one[name] else None for name in ("before", "after")})
        for one in record["changes"]
    ]
    frames = [(recording, frame) for recording, frame in record["frames"]]
    return Step(**record | {"changes": changes, "frames": frames})
