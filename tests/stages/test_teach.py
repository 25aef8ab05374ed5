"""The stage that asks the teacher what it sees, as `dvc repro` runs it."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from tinyinspect.learning.features import read_features
from tinyinspect.project.compose import composed

ROOT = Path(__file__).parents[2]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A dataset of a frame of each class to train on, one that validates, and two without a label."""
    draw = np.random.default_rng(0)
    for place in ("train/frames/good", "train/frames/bad", "validation/frames/good", "unlabelled", "unlabelled"):
        folder = tmp_path / "dataset" / place
        folder.mkdir(parents=True, exist_ok=True)
        name = f"a.avi-{draw.integers(999999):06d}.jpg"
        Image.fromarray(draw.integers(0, 256, (48, 64, 3), np.uint8)).save(folder / name)
    (tmp_path / "dataset" / "validation" / "frames" / "bad").mkdir()
    return tmp_path


def teach(workspace: Path, *choices: str) -> str:
    params = composed(ROOT / "conf", ["data.classes=[good, bad]", "teacher.input_size=32", *choices])
    (workspace / "params.yaml").write_text(yaml.safe_dump(params))
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, str(ROOT / "stages" / "teach.py")]
    run = subprocess.run(command, cwd=workspace, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_the_teacher_sees_frames_with_a_label_and_without(workspace):
    assert teach(workspace) == "efficientnet-lite0 (packaged) has seen 3 labelled frames and 2 without a label\n"
    found = read_features(workspace / "models" / "teacher_features.npz")
    assert sorted(found.names) == sorted(path.name for path in workspace.rglob("*.jpg"))
    assert found.values.shape == (5, 1280) and len(np.unique(found.values, axis=0)) == 5


def test_without_a_teacher_or_such_frames_nothing_is_taught(workspace):
    assert teach(workspace, "teacher=none") == "nothing to teach: no teacher\n"
    assert read_features(workspace / "models" / "teacher_features.npz").names == []
    for path in (workspace / "dataset" / "unlabelled").iterdir():
        path.unlink()
    assert teach(workspace) == "nothing to teach: no frame without a label may train\n"
    assert read_features(workspace / "models" / "teacher_features.npz").names == []
