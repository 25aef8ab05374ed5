"""LightlyStudio: a CSV of classifications, in the columns of its own export, and a script that opens them there.

Format: "Image Classifications (CSV)" of LightlyStudio's export. It imports classifications through Python alone, so the
script does that.
"""

import csv
from collections.abc import Iterable
from pathlib import Path

from tinyinspect.errors import InputError
from tinyinspect.labelling.annotation_file import Entry
from tinyinspect.labelling.exchange.picture_names import PICTURES, name_of, place_of
from tinyinspect.labelling.label_files import Place

FILE = "classifications.csv"
SCRIPT = "open_in_lightly_studio.py"
PEOPLE = "ground_truth"  # the annotation source of people's labels; whatever a model said is in another
_COLUMNS = ["file_path_abs", "class_name", "confidence", "annotation_source"]
_SCRIPT = '''"""Open these frames and labels in LightlyStudio; run it with a Python that has lightly_studio."""

import csv
import os
from pathlib import Path

os.environ["LIGHTLY_STUDIO_ANALYTICS_ENABLED"] = "0"  # before the import: it reports its start otherwise

import lightly_studio as ls
from lightly_studio.core.annotation import CreateClassification

HERE = Path(__file__).resolve().parent
with (HERE / "classifications.csv").open(newline="", encoding="utf-8") as file:
    labels = {Path(row["file_path_abs"]).name: row["class_name"] for row in csv.DictReader(file)}
dataset = ls.ImageDataset.create()
dataset.add_images_from_path(path=str(HERE / "images"), embed=False)  # embedding downloads a model
for sample in dataset:
    if label := labels.get(Path(sample.file_path_abs).name):
        sample.add_annotation(CreateClassification(class_name=label), annotation_source="ground_truth")
ls.start_gui()
'''


def write(folder: Path, labels: Iterable[tuple[Place, Entry]], classes: list[str]) -> Path:
    """Write the labels and the script into a folder that holds the pictures in ``images/``; the file of labels."""
    with (folder / FILE).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for place, entry in labels:
            if entry.label:
                path = folder.resolve() / PICTURES / name_of(place)
                writer.writerow([path, entry.label, "", PEOPLE])
    (folder / SCRIPT).write_text(_SCRIPT, encoding="utf-8")
    return folder / FILE


def read(path: Path) -> list[tuple[Place, Entry]]:
    """People's labels in an export: those of the source "ground_truth" and without a confidence.

    Raises:
        InputError: The file is no such export.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if missing := set(_COLUMNS) - set(reader.fieldnames or []):
                raise KeyError(f"no column {', '.join(sorted(missing))}")
            rows = list(reader)
        people = [row for row in rows if row["annotation_source"] == PEOPLE and not row["confidence"]]
        found = [(place_of(row["file_path_abs"]), Entry(row["class_name"], "LightlyStudio")) for row in people]
    except (ValueError, KeyError, csv.Error) as error:
        raise InputError(
            f"{path} is no export of LightlyStudio ({error!r}); export as Image Classifications (CSV)"
        ) from None
    return [(place, entry) for place, entry in found if place]
