"""A third architecture and a third task are added as CONTRIBUTING.md says, and the whole graph runs with them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
TOYS = ROOT / "tests" / "toys"
CONF = {
    "model/plain.yaml": {"architecture": "plain", "input_size": 32, "channels": 12},
    "task/coverage.yaml": {"name": "coverage", "validation_fraction": 0.1, "covered": [1.0, 0.5, 0.0]},
    "loss/squared_error.yaml": {"name": "squared_error"},
    "decide/coverage.yaml": {},
}


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    # The copy's own code runs: its stages name it, and here nothing else may.
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(folder / "src"),
        "MLFLOW_TRACKING_URI": "",
    }
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone with both toys in it."""
    folder = tmp_path_factory.mktemp("toys") / "clone"
    assert run(ROOT, "git", "clone", "--quiet", str(ROOT), str(folder)).returncode == 0
    shutil.copytree(TOYS / "plain", folder / "src/tinyinspect/models/plain")
    shutil.copytree(TOYS / "coverage", folder / "src/tinyinspect/tasks/coverage")
    for name, content in CONF.items():
        (folder / "conf" / name).write_text(yaml.safe_dump(content))
    registry = folder / "src/tinyinspect/registry.py"
    text = registry.read_text()
    for known, new in (
        ('"resnet9": "tinyinspect.models.resnet9",', '"plain": "tinyinspect.models.plain",'),
        ('"classifier": "tinyinspect.tasks.classifier",', '"coverage": "tinyinspect.tasks.coverage",'),
    ):
        assert known in text
        text = text.replace(known, f"{known}\n    {new}")
    registry.write_text(text)
    assert run(folder, "dvc", "pull", "--quiet", "data.dvc").returncode == 0
    return folder


def test_a_mistake_in_its_section_is_one_sentence(project: Path):
    chosen = ["experiment=smoke", "model=plain", "task=coverage", "loss=squared_error", "decide=coverage"]
    done = run(project, "tinyinspect", "compose", *chosen, "task.covered=[1.0]")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "task.covered needs one number for each of data.classes" in done.stderr
    done = run(project, "tinyinspect", "compose", *chosen, "model.chanels=3")
    assert done.returncode == 1 and "Traceback" not in done.stderr and "chanels" in done.stderr


def test_the_whole_graph_runs_with_both(project: Path):
    chosen = ["experiment=smoke", "model=plain", "task=coverage", "loss=squared_error", "decide=coverage"]
    assert (done := run(project, "tinyinspect", "compose", *chosen)).returncode == 0, done.stderr
    done = run(project, "dvc", "repro")
    assert done.returncode == 0, done.stdout + done.stderr
    metrics = json.loads((project / "metrics.json").read_text())
    assert metrics["tflite_micro"]["mean_absolute_error"] < 0.5
    assert json.loads((project / "models/decision.json").read_text()) == {"covered": [1.0, 0.5, 0.0]}
    assert json.loads((project / "models/openmv/settings.json").read_text())["program"] == "coverage"
    assert json.loads((project / "accept.json").read_text()) == {"refused": 0, "reasons": []}


def test_two_of_its_models_are_compared(project: Path):
    commit = ["git", "-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "--quiet", "--all"]
    assert run(project, *commit, "--message", "A model of the toy", "--no-verify").returncode == 0
    done = run(project, "tinyinspect", "compare", "HEAD")
    assert done.returncode == 0, done.stderr
    assert "right answers" in done.stdout and "| int8 | adds " in done.stdout
