import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.device.networks import resnet9

ROOT = Path(__file__).parents[2]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "conf", tmp_path / "conf")
    shutil.copy(ROOT / "params.yaml", tmp_path)
    (tmp_path / "models").mkdir()
    resnet9(tmp_path / "models" / "model_int8.tflite")
    return tmp_path


def _run(workspace: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, str(ROOT / "stages" / "verify.py")]
    return subprocess.run(command, cwd=workspace, env=environment, capture_output=True, text=True, check=False)


def test_a_model_that_fits_is_measured(workspace: Path) -> None:
    run = _run(workspace)
    assert run.returncode == 0, run.stderr
    assert json.loads((workspace / "device.json").read_text())["fits"] is True
    assert (workspace / "plots" / "layer_cost.csv").is_file() and (workspace / "plots" / "layer_cost.png").is_file()


def test_a_misfit_fails_the_stage_and_leaves_its_verdict(workspace: Path) -> None:
    params = yaml.safe_load((workspace / "params.yaml").read_text())
    params["board"] = yaml.safe_load((workspace / "conf" / "board" / "openmv_m7.yaml").read_text())
    (workspace / "params.yaml").write_text(yaml.safe_dump(params))
    run = _run(workspace)
    assert run.returncode == 1
    assert run.stderr.startswith("error: models/model_int8.tflite does not run on OpenMV Cam M7")
    assert "it would fit with" in run.stderr and run.stderr.count("\n") == 1
    metrics = json.loads((workspace / "device.json").read_text())
    assert metrics["fits"] is False and metrics["arena_bytes"] == 104_692


def test_a_truncated_model_is_one_sentence_and_leaves_nothing(workspace: Path) -> None:
    model = workspace / "models" / "model_int8.tflite"
    model.write_bytes(model.read_bytes()[:1000])
    run = _run(workspace)
    assert (run.returncode, run.stderr.count("\n")) == (1, 1)
    assert not (workspace / "device.json").exists()
