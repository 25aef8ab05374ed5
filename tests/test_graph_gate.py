"""The gate's whole graph, small, in a fresh clone with `dvc repro`."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.test_graph import reproduced, run
from tinyinspect.tasks.gate.decision import read
from tinyinspect.tasks.gate.pictures import is_made


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Path:
    return reproduced(tmp_path_factory.mktemp("graph") / "clone", "smoke_gate")


def test_it_ends_with_a_measured_gate(clone):
    metrics = json.loads((clone / "metrics_full.json").read_text())
    for runtime in ("pytorch", "onnx", "tflite_float", "tflite_int8", "tflite_micro"):
        assert 0.5 < metrics[runtime]["auroc"] <= 1, runtime
    assert abs(metrics["quantization"]["auroc_lost"]) < 0.2
    sources = metrics["tflite_micro"]["sources"]
    groups = {trained_on: set() for trained_on in (True, False)}
    for name, one in sources.items():
        groups[one["trained_on"]].add(name.split("/")[0])
    assert groups == {True: {"class", "camera_fault", "hard_negative"}, False: {"packaged", "object"}}
    assert {one.source for one in read(clone / "models" / "decision.json").left_out} >= {
        "camera_fault/covered",
        "hard_negative/in_photo",
    }


def test_no_source_is_trained_on_and_tested_on(clone):
    drawn = [
        {source for path in folder.glob("*/*") if not is_made(source := path.relative_to(folder).as_posix())}
        for folder in (clone / "dataset" / split / "abnormal" for split in ("train", "validation", "test"))
    ]
    assert all(drawn) and not drawn[0] & drawn[1] and not drawn[0] & drawn[2] and not drawn[1] & drawn[2]


def test_centroid_and_threshold_reach_the_camera_and_ios(clone):
    decision = json.loads((clone / "models" / "decision.json").read_text())["of_int8"]
    settings = json.loads((clone / "models" / "openmv" / "settings.json").read_text())
    assert settings["program"] == "gate"
    assert settings["gate"]["threshold"] == pytest.approx(decision["threshold"], abs=1e-6)
    np.testing.assert_allclose(settings["gate"]["centroids"], decision["centroids"], atol=1e-6)
    assert settings["gate"]["frame_test"] == decision["frame_test"] and len(decision["frame_test"]["center"]) == 19
    assert json.loads((clone / "device.json").read_text())["board"] == "openmv_h7"
    assert (clone / "models" / "model.mlpackage" / "Manifest.json").is_file()


def test_a_stricter_gate_does_not_train_again(clone):
    path = clone / "params.yaml"
    path.write_text(path.read_text().replace("false_reject_rate: 0.02", "false_reject_rate: 0.01"))
    changed = run(clone, "dvc", "status")
    assert "decide:" in changed
    assert not any(f"\n{stage}:" in f"\n{changed}" for stage in ("dataset", "train", "export", "convert", "quantize"))
