"""Read ``params.yaml`` into typed sections; what is wrong becomes one sentence that names the parameter.

A stage says which sections it reads by a :class:`Section` of its own:

    class Inputs(Section):
        seed: int
        train: Train

    params = load(Path("params.yaml"), Inputs)
"""

import difflib
import re
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from tinyinspect.config.section import Section
from tinyinspect.errors import InputError


class Yaml(yaml.SafeLoader):
    """YAML 1.2 as DVC writes it: ``no``, ``on`` and ``y`` are words, of which a class may be called."""


Yaml.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Yaml.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|True|TRUE|false|False|FALSE)$"), list("tTfF"))

Sections = TypeVar("Sections", bound=Section)
_TAGS = ("resnet9", "mobilenetv2_metric")


def load(path: Path, kind: type[Sections]) -> Sections:
    """Read and check the sections of ``params.yaml`` that ``kind`` names.

    Raises:
        InputError: The file is missing, is no YAML mapping, lacks a key, has one too many or a value out of range.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Yaml)
    except FileNotFoundError:
        raise InputError(f"{path} is missing; run in the root of the project") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not YAML ({' '.join(str(error).split())}); correct that line") from None
    if not isinstance(content, dict):
        raise InputError(f"{path} holds no mapping of sections; compare it with the one in the repository")
    return check({name: content[name] for name in kind.model_fields if name in content}, str(path), kind)


def check(content: dict[str, Any], where: str, kind: type[Sections]) -> Sections:
    """Validate a mapping read from ``where``; see :func:`load`."""
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        raise InputError("; ".join(_sentence(one, where, kind) for one in error.errors())) from None


def _sentence(error: Any, where: str, kind: type[BaseModel]) -> str:
    # A section of several kinds is checked as one of them, which pydantic names in the place; the user does not.
    place = [str(part) for part in error["loc"] if part not in _TAGS]
    name = ".".join(place)
    match error["type"]:
        case "extra_forbidden":
            known = _known_keys(error["loc"][:-1], kind)
            near = difflib.get_close_matches(place[-1], known, n=1, cutoff=0.4)
            hint = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(known)}"
            return f"{where}: unknown parameter '{name}'; {hint}"
        case "union_tag_invalid":
            context = error["ctx"]
            key, known = context["discriminator"].strip("'"), context["expected_tags"]
            return f"{where}: '{name}.{key}' is '{context['tag']}'; known are {known}"
        case "value_error" if not place:
            return f"{where}: {error['ctx']['error']}"
        case "value_error":
            return f"{where}: '{name}' is {error['input']!r}; {error['ctx']['error']}"
        case "missing":
            return f"{where}: parameter '{name}' is missing; add it, or compose the file anew from conf/"
        case _:
            return f"{where}: '{name}' is {error['input']!r}; {error['msg'][0].lower()}{error['msg'][1:]}"


def _known_keys(place: tuple[int | str, ...], kind: type[BaseModel]) -> list[str]:
    from tinyinspect.config.model import MobileNetV2MetricSettings, ResNet9Settings

    section: type[BaseModel] = kind
    for part in place:
        if part in _TAGS:
            section = ResNet9Settings if part == "resnet9" else MobileNetV2MetricSettings
        elif isinstance(inner := section.model_fields[str(part)].annotation, type):
            section = inner
    return list(section.model_fields)
