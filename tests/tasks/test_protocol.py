"""Every task, the toy of CONTRIBUTING.md too, has each part of the protocol, with the same names and parameters."""

import inspect
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tinyinspect import tasks
from tinyinspect.registry import TASKS
from tinyinspect.tasks import protocol

TOYS = Path(__file__).parents[1] / "toys"
PARTS = [part for name, part in vars(protocol).items() if name.endswith("Part")]


def parameters(function: Any) -> list[tuple[str, Any]]:
    found = inspect.signature(function).parameters.values()
    return [(one.name, one.kind) for one in found if one.name != "self"]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
@pytest.mark.parametrize("task", [*TASKS, "coverage"])
def test_a_task_has_the_part(task: str, part: type, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tasks, "__path__", [*tasks.__path__, str(TOYS)])
    module = import_module(f"tinyinspect.tasks.{task}.{part.__name__.removesuffix('Part').lower()}")
    for name in part.__annotations__:
        assert hasattr(module, name), name
    functions = {name: one for name, one in vars(part).items() if inspect.isfunction(one) and name[0] != "_"}
    assert functions or part.__annotations__
    for name, wanted in functions.items():
        assert parameters(getattr(module, name)) == parameters(wanted), name
