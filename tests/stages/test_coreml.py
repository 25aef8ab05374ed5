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
from pydantic import BaseModel

from tests.conftest import SMALL
from tests.tasks.gate import gates
from tinyinspect.config.section import ModelSettings
from tinyinspect.files import write_json
from tinyinspect.models.checkpoint import build, save_model
from tinyinspect.models.mobilenetv2_metric.settings import Model as MobileNetV2MetricSettings
from tinyinspect.models.resnet9.settings import Model as ResNet9Settings
from tinyinspect.project.compose import composed
from tinyinspect.tasks.classifier.decision import ScoreLimits
from tinyinspect.tasks.gate.decision import Decision

ROOT = Path(__file__).parents[2]
CLASSES = composed(ROOT / "conf", [])["data"]["classes"]
CLASSIFIER = ResNet9Settings(architecture="resnet9", input_size=32, features=8, **SMALL)
METRIC = MobileNetV2MetricSettings(
    architecture="mobilenetv2_metric", input_size=32, width=0.1, last_channels=16, weights="random"
)
LIMITS = ScoreLimits(temperature=1.5, min_score=0.5, unsure_below=0.5, held_out=9, error_rate=0, counted=1)


@pytest.fixture
def workspace(tmp_path) -> Path:
    """What the stages before ``coreml`` leave, but for the model."""
    random = np.random.default_rng(0)
    for name in CLASSES:
        folder = tmp_path / "dataset" / "train" / "frames" / name
        folder.mkdir(parents=True)
        for number in range(2):
            Image.fromarray(random.integers(0, 256, (48, 64, 3), np.uint8)).save(folder / f"{number}.jpg")
    return tmp_path


def leave(task: str, model: ModelSettings, outputs: int, decision: BaseModel | None, workspace: Path) -> None:
    (workspace / "params.yaml").write_text(yaml.safe_dump(composed(ROOT / "conf", [f"task={task}"])))
    torch.manual_seed(0)
    save_model(build(model, outputs), model, outputs, workspace / "models" / "model.safetensors")
    if decision:
        write_json(decision, workspace / "models" / "decision.json")


def coreml(workspace: Path, seed: int = 0, *before: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(map(str, [*before, ROOT / "src"]))
    environment = os.environ | {"PYTHONPATH": path, "PYTHONHASHSEED": str(seed)}
    command = [sys.executable, str(ROOT / "stages" / "coreml.py")]
    return subprocess.run(command, cwd=workspace, env=environment, capture_output=True, text=True, check=False)


def package(workspace: Path) -> dict[str, bytes]:
    folder = workspace / "models" / "model.mlpackage"
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_classifier_becomes_the_same_package_in_every_process(workspace):
    leave("classifier", CLASSIFIER, len(CLASSES), LIMITS, workspace)
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
    centroids = np.eye(8).tolist()
    decisions = [Decision(threshold=one, centroids=[two]) for one, two in ((0.8125, centroids[0]), (0.5, centroids[1]))]
    gate = gates.gate().model_copy(update={"of_float": decisions[0], "of_int8": decisions[1]})
    leave("gate", METRIC, 8, gate, workspace)
    done = coreml(workspace)
    assert (done.returncode, done.stderr) == (0, "")
    assert "the similarity to the nearest centroid within" in done.stdout
    model = package(workspace)["Data/com.apple.CoreML/model.mlmodel"].decode(errors="ignore")
    assert json.dumps(centroids[0]) in model and "0.8125" in model


@pytest.mark.parametrize(("task", "model"), [("gate", METRIC), ("classifier", CLASSIFIER)])
def test_a_model_without_its_decision_is_one_sentence_and_leaves_nothing(workspace, task, model):
    leave(task, model, 8, None, workspace)
    done = coreml(workspace)
    assert (done.returncode, done.stderr) == (1, "error: models/decision.json is missing; run `dvc repro decide`\n")
    assert not package(workspace)


def test_a_model_of_another_task_is_one_sentence_and_leaves_nothing(workspace):
    leave("classifier", METRIC, 8, LIMITS, workspace)
    done = coreml(workspace)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("error: the network gives 8 numbers, but data.classes has 3; run `dvc repro`")
    assert not package(workspace)


def test_without_coremltools_there_is_one_sentence(workspace, tmp_path):
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "coremltools.py").write_text("raise ModuleNotFoundError\n")
    leave("classifier", CLASSIFIER, len(CLASSES), LIMITS, workspace)
    done = coreml(workspace, 0, hidden)
    assert done.returncode == 1 and done.stderr.startswith("error: coremltools is not installed")
    assert done.stderr.count("\n") == 1
