"""All annotation files of a folder, by the frame that they speak of, and changes to them.

Files that change on disk meanwhile, by hand, by Git or by somebody else's page, are read again by :meth:`refresh`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tinyinspect.labelling.annotation_file import AnnotationFile, Entry, Row
from tinyinspect.labelling.journal import Change
from tinyinspect.selection.annotations import annotation_files
from tinyinspect.selection.spelling import RecordingNames

Place = tuple[str, int]  # recording, frame


@dataclass(frozen=True)
class Statement:
    """What one row of one file says of a frame.

    Attributes:
        file: its name in the folder of annotations.
        entry: label, by whom and when.
        scores: of the camera that collected the frame, by class; empty where it was not collected.
    """

    file: str
    entry: Entry
    scores: dict[str, float]


class LabelFiles:
    """The files of labels of a folder."""

    def __init__(self, folder: Path, names: RecordingNames):
        """Take a folder, which is made where it is missing, and the recordings; :meth:`refresh` reads it."""
        self._folder, self._names = folder, names
        self._files: dict[str, AnnotationFile] = {}
        self._seen: dict[str, tuple[int, int, int]] = {}
        self._rows: dict[Place, list[tuple[AnnotationFile, Row]]] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def statements(self, place: Place) -> list[Statement]:
        """What the rows about a frame say, file by file."""
        return [Statement(file.path.name, file.entry(row), file.scores(row)) for file, row in self._rows.get(place, [])]

    def refresh(self) -> set[Place]:
        """Read the files that changed on disk; the frames that they speak of or spoke of.

        Raises:
            InputError: A file cannot be read.
        """
        paths = {path.name: path for path in annotation_files(self._folder)}
        # All are read before any is taken over: a file that cannot be read changes nothing.
        new = {
            name: (_signature(path), path) for name, path in paths.items() if self._seen.get(name) != _signature(path)
        }
        read = {name: (seen, AnnotationFile.read(path, self._names)) for name, (seen, path) in new.items()}
        touched: set[Place] = set()
        for name in [name for name in self._files if name not in paths]:
            touched |= self._forget(name)
        for name, (seen, file) in read.items():
            touched |= self._forget(name) | self._take(file)
            self._seen[name], self._files[name] = seen, file
        return touched

    def holds(self, change: Change) -> bool:
        """Whether the files say what a change expects before it."""
        return change.before is None or self._find(change, change.before) is not None

    def apply(self, changes: Iterable[Change]) -> set[Place]:
        """Make the files say what the changes want; the frames that they are about.

        A change that is made already, or whose row says something else by now, is passed over.
        """
        files: dict[str, AnnotationFile] = {}
        places: set[Place] = set()
        for change in changes:
            if change.after is not None and self._find(change, change.after):
                continue
            file = self._files.get(change.file) or AnnotationFile.new(self._folder / change.file)
            self._files[change.file] = files[change.file] = file
            self._change(file, change)
            places.add((change.recording, change.frame))
        for name, file in files.items():
            self._write(name, file)
        return places

    def fitting(self, name: str, entry: Entry) -> Entry:
        """What a file can say of an entry: no name or time where it has no column for them."""
        file = self._files[name]
        return Entry(entry.label, entry.by if file.has("by") else "", entry.at if file.has("at") else "")

    def _change(self, file: AnnotationFile, change: Change) -> None:
        rows = self._rows.setdefault((change.recording, change.frame), [])
        row = self._find(change, change.before) if change.before else None
        if change.before is None and change.after is not None:
            rows.append((file, file.add(change.recording, change.frame, change.after)))
        elif row and change.after is not None:
            file.put(row, change.after)
        elif row:
            file.remove(row)
            rows.remove((file, row))

    def _write(self, name: str, file: AnnotationFile) -> None:
        file.write()
        if file.rows:
            self._seen[name] = _signature(file.path)
        else:
            del self._files[name]
            self._seen.pop(name, None)

    def _find(self, change: Change, entry: Entry) -> Row | None:
        rows = self._rows.get((change.recording, change.frame), [])
        return next((row for file, row in rows if file.path.name == change.file and file.entry(row) == entry), None)

    def _forget(self, name: str) -> set[Place]:
        file = self._files.pop(name, None)
        self._seen.pop(name, None)
        if file is None:
            return set()
        places = {row.place for row in file.rows}
        for place in places:
            self._rows[place] = [(other, row) for other, row in self._rows.get(place, []) if other is not file]
        return places

    def _take(self, file: AnnotationFile) -> set[Place]:
        for row in file.rows:
            if row.frame >= 0:
                self._rows.setdefault(row.place, []).append((file, row))
        return {row.place for row in file.rows}


def _signature(path: Path) -> tuple[int, int, int]:
    state = path.stat()
    return state.st_mtime_ns, state.st_size, state.st_ino
