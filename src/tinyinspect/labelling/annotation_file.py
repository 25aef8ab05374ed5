"""One annotation file as it stands: a row is changed, added or removed, and every other byte stays what it was.

So Git shows a label that was changed as one changed line, whoever wrote the file and with whatever program.
"""

import csv
import io
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tinyinspect.errors import refuse
from tinyinspect.files import complete_file
from tinyinspect.selection.spelling import RecordingNames
from tinyinspect.selection.tables import COLUMNS, Record, Table, frame_number, read_table

REQUIRED = ["video", "frame", "label"]


@dataclass(frozen=True)
class Entry:
    """What one row says of its frame.

    Attributes:
        label: "" where there is none yet.
        by: who said so; "" where unknown.
        at: when, UTC, as in 2026-11-25T10:33:40Z; "" where unknown.
    """

    label: str
    by: str = ""
    at: str = ""


@dataclass(eq=False, slots=True)
class Row:
    """A row: its text in the file, and the frame that it is about; frame -1 where it names none."""

    text: str
    fields: list[str]
    recording: str
    frame: int

    @property
    def place(self) -> tuple[str, int]:
        """By which rows are sorted."""
        return self.recording, self.frame


class AnnotationFile:
    """A CSV file in ``annotations/``, read with :meth:`read` or new with :meth:`new`.

    Attributes:
        path: of the file.
        rows: in the order of the file.
    """

    def __init__(self, path: Path, start: str, header: list[str], rows: list[Row], delimiter: str):
        self.path, self.rows = path, rows
        self._start, self._header, self._delimiter = start, header, delimiter
        self._end_of_line = "\r\n" if start.endswith("\r\n") else "\n"

    @classmethod
    def new(cls, path: Path) -> "AnnotationFile":
        """A file without rows, not written yet."""
        return cls(path, ",".join(COLUMNS) + "\n", list(COLUMNS), [], ",")

    @classmethod
    def read(cls, path: Path, names: RecordingNames | None = None) -> "AnnotationFile":
        """Read a file.

        Args:
            path: of the file.
            names: of the recordings that are there; a row is about the one that its name means.

        Raises:
            InputError: It is no UTF-8 text in CSV format, lacks a column, or has records that cannot be read.
        """
        table = read_table(path, REQUIRED)
        refuse(table.faults, str(path))
        rows = [_row(table, record, names) for record in table.records]
        return cls(path, table.start, table.header, rows, table.delimiter)

    def entry(self, row: Row) -> Entry:
        """What a row of this file says."""
        return Entry(*(self._field(row, name) for name in ("label", "by", "at")))

    def has(self, column: str) -> bool:
        """Whether the file has a column."""
        return column in self._header

    def scores(self, row: Row) -> dict[str, float]:
        """The columns ``score_<name>`` that the camera's program for collecting frames wrote, by name."""
        named = {name: self._field(row, name) for name in self._header if name.startswith("score_")}
        return {name.removeprefix("score_"): float(value) for name, value in named.items() if _is_number(value)}

    def put(self, row: Row, entry: Entry) -> None:
        """Write an entry into a row: the columns that the file has, and none that would stay the same."""
        fields = row.fields + [""] * (len(self._header) - len(row.fields))
        for name, value in {"label": entry.label, "by": entry.by, "at": entry.at}.items():
            if name in self._header:
                fields[self._header.index(name)] = value
        row.fields, row.text = fields, self._line(fields)

    def add(self, recording: str, frame: int, entry: Entry, *, split: str = "") -> Row:
        """Add a row where it belongs by recording and frame, so that the same labels make the same file."""
        self._widen()
        values = {"video": recording, "frame": str(frame), "split": split}
        values |= {"label": entry.label, "by": entry.by, "at": entry.at}
        fields = [values.get(name, "") for name in self._header]
        row = Row(self._line(fields), fields, recording, frame)
        self._end_last_line()
        self.rows.insert(bisect_left(self.rows, row.place, key=lambda other: other.place), row)
        return row

    def remove(self, row: Row) -> None:
        """Take a row out."""
        self.rows.remove(row)

    def write(self) -> None:
        """Replace the file by its rows as they are now; without rows there is no file, as the pipeline wants none."""
        target = self.path.resolve()
        if not self.rows:
            target.unlink(missing_ok=True)
            return
        with complete_file(target) as partial, partial.open("w", newline="", encoding="utf-8") as file:
            file.write(self._start)
            file.writelines(row.text for row in self.rows)

    def _field(self, row: Row, name: str) -> str:
        place = self._header.index(name) if name in self._header else len(row.fields)
        return row.fields[place].strip() if place < len(row.fields) else ""

    def _widen(self) -> None:
        """Name the columns that a new row needs; rows that are shorter than the header are as good as before."""
        missing = [name for name in COLUMNS if name not in self._header]
        if missing:
            content = self._start.rstrip("\r\n")
            self._start = self._delimiter.join([content, *missing]) + self._end_of_line
            self._header = self._header + missing

    def _end_last_line(self) -> None:
        if self.rows and not self.rows[-1].text.endswith(("\n", "\r")):
            self.rows[-1].text += self._end_of_line
        elif not self._start.endswith(("\n", "\r")):
            self._start += self._end_of_line

    def _line(self, fields: list[str]) -> str:
        buffer = io.StringIO()
        csv.writer(buffer, delimiter=self._delimiter, lineterminator=self._end_of_line).writerow(fields)
        return buffer.getvalue()


def _row(table: Table, record: Record, names: RecordingNames | None) -> Row:
    video = str(PurePosixPath(table.value(record, "video").strip()))
    recording = (names.find(table.value(record, "video")) if names else None) or video
    return Row(record.text, record.fields, recording, frame_number(table.value(record, "frame")))


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
