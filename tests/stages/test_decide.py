"""The stage as `dvc repro` runs it, in a fresh folder."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from tests.tasks.gate.trees import write_gate_tree
from tinyinspect.project.compose import composed
from tinyinspect.tasks.classifier.decision import read as read_limits
from tinyinspect.tasks.gate.decision import read as read_gate

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "tests" / "evaluation" / "models"


def decide(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "stages" / "decide.py")]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def configure(folder: Path, *overrides: str) -> None:
    (folder / "params.yaml").write_text(yaml.safe_dump(composed(ROOT / "conf", list(overrides))))


def test_a_classifiers_decision_is_of_its_held_out_logits(tmp_path):
    configure(tmp_path, "task=classifier", "data.classes=[bar,spot,blank]")
    (tmp_path / "models").mkdir()
    random = np.random.default_rng(0)
    labels = random.integers(0, 3, 300)
    logits = 3 * np.eye(3)[labels] + random.normal(0, 1, (300, 3))
    table = pd.DataFrame(logits, columns=[f"output_{number}" for number in range(3)]).assign(label=labels)
    table.to_csv(tmp_path / "models" / "held_out.csv", index=False)
    done = decide(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    limits = read_limits(tmp_path / "models" / "decision.json")
    assert limits.held_out == 300 and limits.error_rate <= 0.03 and 0.5 < limits.counted <= 1
    assert done.stdout.startswith(f"temperature {limits.temperature:.2f}; a score of {limits.min_score:.2f} counts: ")


def test_without_held_out_logits_there_is_one_sentence(tmp_path):
    configure(tmp_path, "task=classifier")
    done = decide(tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: models/held_out.csv is missing or holds no logits; run `dvc repro train`\n"
    assert not (tmp_path / "models" / "decision.json").exists()


def test_a_gates_decision_is_of_what_validation_holds(tmp_path):
    configure(
        tmp_path,
        "task=gate",
        "data.classes=[good,bad]",
        "task.normal_classes=[good]",
        "task.frame_test=false",
    )
    write_gate_tree(tmp_path / "dataset")
    shutil.copytree(MODELS, tmp_path / "models")
    columns = ["fold", "kind", "source", "picture", "score"]
    held_out = [[0, "normal", "", f"t{number}.jpg", 0.9] for number in range(20)]
    held_out += [[0, "abnormal", "object/spot", f"s{number}.jpg", 0.1] for number in range(5)]
    pd.DataFrame(held_out, columns=columns).to_csv(tmp_path / "models" / "held_out.csv", index=False)
    done = decide(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    gate = read_gate(tmp_path / "models" / "decision.json")
    assert (gate.normal, gate.abnormal, len(gate.of_int8.centroids[0])) == (12 + 20, 12, 3)
    assert done.stdout.startswith(f"threshold {gate.of_float.threshold:.3f} in float, ")
    written = json.loads((tmp_path / "models" / "decision.json").read_text())
    assert written["of_int8"]["centroids"] == gate.of_int8.centroids


@pytest.mark.parametrize(
    ("made", "sentence"), [(False, "dataset/validation/frames is missing"), (True, "dataset/validation/abnormal is")]
)
def test_missing_pictures_are_one_sentence(tmp_path, made, sentence):
    configure(tmp_path, "task=gate")
    if made:
        frame = next((ROOT / "tests" / "openmv_app" / "frames").glob("*.jpg"))
        for name in ("good", "defective"):
            folder = tmp_path / "dataset" / "validation" / "frames" / name
            folder.mkdir(parents=True)
            for number in range(4):
                shutil.copy(frame, folder / f"{number}.jpg")
    done = decide(tmp_path)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"error: {sentence}")
    assert not (tmp_path / "models").exists()
