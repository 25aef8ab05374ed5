"""What a person sets, as ``train.epochs=300`` or ``board=nicla_vision``: read whole, whatever characters it holds.

Values are YAML. Names of classes are text, also where YAML would read a number or a truth value.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from tinyinspect.errors import InputError
from tinyinspect.selection.spelling import nearest

_OF_CLASSES = {"data.classes", "task.normal_classes", "gate.normal_classes"}
_KEY = re.compile(r"\+{0,2}([A-Za-z_][\w.@/-]*)")
# A word ends at a blank that stands in no quotation marks and in no brackets.
_BRACKETS = {"[": 1, "{": 1, "(": 1, "]": -1, "}": -1, ")": -1}


@dataclass
class Settings:
    """What is set.

    Attributes:
        choices: of groups in ``conf/``, by group: ``{"board": "nicla_vision"}``.
        values: of parameters, by their dotted name: ``{"train.epochs": 300}``.
    """

    choices: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)


def words(text: str) -> list[str]:
    """Cut a text at its blanks, but not within quotation marks or brackets.

    Raises:
        InputError: A quotation mark or a bracket is not closed.
    """
    found, word, quote, depth = [], "", "", 0
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        else:
            depth += _BRACKETS.get(character, 0)
        if character.isspace() and not quote and depth <= 0:
            found.append(word)
            word = ""
        else:
            word += character
    if quote or depth:
        what = "quotation mark" if quote else "bracket"
        raise InputError(f"the parameters {text!r} cannot be read; close the {what}")
    return [_unquoted(one) for one in [*found, word] if one]


def settings(overrides: Iterable[str], conf: Path) -> Settings:
    """Read overrides, each ``key=value``.

    Args:
        overrides: as for ``dvc exp run -S``.
        conf: folder of the groups that can be chosen from.

    Raises:
        InputError: One is no ``key=value``, its value is no YAML, or it chooses what the group does not have.
    """
    found = Settings()
    for override in overrides:
        name, equals, text = override.partition("=")
        key = _KEY.fullmatch(name.strip())
        if not equals or not key:
            raise InputError(f"'{override}' is no parameter; write key=value, as in train.epochs=300")
        if (conf / key[1]).is_dir():
            found.choices[key[1]] = _choice(conf, key[1], text.strip())
        else:
            found.values[key[1]] = _value(key[1], text.strip())
    return found


def put(content: dict[str, Any], values: dict[str, Any]) -> None:
    """Set dotted names in nested mappings; what is no mapping yet becomes one."""
    for name, value in values.items():
        *sections, last = name.split(".")
        place = content
        for section in sections:
            if not isinstance(place.get(section), dict):
                place[section] = {}
            place = place[section]
        place[last] = value


def _unquoted(word: str) -> str:
    whole = len(word) > 1 and word[0] in "'\"" and word[-1] == word[0] and word[0] not in word[1:-1]
    return word[1:-1] if whole else word


def _choice(conf: Path, group: str, name: str) -> str:
    folder = conf / group
    known = sorted(path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.yaml"))
    if name not in known and name != "null":
        raise InputError(f"conf/{group} has no '{name}'; {nearest(name, known)}")
    return name


def _value(key: str, text: str) -> Any:
    # YAML 1.2, in which "no" is a word and 1e-3 a number, as for Hydra.
    try:
        return YAML(typ="base" if key in _OF_CLASSES else "safe", pure=True).load(text)
    except YAMLError as error:
        said = " ".join(str(getattr(error, "problem", None) or error).split())
        raise InputError(f"{key}: {text!r} cannot be read ({said}); put text into quotation marks") from None
