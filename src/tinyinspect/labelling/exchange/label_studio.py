"""Label Studio: tasks in JSON. People's labels are annotations, the model's are predictions, and stay apart.

Format: https://labelstud.io/guide/task_format. Written for "local files": the pictures are read from this disk.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tinyinspect.errors import InputError
from tinyinspect.files import parse_json
from tinyinspect.labelling.annotation_file import Entry
from tinyinspect.labelling.exchange.picture_names import PICTURES, name_of, place_of
from tinyinspect.labelling.label_files import Place
from tinyinspect.selection.annotations import BAD_FRAME

FILE = "tasks.json"
CONFIG = "labelling.xml"
_FROM, _TO = "label", "frame"


def write(folder: Path, labels: Iterable[tuple[Place, Entry]], classes: list[str]) -> Path:
    """Write tasks and the labelling interface into a folder; the file of tasks.

    Args:
        folder: that holds the pictures in ``images/``.
        labels: of the exported frames; an entry without a label is a task still to do.
        classes: that can be chosen.
    """
    tasks = [_task(folder.name, place, entry) for place, entry in labels]
    (folder / FILE).write_text(json.dumps(tasks, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    choices = "\n".join(f'    <Choice value="{name}" hotkey="{n}"/>' for n, name in enumerate(classes, 1))
    (folder / CONFIG).write_text(
        f'<View>\n  <Image name="{_TO}" value="$image"/>\n'
        f'  <Choices name="{_FROM}" toName="{_TO}" choice="single" showInline="true">\n{choices}\n'
        f'    <Choice value="{BAD_FRAME}" hotkey="b"/>\n  </Choices>\n</View>\n',
        encoding="utf-8",
    )
    return folder / FILE


def read(path: Path) -> list[tuple[Place, Entry]]:
    """People's labels in an export ("JSON" or "JSON-MIN"); predictions, skipped tasks and drafts are passed over.

    Raises:
        InputError: The file is no such export.
    """
    try:
        tasks = parse_json(path.read_bytes())
        if not isinstance(tasks, list):
            raise TypeError("it is no list of tasks")
        return [one for task in tasks for one in (_of_task(task) if "data" in task else _of_short(task))]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is no export of Label Studio ({error!r}); export as JSON or JSON-MIN") from None


def _task(folder: str, place: Place, entry: Entry) -> dict[str, Any]:
    address = f"/data/local-files/?d={quote(f'{folder}/{PICTURES}/{name_of(place)}')}"
    task: dict[str, Any] = {"data": {"image": address, "recording": place[0], "frame": place[1]}}
    if entry.label:
        result = {"from_name": _FROM, "to_name": _TO, "type": "choices", "value": {"choices": [entry.label]}}
        # The tool makes its own users and times of what it imports; ours travel in the task's data.
        task["data"] |= {"by": entry.by, "at": entry.at}
        task["annotations"] = [{"result": [result], "was_cancelled": False}]
    return task


def _of_task(task: dict[str, Any]) -> list[tuple[Place, Entry]]:
    place = place_of(task["data"]["image"])
    done = [one for one in task.get("annotations", []) if not one.get("was_cancelled")]
    entries = []
    for annotation in done:
        chosen = [one for one in annotation["result"] if one.get("type") == "choices"]
        if place and chosen:
            label = chosen[0]["value"]["choices"][0]
            entries.append((place, Entry(label, _who(annotation.get("completed_by")), _when(annotation))))
    return entries


def _of_short(task: dict[str, Any]) -> list[tuple[Place, Entry]]:
    place, label = place_of(task["image"]), task.get(_FROM, "")
    entry = Entry(label, _who(task.get("annotator")), _when(task))
    return [(place, entry)] if place and label else []


def _who(person: Any) -> str:
    """A person's address, or number where the export gives no more."""
    if isinstance(person, dict):
        return str(person.get("email") or person.get("id") or "")
    return "" if person is None else f"Label Studio user {person}"


def _when(record: dict[str, Any]) -> str:
    at = str(record.get("updated_at") or record.get("created_at") or "")
    return f"{at[:19]}Z" if at else ""
