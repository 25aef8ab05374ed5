"""Nobody asks which task or architecture it is: their names stand in their own packages and the registry alone."""

import ast
from pathlib import Path

import pytest

from tests.closure import ROOT
from tinyinspect.registry import ARCHITECTURES, TASKS

OWN = [ROOT / "src/tinyinspect/registry.py", ROOT / "src/tinyinspect/tasks", ROOT / "src/tinyinspect/models"]
FILES = sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "stages").glob("*.py")])
NAMES = {*TASKS, *ARCHITECTURES}
CLASSES = {"ResNet9", "MobileNetV2Metric", "EfficientNetLite0Metric"}


def used(tree: ast.AST) -> set[str]:
    """Names of tasks and architectures in a syntax tree: as texts, classes, members of enums, imported modules."""
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if text in NAMES:
                found.add(text)
            case ast.Name(id=name) | ast.alias(name=name) if name.rpartition(".")[2] in CLASSES:
                found.add(name)
            case ast.Attribute(attr=name) if name in CLASSES or (name.isupper() and name.lower() in NAMES):
                found.add(name)
            case ast.ImportFrom(module=str(module)) if NAMES & set(module.split(".")):
                found.add(module)
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_file_but_their_own_names_a_task_or_an_architecture(path: Path):
    if any(own == path or own in path.parents for own in OWN):
        return
    assert used(ast.parse(path.read_text())) == set()


@pytest.mark.parametrize(
    "line",
    ['task == "gate"', "isinstance(network, ResNet9)", "Variant.CLASSIFIER", "from tinyinspect.tasks.gate import x"],
)
def test_the_test_sees_each_way_to_ask(line: str):
    assert used(ast.parse(line))
