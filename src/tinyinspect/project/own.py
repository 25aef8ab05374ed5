"""``conf/line/own.yaml``: what a line of one's own sets. Composition reads it last, but for the command line.

Whatever a person writes there stays, with its comments; commands add to it.
"""

import io
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from tinyinspect.config.loading import not_yaml
from tinyinspect.errors import InputError
from tinyinspect.files import complete_file
from tinyinspect.project.overrides import Settings, put
from tinyinspect.project.root import OWN_LINE

_NEW = """\
# @package _global_
# What this line sets. Composition reads it last, but for the command line: it stays, whatever -S experiment=... says.
# `tinyinspect compose` takes a change made here into params.yaml; `dvc exp run` does so by itself.
defaults:
  - _self_
"""


def write_own(root: Path, settings: Settings) -> None:
    """Add settings to a line's own; where one stands already, it is changed there.

    Raises:
        InputError: The file is no YAML mapping.
    """
    path, yaml = root / OWN_LINE, _yaml()
    content = read_own(root) or yaml.load(_NEW)
    defaults = content.setdefault("defaults", ["_self_"])
    for group, name in settings.choices.items():
        _choose(defaults, f"override /{group}", name)
    put(content, {name: _quoted(value) for name, value in settings.values.items()})
    text = io.StringIO()
    yaml.dump(content, text)
    path.parent.mkdir(parents=True, exist_ok=True)
    with complete_file(path) as target:
        target.write_text(text.getvalue(), encoding="utf-8")


def read_own(root: Path) -> CommentedMap | None:
    """A line's own settings, with their comments; None where the project has none.

    Raises:
        InputError: The file is no YAML mapping.
    """
    path = root / OWN_LINE
    if not path.is_file():
        return None
    try:
        content = _yaml().load(path.read_text(encoding="utf-8"))
    except (YAMLError, UnicodeDecodeError) as error:
        raise not_yaml(path, error) from None
    if not isinstance(content, CommentedMap):
        raise InputError(f"{path} holds no settings; write them as in conf/, or remove the file")
    return content


def has_classes(root: Path) -> bool:
    """Whether the line says which classes there are."""
    content: dict[str, Any] = read_own(root) or {}
    return bool((content.get("data") or {}).get("classes"))


def _choose(defaults: list[Any], key: str, name: str) -> None:
    for entry in defaults:
        if isinstance(entry, dict) and key in entry:
            entry[key] = name
            return
    defaults.insert(0, CommentedMap({key: name}))


def _quoted(value: Any) -> Any:
    """The same with every text in quotation marks: whoever reads it next may take a bare "no" for a truth value."""
    if isinstance(value, str):
        return DoubleQuotedScalarString(value)
    if isinstance(value, list):
        return [_quoted(one) for one in value]
    if isinstance(value, dict):
        return {name: _quoted(one) for name, one in value.items()}
    return value


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml
