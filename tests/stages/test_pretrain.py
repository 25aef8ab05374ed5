"""The stage as `dvc repro` runs it: killed and run again, and what keeps a teacher from teaching."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from tests.stages.test_select_frames_and_dataset import run, write_frames
from tinyinspect.project.compose import composed

ROOT = Path(__file__).parents[2]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """60 frames, and the parameters of a short distillation."""
    write_frames(tmp_path / "frames")
    write_params(tmp_path)
    return tmp_path


def write_params(folder: Path, **teacher) -> None:
    given = ["pretrain=distill", "pretrain.frames=40", "pretrain.epochs=1", "train.device=cpu"]
    params = composed(ROOT / "conf", given)
    params["teacher"] |= teacher
    (folder / "params.yaml").write_text(yaml.safe_dump(params))


def test_killed_while_the_teacher_is_at_work_and_run_again(workspace: Path) -> None:
    backbone, waiting = workspace / "models" / "backbone.safetensors", workspace / ".resume" / "teacher.pt"
    assert run("pretrain", workspace).returncode == 0
    whole = backbone.read_bytes()
    backbone.unlink()
    process = subprocess.Popen(
        [sys.executable, ROOT / "stages" / "pretrain.py"], cwd=workspace, stdout=subprocess.DEVNULL
    )
    while not waiting.exists():
        assert process.poll() is None, "the stage ended before it could be killed"
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not backbone.exists()
    assert run("pretrain", workspace).returncode == 0
    assert backbone.read_bytes() == whole
    assert not waiting.exists()
    assert (workspace / "plots" / "pretrain.csv").read_text().startswith("epoch,loss\n1,")


@pytest.mark.parametrize(
    ("teacher", "said"),
    [
        ({"source": "none", "name": None}, "there is no teacher (teacher.source is none); choose teacher=packaged"),
        ({"weights": "none.pth"}, "the teacher's weights are missing at none.pth; put them there, or choose"),
    ],
)
def test_a_teacher_that_is_not_there_is_one_sentence(workspace: Path, teacher: dict, said: str) -> None:
    write_params(workspace, **teacher)
    ended = run("pretrain", workspace)
    assert ended.returncode == 1
    assert said in ended.stderr and "Traceback" not in ended.stderr
    assert not (workspace / "models").exists()
