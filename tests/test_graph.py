"""The whole graph, small, in a fresh clone with `dvc repro`: what a new user's first minutes are."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
ENVIRONMENT = os.environ | {
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "MLFLOW_TRACKING_URI": "",
}


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def reproduced(folder: Path, experiment: str) -> Path:
    """A fresh clone in which an experiment preset has run."""
    run(ROOT, "git", "clone", "--quiet", str(ROOT), str(folder))
    run(folder, "dvc", "pull", "--quiet", "data.dvc")
    run(folder, "tinyinspect", "compose", f"experiment={experiment}")
    run(folder, "dvc", "repro")
    return folder


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Path:
    return reproduced(tmp_path_factory.mktemp("graph") / "clone", "smoke")


def test_it_ends_with_a_measured_int8_model_and_its_bundle(clone):
    metrics = json.loads((clone / "metrics_full.json").read_text())
    for runtime in ("pytorch", "onnx", "tflite_float", "tflite_int8", "tflite_micro"):
        assert 0.4 < metrics[runtime]["accuracy"] <= 1, runtime
    assert abs(metrics["quantization"]["accuracy_lost_points"]) < 10
    assert 0 < metrics["decision"]["counted"] <= 1 and 0 <= metrics["decision"]["unsure"] <= 1
    decision = json.loads((clone / "models" / "decision.json").read_text())
    settings = json.loads((clone / "models" / "openmv" / "settings.json").read_text())
    for name in ("temperature", "min_score"):
        assert settings["classifier"][name] == decision[name]
    assert settings["collect"]["below_score"] == decision["unsure_below"]
    device = json.loads((clone / "device.json").read_text())
    assert device["fits"] and device["instructions"] < 60e6
    bundled = {path.name for path in (clone / "models" / "openmv").iterdir()}
    assert {"main.py", "model.tflite", "settings.json", "manifest.json", "README.md"} <= bundled


def test_a_second_run_has_nothing_to_do(clone):
    assert "Running stage" not in run(clone, "dvc", "repro")


def test_trainings_enter_the_run_cache(clone):
    runs = (clone / ".dvc" / "cache" / "runs").glob("*/*/*")
    cached = {yaml.safe_load(path.read_text())["cmd"].rsplit("/", 1)[1] for path in runs}
    assert {"pretrain.py", "train.py"} <= cached
    assert "track.py" not in cached  # it logs every execution to MLflow


def test_embeddings_and_their_map_come_out_the_same_again(clone):
    before = (clone / "dvc.lock").read_text()
    run(clone, "dvc", "repro", "--force", "--single-item", "embed")
    assert (clone / "dvc.lock").read_text() == before


def test_a_change_of_quantization_does_not_train_again(clone):
    path = clone / "params.yaml"
    params = yaml.safe_load(path.read_text())
    params["quantize"]["calibration_frames"] -= 1
    path.write_text(yaml.safe_dump(params, sort_keys=False))
    changed = run(clone, "dvc", "status")
    assert "quantize:" in changed
    assert not any(f"{stage}:" in changed for stage in ("extract", "pretrain", "train", "export", "convert"))


def test_a_renamed_class_does_not_pretrain_again(clone):
    path = clone / "params.yaml"
    before = path.read_text()
    params = yaml.safe_load(before)
    params["data"]["classes"][-1] = "unmasked"
    path.write_text(yaml.safe_dump(params, sort_keys=False))
    changed = run(clone, "dvc", "status")
    path.write_text(before)
    assert "\ndataset:" in f"\n{changed}" and "\ntrain:" in f"\n{changed}"
    assert not any(f"\n{stage}:" in f"\n{changed}" for stage in ("extract", "pretrain", "embed"))


def test_a_mistyped_parameter_is_one_sentence(clone):
    done = subprocess.run(
        ["dvc", "exp", "run", "-S", "train.epoch=3"], cwd=clone, env=ENVIRONMENT, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stderr and "epoch" in done.stderr
