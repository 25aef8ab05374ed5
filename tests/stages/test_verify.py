import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.device.networks import resnet9
from tinyinspect.project.compose import composed

ROOT = Path(__file__).parents[2]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "conf", tmp_path / "conf")
    shutil.copy(ROOT / "params.yaml", tmp_path)
    (tmp_path / "models").mkdir()
    resnet9(tmp_path / "models" / "model_int8.tflite")
    return tmp_path


def _run(workspace: Path) -> subprocess.CompletedProcess[str]:
    """Both stages, as DVC runs them."""
    compiled = _stage(workspace, "compile")
    return compiled if compiled.returncode else _stage(workspace, "verify")


def _stage(workspace: Path, name: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, str(ROOT / "stages" / f"{name}.py")]
    return subprocess.run(command, cwd=workspace, env=environment, capture_output=True, text=True, check=False)


def test_a_model_that_fits_is_measured(workspace: Path) -> None:
    run = _run(workspace)
    assert run.returncode == 0, run.stderr
    assert json.loads((workspace / "device.json").read_text())["fits"] is True
    assert (workspace / "plots" / "layer_cost.csv").is_file() and (workspace / "plots" / "layer_cost.png").is_file()


def _take(workspace: Path, *overrides: str) -> None:
    params = composed(workspace / "conf", list(overrides))
    (workspace / "params.yaml").write_text(yaml.safe_dump(params))


def test_a_model_for_an_npu_is_compiled(workspace: Path) -> None:
    _take(workspace, "board=openmv_ae3")
    run = _run(workspace)
    assert run.returncode == 0, run.stderr
    device = json.loads((workspace / "device.json").read_text())
    assert device["compiler"] == "vela" and device["npu"]["npu_operators"] == 19
    assert 0 < device["milliseconds"] < 5 and device["arena_bytes"] > device["npu"]["sram_bytes"]
    assert device["file_bytes"] == (workspace / "models" / "compiled" / "model.tflite").stat().st_size


def test_a_missing_compiler_is_one_sentence_and_without_it_the_ide_compiles(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(workspace))
    _take(workspace, "board=openmv_n6", "accelerator=neural_art")
    run = _run(workspace)
    assert (run.returncode, run.stderr.count("\n")) == (1, 1) and "stedgeai is not on the PATH" in run.stderr
    assert not (workspace / "models" / "compiled").exists()
    _take(workspace, "board=openmv_n6")
    assert _run(workspace).returncode == 0
    device = json.loads((workspace / "device.json").read_text())
    assert device["fits"] and device["compiler"] == "openmv_ide"


def test_a_board_without_an_npu_gets_nothing_compiled(workspace: Path) -> None:
    assert _stage(workspace, "compile").returncode == 0
    assert [path.name for path in (workspace / "models" / "compiled").iterdir()] == ["compiled.json"]


def test_a_misfit_is_left_to_the_last_stage(workspace: Path) -> None:
    _take(workspace, "board=openmv_m7")
    run = _run(workspace)
    assert run.returncode == 0 and "it does not load" in run.stdout
    metrics = json.loads((workspace / "device.json").read_text())
    assert metrics["fits"] is False and metrics["arena_bytes"] == 104_692
    assert metrics["reasons"] and metrics["changes"]


def test_a_truncated_model_is_one_sentence_and_leaves_nothing(workspace: Path) -> None:
    model = workspace / "models" / "model_int8.tflite"
    model.write_bytes(model.read_bytes()[:1000])
    run = _run(workspace)
    assert (run.returncode, run.stderr.count("\n")) == (1, 1)
    assert not (workspace / "device.json").exists()
