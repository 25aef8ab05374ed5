import csv
import json
import signal
import subprocess
import sys
from pathlib import Path

import av
import pytest
import yaml
from PIL import Image
from typer.testing import CliRunner

from tests.device.verified import verified
from tests.evaluation.shapes import MODELS, SIZE, frames
from tinyinspect.cli.main import app
from tinyinspect.device.microcontroller import MicroRuntime
from tinyinspect.evaluation.runtimes import tflite_micro
from tinyinspect.files import write_json
from tinyinspect.recordings import webcam

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model of bars and spots, and a folder of twelve pictures."""
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    params["model"]["input_size"] = SIZE
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    limits = {"temperature": 1, "min_score": 0.9, "unsure_below": 0.4, "held_out": 9, "error_rate": 0, "counted": 1}
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "decision.json").write_text(json.dumps(limits))
    (tmp_path / "models" / "model_int8.tflite").write_bytes((MODELS / "model_int8.tflite").read_bytes())
    write_json(verified(milliseconds=25.0), tmp_path / "device.json")
    folder = tmp_path / "filmed" / "day"
    folder.mkdir(parents=True)
    for number, picture in enumerate(frames(4, seed=5).pictures):
        Image.fromarray(picture).save(folder / f"{number}.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def answers(folder: Path) -> list[dict[str, str]]:
    with (folder / "answers.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("source", ["filmed/day", "filmed"])  # one folder of pictures, or a folder of recordings
def test_every_frame_gets_the_answer_of_the_camera(project, source):
    done = CliRunner().invoke(app, ["predict", source])
    assert done.exit_code == 0, done.output
    rows = answers(project / "predicted")
    assert [row["frame"] for row in rows] == [str(number) for number in range(12)]
    classes = yaml.safe_load((project / "params.yaml").read_text())["data"]["classes"]
    assert {row["answer"] for row in rows} == set(classes)
    assert "12 frames: " in done.output and "40 a second at most on OpenMV Cam H7" in done.output
    with Image.open("predicted/frames.jpg") as sheet:
        assert sheet.size == (8 * 150, 2 * 170)
    assert not (project / "predicted" / "answers.mp4").exists()


def test_the_outputs_are_those_of_evaluation(project):
    shown = frames(4, seed=5)
    network = MicroRuntime(project / "models" / "model_int8.tflite")
    expected = tflite_micro(project / "models" / "model_int8.tflite", shown.views(network.input_size)).argmax(1)
    assert CliRunner().invoke(app, ["predict", "filmed"]).exit_code == 0
    classes = yaml.safe_load((project / "params.yaml").read_text())["data"]["classes"]
    rows = answers(project / "predicted")
    same = sum(classes[one] == row["answer"] for one, row in zip(expected, rows, strict=True))
    assert same >= 11  # the pictures became JPEG files on the way


def test_a_video_shows_every_frame(project):
    assert CliRunner().invoke(app, ["predict", "filmed", "--video"]).exit_code == 0
    with av.open("predicted/answers.mp4") as film:
        assert sum(1 for _ in film.decode(video=0)) == 12


def test_a_source_that_is_not_there_leaves_nothing_behind(project, monkeypatch):
    done = CliRunner().invoke(app, ["predict", "nowhere.avi"])
    assert done.exit_code == 1 and "nowhere.avi is not there" in str(done.exception)
    assert list((project / "predicted").iterdir()) == []


PATTERN = ("lavfi", "testsrc=rate=20:size=320x240")  # a device of FFmpeg that every computer has
LIVE = f"""
from tinyinspect.recordings import webcam
webcam.INPUTS = dict.fromkeys(webcam.INPUTS, {PATTERN!r})
from tinyinspect.cli.main import main
main()
"""


def test_a_webcam_runs_until_interrupted_and_leaves_what_was_seen(project):
    command = [sys.executable, "-c", LIVE, "predict", "webcam", "--video"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        first = process.stdout.readline()  # of the first answer
        process.send_signal(signal.SIGINT)
        said = process.stdout.read()
    assert process.returncode == 0
    rows = answers(project / "predicted")
    assert rows and rows[0]["recording"] == "webcam:0" and rows[0]["answer"] in first
    assert f"{len(rows)} frames: " in said
    assert [int(row["frame"]) for row in rows] == list(range(len(rows)))
    with av.open("predicted/answers.mp4") as film:
        assert sum(1 for _ in film.decode(video=0)) == len(rows)


@pytest.mark.parametrize(
    ("source", "platform", "sentence"),
    [
        ("webcam:9", "linux", "webcam 9 cannot be opened (v4l2, /dev/video9: No such file or directory)"),
        ("webcam:a", "linux", "webcam:a names no webcam"),
        ("webcam", "win32", "a webcam is not read on win32"),
    ],
)
def test_a_webcam_that_cannot_be_read_is_one_sentence(project, monkeypatch, source, platform, sentence):
    monkeypatch.setattr(webcam.sys, "platform", platform)
    done = CliRunner().invoke(app, ["predict", source])
    assert done.exit_code == 1 and sentence in str(done.exception)
