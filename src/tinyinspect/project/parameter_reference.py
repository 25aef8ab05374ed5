"""``docs/parameters.md``: every parameter, from the schema and ``conf/``, so that it cannot say anything else.

    tinyinspect parameters

Descriptions and ranges come from the schema, defaults from the composed ``conf/``, and what a choice of a group is for
from the first comment of its file.
"""

from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from tinyinspect import registry
from tinyinspect.config.params import Params
from tinyinspect.config.section import DecideSettings, LossSettings, ModelSettings, TaskSettings
from tinyinspect.files import complete_file
from tinyinspect.project.compose import composed

_HEAD = """# Parameters

<!-- Made by `tinyinspect parameters` from the schema (src/tinyinspect) and conf/. Change it there. -->

`params.yaml` holds the parameters of a run. `dvc exp run -S train.epochs=300` changes one for an experiment, and
`-S board=nicla_vision` takes another file of the group `conf/board/`. `tinyinspect compose train.epochs=300` writes the
same to `params.yaml` for `dvc repro`. An unknown name is an error that names the nearest valid one; a value out of
range is an error that names the range.

The comments in `conf/` say when to change a value.
"""
_OF_TASK: dict[Any, str] = {TaskSettings: "Task", LossSettings: "Loss", DecideSettings: "Decide"}
# How the schema names a bound, and how it is read.
_BOUNDS = {
    "minimum": "≥",
    "exclusiveMinimum": ">",
    "maximum": "≤",
    "exclusiveMaximum": "<",
    "multipleOf": "multiple of",
}
_TYPES = {"integer": "integer", "number": "number", "string": "text", "boolean": "true or false", "null": "`null`"}


def reference(conf: Path) -> str:
    """The page, in Markdown.

    Raises:
        InputError: ``conf/`` does not compose.
    """
    parts = [_HEAD]
    defaults = composed(conf, [])
    for section, field in Params.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            parts += [f"## {section}", *_section(conf, section, field.annotation, defaults)]
    parts += ["## experiment", "Presets that change several sections at once.", "\n".join(_choices(conf, "experiment"))]
    seed = _row("seed", Params.model_json_schema()["properties"]["seed"], {}, defaults["seed"])
    parts.insert(1, "\n".join([*_TABLE, seed]))
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def write_reference(conf: Path, path: Path) -> None:
    """Write the page; see :func:`reference`."""
    page = reference(conf)
    path.parent.mkdir(parents=True, exist_ok=True)
    with complete_file(path) as target:
        target.write_text(page, encoding="utf-8")


def _section(conf: Path, section: str, kind: type[BaseModel], defaults: dict[str, Any]) -> Iterator[str]:
    """A section: its kinds, each with a table of its parameters, and the choices of its group."""
    if kind is ModelSettings:
        kinds = {name: registry.architecture_part(name, "settings").Model for name in registry.ARCHITECTURES}
    elif kind in _OF_TASK:
        kinds = {name: getattr(registry.task_part(name, "settings"), _OF_TASK[kind]) for name in registry.TASKS}
    else:
        kinds = {"": kind}
    for name, one in kinds.items():
        values = _defaults_of(conf, section, name, kind, defaults)
        yield (f"### {section}: {name}\n\n" if name else "") + _summary(one)
        schema = one.model_json_schema()
        properties = schema["properties"].items()
        rows = [_row(f"{section}.{key}", of, schema.get("$defs", {}), values[key]) for key, of in properties]
        yield "\n".join([*_TABLE, *rows])
    yield "\n".join(_choices(conf, section))


def _defaults_of(
    conf: Path, section: str, name: str, kind: type[BaseModel], defaults: dict[str, Any]
) -> dict[str, Any]:
    """The section's values where the architecture or task ``name`` is chosen, otherwise by default."""
    if kind in _OF_TASK:
        return composed(conf, [f"task={name}"])[section]
    if kind is ModelSettings and defaults[section]["architecture"] != name:
        presets = (composed(conf, [f"model={path.stem}"]) for path in sorted((conf / "model").glob("*.yaml")))
        return next(preset[section] for preset in presets if preset[section]["architecture"] == name)
    return defaults[section]


_TABLE = ["| parameter | default | values | what it is |", "|---|---|---|---|"]


def _row(name: str, schema: dict[str, Any], kinds: dict[str, Any], default: Any) -> str:
    shown = yaml.safe_dump(default, default_flow_style=True, width=1000).removesuffix("\n...\n").strip()
    cells = [f"`{name}`", f"`{shown}`", _values(schema, kinds), schema["description"]]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _values(schema: dict[str, Any], kinds: dict[str, Any]) -> str:
    """What a parameter may be, in words."""
    if "$ref" in schema:
        return _values(kinds[schema["$ref"].rsplit("/", 1)[-1]], kinds)
    if "const" in schema or "enum" in schema:
        names = schema.get("enum") or [schema["const"]]
        return ", ".join(f"`{name}`" for name in names)
    if "anyOf" in schema:
        return " or ".join(sorted((_values(one, kinds) for one in schema["anyOf"]), key=lambda one: one != "`null`"))
    if schema["type"] == "array":
        return _list_values(schema, kinds)
    bounds = [f"{sign} {schema[name]:g}" for name, sign in _BOUNDS.items() if name in schema]
    return " ".join([_TYPES[schema["type"]], ", ".join(bounds)]).strip()


def _list_values(schema: dict[str, Any], kinds: dict[str, Any]) -> str:
    if "prefixItems" in schema:
        return (
            f"list of {len(schema['prefixItems'])}: {', '.join(_values(one, kinds) for one in schema['prefixItems'])}"
        )
    fewest, most = schema.get("minItems"), schema.get("maxItems")
    number = f"{fewest}" if fewest == most and fewest else f"{fewest} or more" if fewest else ""
    return f"list of {number}".removesuffix(" of ") + f": {_values(schema['items'], kinds)}"


def _summary(kind: type[BaseModel]) -> str:
    return (kind.__doc__ or "").split("\n\n")[0].replace("``", "`")


def _choices(conf: Path, group: str) -> list[str]:
    """The choices of a Hydra group, with the first comment of each file."""
    files = sorted((conf / group).rglob("*.yaml"))
    names = [path.relative_to(conf / group).with_suffix("").as_posix() for path in files]
    rows = [f"| `{group}={name}` | {comment(path)} |" for name, path in zip(names, files, strict=True)]
    return ["| choice | what it is for |", "|---|---|", *rows]


def comment(path: Path) -> str:
    """The first comment of a file of ``conf/``, up to its first full stop."""
    lines = path.read_text(encoding="utf-8").removeprefix("# @package _global_\n").removeprefix("# @package model\n")
    words = [
        line.removeprefix("#").strip() for line in takewhile(lambda line: line.startswith("#"), lines.splitlines())
    ]
    return " ".join(words).split(". ")[0].removesuffix(".")
