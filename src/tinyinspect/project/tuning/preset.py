"""The preset that a search writes into ``conf/experiment/``; one that a person wrote or changed stays."""

import hashlib
import re
from pathlib import Path

import yaml

from tinyinspect.errors import InputError
from tinyinspect.files import complete_file
from tinyinspect.project.overrides import put, settings

_MARK = "# Written by `tinyinspect tune`, which replaces it only where it is unchanged: "


def preset_path(root: Path, name: str) -> Path:
    """Where the preset goes.

    Raises:
        InputError: The name is none, or a file is there that a person wrote or changed.
    """
    if not re.fullmatch(r"[\w-]+", name):
        raise InputError(f"--name {name!r} names no preset; use letters, digits, - and _")
    path = root / "conf" / "experiment" / f"{name}.yaml"
    if path.exists() and not _is_ours(path):
        raise InputError(f"{path} was written or changed by a person; give another --name, or move it away")
    return path


def write_preset(path: Path, conf: Path, overrides: list[str], notes: list[str]) -> None:
    """Write a preset that makes these settings.

    Args:
        path: of the file, from :func:`preset_path`.
        conf: folder of the groups.
        overrides: as for ``dvc exp run -S``.
        notes: sentences on what it was measured on.
    """
    wanted = settings(overrides, conf)
    lines = ["# @package _global_", *(f"# {note}" for note in notes)]
    choices = [
        f"  - {name}" if group == "experiment" else f"  - override /{group}: {name}"
        for group, name in wanted.choices.items()
    ]
    lines += ["defaults:", *sorted(choices, key=lambda line: "override" in line)] if choices else []
    content: dict[str, object] = {}
    put(content, wanted.values)
    text = "\n".join(lines) + "\n"
    if content:
        text += yaml.safe_dump(content, sort_keys=False, default_flow_style=None, allow_unicode=True)
    with complete_file(path) as target:
        target.write_text(f"{text}{_MARK}{_digest(text)}\n", encoding="utf-8")


def _is_ours(path: Path) -> bool:
    text, mark, digest = path.read_text(encoding="utf-8", errors="replace").rpartition(_MARK)
    return bool(mark) and digest.strip() == _digest(text)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
