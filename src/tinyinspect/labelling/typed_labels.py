"""Labels that somebody typed into the list of what is still to annotate, which the next run makes anew."""

from pathlib import Path

from tinyinspect.errors import InputError
from tinyinspect.labelling.annotation_file import AnnotationFile, Entry

TARGET = "labels.csv"


def keep_typed_labels(listed: Path, annotations: Path) -> int:
    """Move labels from the list into ``annotations/labels.csv``, where the pipeline and Git keep them.

    Args:
        listed: the list, columns video, frame, label; it may be absent.
        annotations: the folder of the annotation files.

    Returns:
        How many labels were moved; those that stand there already are not counted.

    Raises:
        InputError: The list is no CSV, names a frame that is no number, or gives it another label than the annotations.
    """
    if not listed.is_file():
        return 0
    source = AnnotationFile.read(listed)
    typed = [(row, label) for row in source.rows if (label := source.entry(row).label)]
    if not typed:
        return 0
    path = annotations / TARGET
    target = AnnotationFile.read(path) if path.is_file() else AnnotationFile.new(path)
    known, moved = {row.place: row for row in target.rows}, 0
    for row, label in typed:
        if row.frame < 0:
            raise InputError(f"{listed}: the frame of the row '{row.text.strip()}' is no number; correct it")
        if row.place not in known:
            target.add(row.recording, row.frame, Entry(label))
            moved += 1
            continue
        before = target.entry(known[row.place]).label
        if before not in ("", label):
            raise InputError(
                f"{listed}: frame {row.frame} of '{row.recording}' is '{label}' here and '{before}' in {path}; "
                "correct one of them"
            )
        if not before:
            target.put(known[row.place], Entry(label))
            moved += 1
    annotations.mkdir(exist_ok=True)
    target.write()
    return moved
