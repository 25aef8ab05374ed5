"""The stage as `dvc repro` runs it: killed and run again, and what keeps a teacher from teaching."""

import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.stages.test_select_frames_and_dataset import write_frames
from tinyinspect.errors import InputError
from tinyinspect.project.compose import composed

ROOT = Path(__file__).parents[2]
STAGE = ROOT / "stages" / "pretrain.py"


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """The stage, in a folder with 60 frames and the parameters of a short distillation."""
    write_frames(tmp_path / "frames")
    monkeypatch.chdir(tmp_path)
    write_params()
    return runpy.run_path(str(STAGE))["main"]  # in this process: its packages take seconds to load


def write_params(**teacher: str | None) -> None:
    given = ["pretrain=distill", "pretrain.frames=40", "pretrain.epochs=1", "train.device=cpu"]
    params = composed(ROOT / "conf", given)
    params["teacher"] |= teacher
    Path("params.yaml").write_text(yaml.safe_dump(params))


def test_killed_while_the_teacher_is_at_work_and_run_again(
    stage: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    backbone, waiting = Path("models/backbone.safetensors"), Path(".resume/teacher.pt")
    stage()
    whole = backbone.read_bytes()
    assert "embeds 40 frames\n" in capsys.readouterr().out
    backbone.unlink()
    process = subprocess.Popen([sys.executable, STAGE], stdout=subprocess.DEVNULL)
    while not waiting.exists():
        assert process.poll() is None, "the stage ended before it could be killed"
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not backbone.exists()
    stage()
    assert "embeds 40 frames, of which 4 are done\n" in capsys.readouterr().out
    assert backbone.read_bytes() == whole
    assert not waiting.exists()
    assert Path("plots/pretrain.csv").read_text().startswith("epoch,loss\n1,")


@pytest.mark.parametrize(
    ("teacher", "said"),
    [
        ({"source": "none", "name": None}, r"there is no teacher \(teacher.source is none\); choose teacher=packaged"),
        ({"weights": "none.pth"}, r"the teacher's weights are missing at none\.pth; put them there, or choose"),
    ],
)
def test_a_teacher_that_is_not_there_is_one_sentence(
    stage: Callable[[], None], teacher: dict[str, str | None], said: str
) -> None:
    write_params(**teacher)
    with pytest.raises(InputError, match=said):
        stage()
    assert not Path("models").exists()
