"""Read ``params.yaml`` into typed sections; what is wrong becomes one sentence that names the parameter.

A stage says which sections it reads by a :class:`Section` of its own:

    class Inputs(Section):
        seed: int
        train: Train

    params = load(Path("params.yaml"), Inputs)

The sections ``model``, ``task``, ``loss`` and ``decide`` come as the kind that the registry has for the
architecture and the task that ``params.yaml`` names.
"""

import difflib
import re
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError, create_model

from tinyinspect import registry
from tinyinspect.config.section import DecideSettings, LossSettings, ModelSettings, Section, TaskSettings
from tinyinspect.errors import InputError


class Yaml(yaml.SafeLoader):
    """YAML 1.2 as DVC writes it: ``no``, ``on`` and ``y`` are words, of which a class may be called."""


Yaml.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Yaml.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|True|TRUE|false|False|FALSE)$"), list("tTfF"))

Sections = TypeVar("Sections", bound=Section)
_OF_TASK: dict[type, str] = {TaskSettings: "Task", LossSettings: "Loss", DecideSettings: "Decide"}
# What earlier versions called a parameter, and what it is called now.
RENAMED = dict(
    line.split(" -> ")
    for line in (
        "gate -> task",
        "metric -> loss",
        "gate.false_accept_rate -> decide.false_accept_rate",
        "metric.loss -> loss.name",
        "model.embedding -> task.embedding",
        "train.label_smoothing -> loss.label_smoothing",
        "train.validation_fraction -> task.validation_fraction",
        "extract.jpeg_quality -> extract.jpeg_qscale",
        "app.min_score -> decide.max_error_rate",
        "app.collect_below_score -> decide.unsure_rate",
    )
)


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
        raise not_yaml(path, error) from None
    if not isinstance(content, dict):
        raise InputError(f"{path} holds no mapping of sections; compare it with the one in the repository")
    _refuse_renamed(content, str(path))
    return check({name: content[name] for name in kind.model_fields if name in content}, str(path), kind)


def not_yaml(path: Path, error: Exception) -> InputError:
    """What to say of a file that a reader of YAML refused."""
    return InputError(f"{path} is not YAML ({' '.join(str(error).split())}); correct that line")


def check(content: dict[str, Any], where: str, kind: type[Sections]) -> Sections:
    """Validate a mapping read from ``where``; see :func:`load`."""
    _refuse_renamed(content, where)
    concrete = _concrete(kind, content, where)
    try:
        return concrete.model_validate(content)
    except ValidationError as error:
        found = error.errors()
        # A loss that the task does not know makes all its parameters unknown too; the first is the one to tell.
        wrong = [one for one in found if one["loc"] == ("loss", "name")] or found
        raise InputError("; ".join(_sentence(one, where, concrete, content) for one in wrong)) from None


def _refuse_renamed(content: dict[str, Any], where: str) -> None:
    """Name the successor of every parameter that an earlier version called otherwise."""
    old = [name for name in RENAMED if _stands_in(content, name)]
    # Of a section and a parameter in it, the parameter says more.
    told = [name for name in old if not any(other.startswith(f"{name}.") for other in old)]
    if told:
        successors = " and ".join(f"'{name}' is now '{RENAMED[name]}'" for name in told)
        raise InputError(f"{where}: {successors}; compose the file anew from conf/ (`tinyinspect compose`)")


def _stands_in(content: dict[str, Any], name: str) -> bool:
    section, _, key = name.partition(".")
    values = content.get(section)
    return section in content if not key else isinstance(values, dict) and key in values


def _concrete(kind: type[Sections], content: dict[str, Any], where: str) -> type[Sections]:
    """The kind with the sections that the architecture and the task, as the content names them, really have."""
    fields: dict[str, Any] = {}
    for name, field in kind.model_fields.items():
        if field.annotation is ModelSettings:
            architecture = _named(content, "model", "architecture", registry.ARCHITECTURES, where)
            fields[name] = registry.architecture_part(architecture, "settings").Model, ...
        elif field.annotation in _OF_TASK:
            task = _named(content, "task", "name", registry.TASKS, where)
            fields[name] = getattr(registry.task_part(task, "settings"), _OF_TASK[field.annotation]), ...
    return create_model(kind.__name__, __base__=kind, **fields) if fields else kind


def _named(content: dict[str, Any], section: str, key: str, known: dict[str, str], where: str) -> str:
    """The registry's name that a section gives."""
    values = content.get(section)
    if not isinstance(values, dict) or key not in values:
        raise InputError(f"{where}: parameter '{section}.{key}' is missing; {_COMPOSE}")
    name = str(values[key])
    if name not in known:
        raise InputError(f"{where}: '{section}.{key}' is '{name}'; {_nearest(name, list(known))}")
    return name


_COMPOSE = "add it, or compose the file anew from conf/"


def _sentence(error: Any, where: str, kind: type[BaseModel], content: dict[str, Any]) -> str:
    place = [str(part) for part in error["loc"]]
    name = ".".join(place)
    match error["type"]:
        case "extra_forbidden":
            return f"{where}: unknown parameter '{name}'; {_nearest(place[-1], _known_keys(error['loc'][:-1], kind))}"
        case "value_error" if (
            str(error["ctx"]["error"]).startswith((*place[:1], "data.", "task.", "model.")) or not place
        ):
            return f"{where}: {error['ctx']['error']}"  # the sentence names the parameter itself
        case "value_error":
            return f"{where}: '{name}' is {error['input']!r}; {error['ctx']['error']}"
        case "literal_error" | "enum" if name == "loss.name":
            task, known = content["task"]["name"], error["ctx"]["expected"]
            return f"{where}: 'loss.name' is {error['input']!r}, but the task {task} trains with {known}; change one"
        case "missing":
            return f"{where}: parameter '{name}' is missing; {_COMPOSE}"
        case _:
            return f"{where}: '{name}' is {error['input']!r}; {error['msg'][0].lower()}{error['msg'][1:]}"


def _nearest(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    return f"did you mean '{near[0]}'?" if near else f"known are {', '.join(known)}"


def _known_keys(place: tuple[int | str, ...], kind: type[BaseModel]) -> list[str]:
    section = kind
    for part in place:
        inner = section.model_fields[str(part)].annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            section = inner
    return list(section.model_fields)
