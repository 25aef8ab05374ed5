"""Tables as people save them: CSV with commas, semicolons or tabs, each record with the text that it was read from.

A byte order mark, Windows line ends, columns without a name and empty columns at the end are read. A quotation mark
that would swallow the rows after it is a fault of its own line, and the rows after it are read.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tinyinspect.errors import InputError

COLUMNS = ("video", "frame", "label", "split", "by", "at")  # that mean something; upper and lower case are one
SUFFIXES = (".csv", ".tsv")
_DELIMITERS = ",;\t"
_MOST_FAULTS = 20  # of a file; more of them have one cause
_NUMBER = re.compile(r"([0-9]{1,18})(\.0+)?")  # 19 digits may overflow int64; a spreadsheet or pandas writes 7.0
_LINE_END = re.compile(r"\r\n|\r|\n")
_SPREADSHEETS = {b"PK\x03\x04": "XLSX or ODS", b"\xd0\xcf\x11\xe0": "XLS"}
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_AS_CSV = "save it as CSV, UTF-8 (in Excel and LibreOffice: File, Save As)"


@dataclass(frozen=True, slots=True)
class Record:
    """One record: the line that it begins in, counted from 1, its text in the file, and its fields as they stand."""

    line: int
    text: str
    fields: list[str]

    @property
    def empty(self) -> bool:
        """Whether it says nothing."""
        return not any(field.strip() for field in self.fields)


@dataclass(frozen=True)
class Table:
    """What a file holds.

    Attributes:
        path: of the file.
        start: its text up to the end of the header.
        header: names of the columns, stripped; "" for one without a name.
        delimiter: between fields.
        records: in order, empty ones too.
        faults: sentences on records that cannot be read, each with file and line.
    """

    path: Path
    start: str
    header: list[str]
    delimiter: str
    records: list[Record]
    faults: list[str]

    def value(self, record: Record, column: str) -> str:
        """What a record says in a column, as it stands; "" where there is none."""
        place = self.header.index(column) if column in self.header else len(record.fields)
        return record.fields[place] if place < len(record.fields) else ""

    def where(self, record: Record) -> str:
        """The place of a record, for a sentence."""
        return f"{self.path} line {record.line}"


def is_table(path: Path) -> bool:
    """Whether a file is a table, by its name."""
    return path.suffix.lower() in SUFFIXES


def read_table(path: Path, required: list[str]) -> Table:
    """Read a file.

    Args:
        path: of the file.
        required: columns that it must have.

    Raises:
        InputError: It cannot be opened, is a spreadsheet, is no UTF-8 text, or lacks a column.
    """
    lines = list(io.StringIO(_text(path), newline=""))
    first = next((number for number, line in enumerate(lines) if line.strip("\ufeff \t\r\n,;")), 0)
    top = lines[first].removeprefix("\ufeff") if lines else ""
    delimiter = max(_DELIMITERS, key=lambda one: _fit(top, one, required))
    header = [_column(name) for name in _split(top, delimiter)]
    for name in required:
        if header.count(name) != 1:
            raise InputError(f"{path} line {first + 1}: {_header_fault(name, header)}")
    records, faults = _records(path, lines, first + 1, delimiter, header)
    return Table(path, "".join(lines[: first + 1]), header, delimiter, records, faults)


def frame_number(text: str) -> int:
    """The number of a frame as people write it, -1 where it is none."""
    found = _NUMBER.fullmatch(text.strip())
    return int(found[1]) if found else -1


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except IsADirectoryError:
        raise InputError(f"{path} is a folder, not a table; rename it or take it out of the folder") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); check its permissions") from None
    for magic, kind in _SPREADSHEETS.items():
        if content.startswith(magic):
            raise InputError(f"{path} is a spreadsheet ({kind}), whatever its name says; {_AS_CSV}")
    if content.startswith(_UTF_16):
        raise InputError(f"{path} is UTF-16 text; {_AS_CSV}")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path} is no UTF-8 text in CSV format (line {line}: {error.reason}); {_AS_CSV}") from None


def _fit(line: str, delimiter: str, required: list[str]) -> tuple[int, int]:
    names = [_column(name) for name in _split(line, delimiter)]
    return sum(name in names for name in required), len(names)


def _split(line: str, delimiter: str) -> list[str]:
    """The fields of one line by itself, however its quotation marks stand."""
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _column(name: str) -> str:
    name = name.strip()
    return name.casefold() if name.casefold() in COLUMNS else name


def _header_fault(name: str, header: list[str]) -> str:
    if name in header:
        return f"the column '{name}' stands in it {header.count(name)} times; keep one"
    found = ", ".join(filter(None, header)) or "nothing"
    return f"no column '{name}' (found: {found}); add it"


def _records(
    path: Path, lines: list[str], begin: int, delimiter: str, header: list[str]
) -> tuple[list[Record], list[str]]:
    records: list[Record] = []
    faults: list[str] = []
    while begin < len(lines) and len(faults) < _MOST_FAULTS:
        fault = ""
        for end, fields in _parsed(lines, begin, delimiter):
            record = Record(begin + 1, "".join(lines[begin:end]), fields)
            fault = _fault(record, delimiter, header)
            if fault:
                break
            records.append(record)
            begin = end
        if begin < len(lines):  # a record that is no record ends with its first line: those after it may be good
            fault = fault or "a quotation mark is opened and not closed in its field; remove it or close it"
            faults.append(f"{path} line {begin + 1}: {fault}")
            begin += 1
    return records, faults


def _parsed(lines: list[str], begin: int, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each record from a line on, with the line behind it; ends early where one is none."""
    reader = csv.reader((lines[place] for place in range(begin, len(lines))), delimiter=delimiter, strict=True)
    try:
        for fields in reader:
            yield begin + reader.line_num, fields
    except csv.Error:
        return


def _fault(record: Record, delimiter: str, header: list[str]) -> str:
    frame = header.index("frame") if "frame" in header else -1
    for line in (line for field in record.fields for line in _LINE_END.split(field)[1:]):
        fields = _split(line, delimiter)
        if 0 <= frame < len(fields) and frame_number(fields[frame]) >= 0:
            return "a quotation mark is opened that swallows the rows after it; remove it or close it"
    if any(field.strip() for field in record.fields[len(header) :]):
        return "more fields than the header has; put quotes around a name that holds the delimiter"
    return ""
