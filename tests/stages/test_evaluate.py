import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from tests.evaluation.shapes import MODELS, SIZE, frames
from tinyinspect.evaluation.baselines import Baselines
from tinyinspect.files import write_json
from tinyinspect.learning.features import Features
from tinyinspect.tasks.classifier.decision import ScoreLimits

ROOT = Path(__file__).parents[2]
CLASSES = yaml.safe_load((ROOT / "params.yaml").read_text())["data"]["classes"]


@pytest.fixture
def workspace(tmp_path) -> Path:
    """What the stages before ``evaluate`` leave."""
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    params["model"]["input_size"] = SIZE
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    shutil.copytree(MODELS, tmp_path / "models")
    # The file that ptq rounds is the float one.
    shutil.copy(MODELS / "model_float32.tflite", tmp_path / "models" / "model_rounded_float32.tflite")
    limits = ScoreLimits(temperature=1.2, min_score=0.6, unsure_below=0.5, held_out=60, error_rate=0, counted=1)
    write_json(limits, tmp_path / "models" / "decision.json")
    trained_on = frames(3, seed=1)
    for picture, name, number in zip(trained_on.pictures[:3], CLASSES, (7, 8, 9), strict=True):
        for split in ("train", "validation"):
            (tmp_path / "dataset" / split / "frames" / name).mkdir(parents=True)
        place = tmp_path / "dataset" / "train" / "frames" / name / f"day%2Fa.avi-{number:06d}.jpg"
        Image.fromarray(picture).save(place, quality=95)
    linear = {"linear_full_size": {"accuracy": 0.99, "balanced_accuracy": 0.98}}
    write_json(Baselines(teacher="a network", measures=linear), tmp_path / "baselines.json")
    test_frames = frames(6, seed=3)
    for picture, label, name in zip(test_frames.pictures, test_frames.labels, test_frames.names, strict=True):
        folder = tmp_path / "dataset" / "test" / "frames" / CLASSES[label]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(folder / name, quality=95)
    names = ["day%2Fa.avi-000007.jpg", "day%2Fa.avi-000099.jpg"]  # the second has no label
    Features(names, np.zeros((2, 4), np.float32), 1).write(tmp_path / "models" / "teacher_features.npz")
    curve = tmp_path / "plots" / "train" / "plots" / "metrics" / "train" / "loss.tsv"
    curve.parent.mkdir(parents=True)
    curve.write_text("step\tloss\n0\t1.5\n1\t1.25\n")
    return tmp_path


def evaluate(workspace: Path, path: str = "") -> subprocess.CompletedProcess:
    environment = {name: value for name, value in os.environ.items() if name not in {"MLFLOW_TRACKING_URI", "DVC_ROOT"}}
    if path:
        environment["PYTHONPATH"] = os.pathsep.join([path, environment.get("PYTHONPATH", "")])
    command = [sys.executable, str(ROOT / "stages" / "evaluate.py")]
    return subprocess.run(command, cwd=workspace, env=environment, capture_output=True, text=True, check=False)


def test_the_stage_writes_metrics_plots_and_predictions(workspace):
    done = evaluate(workspace)
    assert done.returncode == 0, done.stderr
    metrics = json.loads((workspace / "metrics.json").read_text())
    assert metrics["tflite_micro"]["accuracy"] > 0.8
    assert set(metrics["decision"]) == {"counted", "error_rate", "unsure", "wrong_that_are_unsure"}
    assert "TFLite Micro (camera)" in done.stdout
    assert metrics["baselines"]["linear_full_size"] == {"accuracy": 0.99, "balanced_accuracy": 0.98}
    assert metrics["train_frames"] == {"total": 3}
    assert set(metrics["baselines"]["training_frames"]) == {"accuracy", "balanced_accuracy"}
    assert "linear on a network, whole frames" in done.stdout
    assert "INFO" not in done.stderr
    written = {path.relative_to(workspace).as_posix() for path in workspace.rglob("*") if path.is_file()}
    assert {
        "plots/misclassified.jpg",
        "plots/scores.png",
        "plots/quantization_error.png",
        "plots/quantization_changed.jpg",
        f"plots/precision_recall/{CLASSES[0]}.csv",
        "predictions.csv",
    } <= written
    errors = json.loads((workspace / "quantization_error.json").read_text())
    assert errors["worst_layer"] in {layer["layer"] for layer in errors["layers"]}
    assert set(errors["changed_answers"]) == set(CLASSES)
    full = json.loads((workspace / "metrics_full.json").read_text())
    assert full["tflite_micro"].items() >= metrics["tflite_micro"].items() and "onnx" in full and "onnx" not in metrics
    expected = sorted(f"day%2Fa.avi-{7 + row:06d}.jpg,train,{name}" for row, name in enumerate(CLASSES))
    expected.append("day%2Fa.avi-000099.jpg,unlabelled,")
    assert sorted((workspace / "trained_on.csv").read_text().splitlines()[1:]) == expected


def test_a_class_without_test_frames_is_told_in_one_sentence(workspace):
    shutil.rmtree(workspace / "dataset" / "test" / "frames" / CLASSES[1])
    done = evaluate(workspace)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: dataset/test/frames/{CLASSES[1]} holds no frame;")
    assert len(done.stderr.splitlines()) == 1
    assert not (workspace / "metrics.json").exists()


def test_without_a_decision_there_is_one_sentence(workspace):
    (workspace / "models" / "decision.json").unlink()
    done = evaluate(workspace)
    assert (done.returncode, done.stderr) == (1, "error: models/decision.json is missing; run `dvc repro decide`\n")
    assert not (workspace / "metrics.json").exists()


def test_where_tflite_micro_has_no_package_reference_kernels_stand_in_and_are_named(workspace, tmp_path_factory):
    hidden = tmp_path_factory.mktemp("hidden")
    (hidden / "tflite_micro.py").write_text("raise ImportError\n")
    done = evaluate(workspace, str(hidden))
    assert done.returncode == 0, done.stderr
    assert "TFLite Micro (camera)" not in done.stdout and "LiteRT reference kernels" in done.stdout
    assert "the camera's own figures need Linux on x86-64" in " ".join(done.stdout.split())
    metrics = json.loads((workspace / "metrics.json").read_text())
    assert metrics["stand_in"] == "LiteRT reference kernels" and metrics["tflite_micro"]["accuracy"] > 0.8
