import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]


def centroid(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "stages" / "centroid.py")]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_classifier_needs_none(tmp_path):
    shutil.copy(ROOT / "params.yaml", tmp_path)
    done = centroid(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "models" / "gate.json").read_text() == "{}\n"


@pytest.mark.parametrize(("made", "sentence"), [(False, "labeled/train is missing"), (True, "abnormal/validation is")])
def test_missing_pictures_are_one_sentence(tmp_path, made, sentence):
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    params["model"] = {
        "architecture": "mobilenetv2_metric",
        "input_size": 32,
        "width": 0.1,
        "last_channels": 8,
        "embedding": 4,
        "weights": "random",
    }
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    if made:
        frame = next((ROOT / "tests" / "openmv_app" / "frames").glob("*.jpg"))
        for name in params["gate"]["normal_classes"]:
            (tmp_path / "labeled" / "train" / name).mkdir(parents=True)
            for number in range(4):
                shutil.copy(frame, tmp_path / "labeled" / "train" / name / f"{number}.jpg")
    done = centroid(tmp_path)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"error: {sentence}")
    assert not (tmp_path / "models").exists()
