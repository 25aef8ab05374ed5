"""dvc.yaml names all that a stage's result depends on: the code that it reaches, and the parameters that it reads."""

import ast
from itertools import product
from pathlib import Path

import pytest
import yaml

from tests.closure import ROOT, closure
from tinyinspect.config.params import Params
from tinyinspect.registry import ARCHITECTURES, TASKS

GRAPH = yaml.safe_load((ROOT / "dvc.yaml").read_text())
STAGES = sorted(GRAPH["stages"])
VARIANTS = list(product(TASKS, ARCHITECTURES))


def deps(stage: str, task: str, architecture: str) -> list[Path]:
    """What a stage depends on, for a task and an architecture."""
    names = {"${lib}": GRAPH["vars"][0]["lib"], "${task.name}": task, "${model.architecture}": architecture}
    found = []
    for path in GRAPH["stages"][stage]["deps"]:
        for name, value in names.items():
            path = path.replace(name, value)
        found.append(ROOT / path)
    return found


def missing(named: list[Path], stage: str, task: str, architecture: str) -> list[str]:
    """The files that a stage reaches and that are not named."""
    reached = closure(ROOT / "stages" / f"{stage}.py", task, architecture)
    return sorted(
        file.relative_to(ROOT).as_posix()
        for file in reached
        if not any(file == path or path in file.parents for path in named)
    )


def programs() -> list[str]:
    return sorted(path.stem for path in (ROOT / "stages").glob("*.py"))


def test_every_stage_has_a_program():
    assert programs() == STAGES


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(("task", "architecture"), VARIANTS)
def test_a_stage_depends_on_all_code_that_it_reaches(stage, task, architecture):
    named = deps(stage, task, architecture)
    assert all(path.exists() for path in named if path.suffix == ".py" or "src" in path.parts)
    assert missing(named, stage, task, architecture) == []
    assert ROOT / "stages" / f"{stage}.py" in named


@pytest.mark.parametrize("stage", STAGES)
def test_a_line_of_code_taken_out_of_the_deps_is_missed(stage):
    """Every dep below src/ is needed by at least one variant, and without it that variant misses something."""
    for number, line in enumerate(GRAPH["stages"][stage]["deps"]):
        if not line.startswith("${lib}") or not line.endswith(".py"):
            continue
        found = []
        for task, architecture in VARIANTS:
            named = deps(stage, task, architecture)
            taken = named.pop(number)
            found += missing(named, stage, task, architecture) if taken.exists() else []
        assert found, f"{stage} depends on {line} without reaching it"


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_names_the_parameters_that_it_reads(stage):
    text = (ROOT / "stages" / f"{stage}.py").read_text()
    tree = ast.parse(text)
    fields = (
        set(Params.model_fields)
        if "import Params" in text
        else {
            node.target.id
            for cls in ast.walk(tree)
            if isinstance(cls, ast.ClassDef) and cls.name == "Inputs"
            for node in cls.body
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
        }
    )
    named = {str(name).split(".")[0] for name in GRAPH["stages"][stage].get("params", [])}
    assert fields == named


def test_what_a_change_of_quantization_does_not_touch():
    for stage in ("extract", "pretrain", "embed", "select_frames", "dataset", "train", "export"):
        named = deps(stage, "classifier", "resnet9")
        assert not any("quantiz" in path.as_posix() for path in named), stage


def test_pretraining_does_not_depend_on_the_task_or_the_classes():
    stage = GRAPH["stages"]["pretrain"]
    assert not any("tasks" in path for path in stage["deps"])
    assert not {"data", "data.classes", "task"} & set(stage["params"])
