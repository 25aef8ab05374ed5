"""Somebody else's ``labels.csv``."""

from pathlib import Path

from tinyinspect.labelling.annotation_file import AnnotationFile, Entry
from tinyinspect.labelling.label_files import Place


def read(path: Path) -> list[tuple[Place, Entry]]:
    """The labels in an annotation file.

    Raises:
        InputError: The file cannot be read.
    """
    file = AnnotationFile.read(path)
    return [(row.place, entry) for row in file.rows if (entry := file.entry(row)).label and row.frame >= 0]
