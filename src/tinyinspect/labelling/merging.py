"""Other tables of labels taken over into the folder of annotations, row by row; no label there is lost or changed."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from tinyinspect.errors import InputError, refuse
from tinyinspect.files import complete_file
from tinyinspect.labelling.annotation_file import REQUIRED, AnnotationFile, Entry
from tinyinspect.selection.annotations import annotation_files
from tinyinspect.selection.spelling import RecordingNames, folded
from tinyinspect.selection.tables import frame_number, is_table, read_table

Place = tuple[str, int]  # recording, frame


@dataclass(frozen=True)
class Statement:
    """What a row says: its label, split, by whom and when, and where it stands."""

    place: Place
    label: str
    split: str
    by: str
    at: str
    where: str


def statements(path: Path, names: RecordingNames) -> list[Statement]:
    """All labelled rows of a table.

    Args:
        path: of the file.
        names: of the recordings; a row is about the one that its name means.

    Raises:
        InputError: The file or some of its rows cannot be read.
    """
    table = read_table(path, list(REQUIRED))
    refuse(table.faults, str(path))
    found = []
    for record in table.records:
        video, label, split, by, at = (
            table.value(record, name).strip() for name in ("video", "label", "split", "by", "at")
        )
        if label:
            place = names.find(video) or video, frame_number(table.value(record, "frame"))
            found.append(Statement(place, label, split, by, at, table.where(record)))
    return found


def merge_tables(given: list[Path], folder: Path, names: RecordingNames) -> int:
    """Take the labels of other tables over into ``folder``.

    A table of a new name is copied byte for byte; of one whose name is there, the rows of new frames are added to it.

    Args:
        given: the other tables.
        folder: of the annotations.
        names: of the recordings.

    Returns:
        How many frames got a label.

    Raises:
        InputError: A table cannot be read, or a frame has another label in another table; nothing is changed then.
    """
    for path in given:
        if not path.is_file() or not is_table(path):
            raise InputError(f"{path} is no table of labels; give a CSV file with the columns {', '.join(REQUIRED)}")
    said = {one.place: one for path in annotation_files(folder) for one in statements(path, names)}
    read = {path: statements(path, names) for path in given}
    new, conflicts = _compared(said, [one for rows in read.values() for one in rows])
    refuse(conflicts, "these labels contradict others")
    folder.mkdir(parents=True, exist_ok=True)
    for path, rows in read.items():
        wanted = [one for one in rows if new.get(one.place) is one]
        if wanted:
            _take(path, wanted, folder)
    return len(new)


def _compared(said: dict[Place, Statement], given: list[Statement]) -> tuple[dict[Place, Statement], list[str]]:
    """The statements on frames without a label so far, and what contradicts another one."""
    new: dict[Place, Statement] = {}
    conflicts = []
    for one in given:
        other = said.get(one.place) or new.setdefault(one.place, one)
        if folded(other.label) != folded(one.label):
            recording, frame = one.place
            conflicts.append(
                f"{one.where}: frame {frame} of '{recording}' has the label '{one.label}', but '{other.label}' in "
                f"{other.where}; correct the row that is wrong where it stands"
            )
    return new, conflicts


def _take(path: Path, rows: list[Statement], folder: Path) -> None:
    target = folder / path.name
    if not target.exists():
        with complete_file(target) as partial:
            shutil.copyfile(path, partial)
        return
    file = AnnotationFile.read(target)
    for one in rows:
        file.add(*one.place, Entry(one.label, one.by, one.at), split=one.split)
    file.write()
