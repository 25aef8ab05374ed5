"""COCO: one JSON file of images, categories and annotations, for whatever else reads it.

An annotation names the category of the whole picture, and its box is the picture, for readers that want one.
Format: https://cocodataset.org/#format-data.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from PIL import Image

from tinyinspect.errors import InputError
from tinyinspect.files import parse_json
from tinyinspect.labelling.annotation_file import Entry
from tinyinspect.labelling.exchange.picture_names import PICTURES, name_of, place_of
from tinyinspect.labelling.label_files import Place
from tinyinspect.selection.annotations import BAD_FRAME

FILE = "coco.json"


def write(folder: Path, labels: Iterable[tuple[Place, Entry]], classes: list[str]) -> Path:
    """Write the labels into a folder that holds the pictures in ``images/``; the file of labels."""
    numbers = {name: number for number, name in enumerate([*classes, BAD_FRAME], 1)}
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for number, (place, entry) in enumerate(labels, 1):
        with Image.open(folder / PICTURES / name_of(place)) as picture:
            width, height = picture.size
        images.append({"id": number, "file_name": name_of(place), "width": width, "height": height})
        if entry.label in numbers:
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": numbers[entry.label],
                    "bbox": [0, 0, width, height],
                    "area": width * height,
                    "iscrowd": 0,
                    "attributes": {"by": entry.by, "at": entry.at},
                }
            )
    categories = [{"id": number, "name": name, "supercategory": ""} for name, number in numbers.items()]
    content = {"info": {}, "licenses": [], "images": images, "categories": categories, "annotations": annotations}
    (folder / FILE).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return folder / FILE


def read(path: Path) -> list[tuple[Place, Entry]]:
    """Labels of pictures; annotations with a ``score`` are a model's and are passed over.

    Raises:
        InputError: The file is no COCO file.
    """
    try:
        content = parse_json(path.read_bytes())
        names = {one["id"]: one["name"] for one in content["categories"]}
        places = {one["id"]: place_of(one["file_name"]) for one in content["images"]}
        people = [one for one in content["annotations"] if "score" not in one]
        found = [(places[one["image_id"]], _entry(names[one["category_id"]], one)) for one in people]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is no COCO file ({error!r}); it needs images, categories and annotations") from None
    return [(place, entry) for place, entry in found if place]


def _entry(label: str, annotation: dict[str, Any]) -> Entry:
    attributes = annotation.get("attributes") or {}
    return Entry(label, str(attributes.get("by", "")), str(attributes.get("at", "")))
