"""What a search tries: settings and their values, from ``conf/tune/<task>.yaml``."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import yaml

from tinyinspect.config.loading import Yaml, check, not_yaml
from tinyinspect.config.params import Params
from tinyinspect.errors import InputError
from tinyinspect.project.compose import composed
from tinyinspect.project.overrides import settings
from tinyinspect.project.own import read_own
from tinyinspect.selection.spelling import nearest
from tinyinspect.tracking.runs import flatten

AS_IT_IS = None  # the choice that leaves a setting alone
CROP = "extract.crop"  # its values are shares of a frame's shorter side

Value = str | int | float | bool


@dataclass(frozen=True)
class Space:
    """What can be tried.

    Attributes:
        root: of the project.
        given: overrides that every trial has.
        values: by setting or group, other values than it has.
        frame: width and height of the labelled frames, in pixels; None where they differ.
    """

    root: Path
    given: list[str]
    values: dict[str, list[Value]]
    frame: tuple[int, int] | None

    @property
    def choices(self) -> dict[str, tuple[Value | None, ...]]:
        """The same, each with the choice to leave it alone."""
        return {key: (AS_IT_IS, *values) for key, values in self.values.items()}

    @property
    def size(self) -> int:
        """How many different settings there are."""
        return prod(len(values) for values in self.choices.values())

    def overrides(self, chosen: Mapping[str, Value | None]) -> list[str]:
        """The overrides that a choice is made of, those beside `given`."""
        return [
            f"{key}={self._crop(value) if key == CROP else _text(value)}"
            for key, value in chosen.items()
            if value is not AS_IT_IS
        ]

    def params(self, chosen: Mapping[str, Value | None]) -> Params:
        """All parameters that a choice makes.

        Raises:
            InputError: The network, or another part, does not take these values together.
        """
        return check(composed(self.root / "conf", [*self.given, *self.overrides(chosen)]), "conf/", Params)

    def _crop(self, share: Any) -> str:
        assert self.frame
        width, height = self.frame
        side = round(share * min(width, height))
        return f"[{(width - side) // 2},{(height - side) // 2},{side},{side}]"


def read_space(root: Path, given: list[str], start: Params, frame: tuple[int, int] | None) -> Space:
    """What can be tried in a project.

    Args:
        root: of the project.
        given: overrides of the command line, which are not tried otherwise; nor is what the line sets itself.
        start: the parameters that they make.
        frame: width and height of the labelled frames, in pixels; None where they differ.

    Raises:
        InputError: The file is missing or is no list of values, or nothing is left to try.
    """
    path = root / "conf" / "tune" / f"{start.task.name}.yaml"
    read = _read(path)
    fixed = _fixed(root, given)
    values = {
        key: [one for one in tried if not _is_so(root, given, start, key, one)]
        for key, tried in read.items()
        if not any(one == key or one.startswith(f"{key}.") for one in fixed)
    }
    if frame is None or start.extract.crop is not None:
        values.pop(CROP, None)
    kept = {key: tried for key, tried in values.items() if tried}
    if not kept:
        raise InputError(f"{path} lists nothing to try beside what is set already; add a setting with some values")
    return Space(root, given, kept, frame)


def _read(path: Path) -> dict[str, list[Value]]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Yaml)
    except FileNotFoundError:
        raise InputError(f"{path} is missing, and it says what to try; get it back with `git checkout`") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise not_yaml(path, error) from None
    lists = isinstance(content, dict) and all(isinstance(one, list) for one in content.values())
    if not lists or not all(isinstance(value, Value) for one in content.values() for value in one):
        raise InputError(f"{path} is no list of values for each setting; write train.rotation: [0, 30]")
    shares = content.get(CROP, [])
    if not all(isinstance(share, int | float) and 0 < share <= 1 for share in shares):
        raise InputError(f"{path}: {CROP} is {shares}; list shares of a frame's side, such as 0.8")
    return {str(key): one for key, one in content.items()}


def _fixed(root: Path, given: list[str]) -> set[str]:
    """Groups and settings that the command line or the line itself sets."""
    wanted = settings(given, root / "conf")
    own: dict[str, Any] = read_own(root) or {}
    choices = [entry for entry in own.get("defaults", []) if isinstance(entry, dict)]
    chosen = {key.removeprefix("override /") for entry in choices for key in entry}
    set_there = {f"{name}.{key}" for name, section in own.items() if isinstance(section, dict) for key in section}
    return {*wanted.choices, *wanted.values, *chosen, *set_there}


def _is_so(root: Path, given: list[str], start: Params, key: str, value: Value) -> bool:
    """Whether a value changes nothing.

    Raises:
        InputError: There is no such setting or choice.
    """
    if key == CROP:
        return value == 1
    if (root / "conf" / key).is_dir():
        made = check(composed(root / "conf", [*given, f"{key}={value}"]), "conf/", Params)
        return made.model_dump() == start.model_dump()
    known = flatten(start.model_dump(mode="json"), ".")
    if key not in known:
        raise InputError(f"conf/tune/ lists the unknown parameter '{key}'; {nearest(key, list(known))}")
    return bool(known[key] == value)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
