import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from PIL import Image

from tests.conftest import SMALL
from tinyinspect.config.model import MobileNetV2MetricSettings, Model, ResNet9Settings
from tinyinspect.device.gate import Decision, Gate, write_gate
from tinyinspect.models.checkpoint import build, save_model

ROOT = Path(__file__).parents[2]
CLASSES = yaml.safe_load((ROOT / "params.yaml").read_text())["data"]["classes"]
CLASSIFIER = ResNet9Settings(architecture="resnet9", input_size=32, features=8, **SMALL)
METRIC = MobileNetV2MetricSettings(
    architecture="mobilenetv2_metric", input_size=32, width=0.1, last_channels=16, embedding=8, weights="random"
)


@pytest.fixture
def workspace(tmp_path) -> Path:
    """What the stages before ``coreml`` leave, but for the model."""
    (tmp_path / "params.yaml").write_text((ROOT / "params.yaml").read_text())
    random = np.random.default_rng(0)
    for name in CLASSES:
        folder = tmp_path / "labeled" / "train" / name
        folder.mkdir(parents=True)
        for number in range(2):
            Image.fromarray(random.integers(0, 256, (48, 64, 3), np.uint8)).save(folder / f"{number}.jpg")
    return tmp_path


def leave(model: Model, gate: Gate | None, workspace: Path) -> None:
    torch.manual_seed(0)
    save_model(build(model, CLASSES), model, CLASSES, workspace / "models" / "model.safetensors")
    write_gate(gate, workspace / "models" / "gate.json")


def coreml(workspace: Path, seed: int = 0, *before: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(map(str, [*before, ROOT / "src"]))
    environment = os.environ | {"PYTHONPATH": path, "PYTHONHASHSEED": str(seed)}
    command = [sys.executable, str(ROOT / "stages" / "coreml.py")]
    return subprocess.run(command, cwd=workspace, env=environment, capture_output=True, text=True, check=False)


def package(workspace: Path) -> dict[str, bytes]:
    folder = workspace / "models" / "model.mlpackage"
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_classifier_becomes_the_same_package_in_every_process(workspace):
    leave(CLASSIFIER, None, workspace)
    done = coreml(workspace)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Core ML equals PyTorch within ") and done.stdout.count("\n") == 1
    assert done.stdout.endswith(" on 6 frames, the class is the same on 6\n")
    first = package(workspace)
    assert set(first) == {
        "Manifest.json",
        "Data/com.apple.CoreML/model.mlmodel",
        "Data/com.apple.CoreML/weights/weight.bin",
    }
    coreml(workspace, seed=1)
    assert package(workspace) == first


def test_a_gate_takes_the_float_decision_with_it(workspace):
    centroids = np.eye(8, dtype=np.float32)
    leave(METRIC, Gate(Decision(centroids[0], 0.8125), Decision(centroids[1], 0.5)), workspace)
    done = coreml(workspace)
    assert (done.returncode, done.stderr) == (0, "")
    assert "the similarity to the centroid within" in done.stdout
    model = package(workspace)["Data/com.apple.CoreML/model.mlmodel"].decode(errors="ignore")
    assert json.dumps(centroids[0].tolist()) in model and "0.8125" in model


def test_a_metric_model_without_its_gate_is_one_sentence_and_leaves_nothing(workspace):
    leave(METRIC, None, workspace)
    done = coreml(workspace)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("error: the network gives 8 numbers, but data.classes has 3; run `dvc repro`")
    assert not package(workspace)


def test_without_coremltools_there_is_one_sentence(workspace, tmp_path):
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "coremltools.py").write_text("raise ModuleNotFoundError\n")
    leave(CLASSIFIER, None, workspace)
    done = coreml(workspace, 0, hidden)
    assert done.returncode == 1 and done.stderr.startswith("error: coremltools is not installed")
    assert done.stderr.count("\n") == 1
