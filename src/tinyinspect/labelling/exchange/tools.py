"""The tools that labels go to and come from."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tinyinspect.errors import InputError
from tinyinspect.files import complete_folder
from tinyinspect.labelling.annotation_file import Entry
from tinyinspect.labelling.exchange import coco, label_studio, labels_csv, lightly_studio
from tinyinspect.labelling.exchange.names import Source, Tool
from tinyinspect.labelling.exchange.picture_names import PICTURES, name_of
from tinyinspect.labelling.label_book import LabelBook, Merged
from tinyinspect.labelling.label_files import Place
from tinyinspect.recordings.store import FrameStore
from tinyinspect.selection.annotations import BAD_FRAME

Labels = list[tuple[Place, Entry]]


@dataclass(frozen=True)
class _Writer:
    write: Callable[[Path, Iterable[tuple[Place, Entry]], list[str]], Path]
    file: str


_WRITERS = {
    Tool.LABEL_STUDIO: _Writer(label_studio.write, label_studio.FILE),
    Tool.LIGHTLY_STUDIO: _Writer(lightly_studio.write, lightly_studio.FILE),
    Tool.COCO: _Writer(coco.write, coco.FILE),
}
_READERS: dict[Source, Callable[[Path], Labels]] = {
    Source.CSV: labels_csv.read,
    Source.LABEL_STUDIO: label_studio.read,
    Source.LIGHTLY_STUDIO: lightly_studio.read,
    Source.COCO: coco.read,
}


def export_labels(
    store: FrameStore, book: LabelBook, rows: Iterable[int], tool: Tool, folder: Path, classes: list[str]
) -> tuple[Path, int]:
    """Write pictures and labels for another tool.

    Args:
        store: of the frames.
        book: of their labels.
        rows: of the frames to write, labelled or not.
        tool: that is to read them.
        folder: to make; it must not be there, for a person may have worked in it.
        classes: that frames can have.

    Returns:
        The file of labels, and how many frames there are.

    Raises:
        InputError: The folder is there already.
    """
    if folder.exists():
        raise InputError(f"{folder} is there already; move it away or give another folder with --out")
    labels: Labels = []
    with complete_folder(folder) as partial:
        (partial / PICTURES).mkdir()
        for row in rows:
            place = book.frames.frame(row)
            said = [one.entry for one in book.statements(row) if one.entry.label]
            labels.append((place, max(said, key=lambda entry: entry.at) if said else Entry("")))
            (partial / PICTURES / name_of(place)).write_bytes(store.jpeg(row))
    # Some formats hold the folder's address, which is known only now.
    _WRITERS[tool].write(folder, labels, classes)
    return folder / _WRITERS[tool].file, len(labels)


def import_labels(book: LabelBook, path: Path, source: Source, classes: list[str]) -> Merged:
    """Take over people's labels from a file, by frame and time; see :meth:`LabelBook.merge`.

    Raises:
        InputError: The file is missing, is of another format, or has a label that is no class.
    """
    if not path.is_file():
        raise InputError(f"{path} is missing; give the file with the labels")
    labels = _READERS[source](path)
    for (recording, frame), entry in labels:
        if entry.label not in [*classes, BAD_FRAME]:
            raise InputError(
                f"{path}: '{entry.label}' (frame {frame} of '{recording}') is no class of data.classes; known are "
                f"{', '.join(classes)}"
            )
        if book.frames.row(recording, frame) < 0:
            raise InputError(
                f"{path}: there is no frame {frame} of '{recording}' in frames/; is it of other recordings?"
            )
    return book.merge(labels, how=str(path))
