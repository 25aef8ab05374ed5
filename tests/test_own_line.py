"""The story of a line of one's own, played on the command line: no label, setting or result is lost on the way."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from tests.project.conftest import ROOT, run_git
from tinyinspect.project.clones import clone_as_it_stands

# Small enough to run the graph four times. Two recordings, so test frames come from both, apart in time.
TINY = [
    "experiment=smoke",
    "extract.fps=null",
    "pretrain.epochs=0",
    "select.split=time_gap",
    "select.time_gap=0",
    "select.near_duplicate_bits=0",
    "select.train_frames=30",
    "select.test_frames=12",
    "train.epochs=120",
    "quantize.calibration_frames=10",
    "app.check_frames=2",
]
CLASSES = ["0", "größe ä", "in Ordnung"]
FRAMES = 30
FILES = ("params.yaml", "dvc.lock")
SHADES = [(200, 40, 40), (40, 200, 40), (40, 40, 200)]


class Home:
    """A temporary home: a clone, recordings, and commands called in either."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clone, self.line = folder, folder / "clone", folder / "a line"
        self.environment = os.environ | {
            "HOME": str(folder),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT / "src"),
            "MLFLOW_TRACKING_URI": "",
        }
        clone_as_it_stands(ROOT, self.clone)

    def call(self, *words: object, folder: Path | None = None, fails: bool = False) -> str:
        done = subprocess.run(
            list(map(str, words)),
            cwd=folder or self.line,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    def tinyinspect(self, *words: object, folder: Path | None = None, fails: bool = False) -> str:
        run = "from tinyinspect.cli.main import main; main()"
        return self.call(sys.executable, "-P", "-c", run, *words, folder=folder, fails=fails)

    def params(self) -> dict:
        return yaml.safe_load((self.line / "params.yaml").read_text())

    def labels(self) -> set[tuple[str, str, str]]:
        """All labels that Git holds in the newest commit."""
        found = set()
        for name in run_git(self.line, "ls-tree", "-r", "--name-only", "-z", "HEAD", "annotations").split("\0"):
            if name.endswith(".csv"):
                rows = csv.DictReader(run_git(self.line, "show", f"HEAD:{name}").splitlines())
                found |= {(row["video"], row["frame"], row["label"]) for row in rows if row.get("label")}
        return found


def record(folder: Path, number: int) -> None:
    """A recording as a folder of pictures: a bar at any place on one of three shades, one after the other."""
    random = np.random.default_rng(number)
    folder.mkdir(parents=True)
    for frame in range(FRAMES):
        picture = random.integers(0, 60, (48, 64, 3), np.uint8) + np.array(SHADES[frame % 3], np.uint8) // 2
        row = random.integers(4, 40)
        picture[row : row + 5, 8:56] = 250
        Image.fromarray(picture.astype(np.uint8)).save(folder / f"{frame:03d}.jpg", quality=92)


def label_rows(*recordings: str) -> list[str]:
    return [f"{name},{frame},{CLASSES[frame % 3]}" for name in recordings for frame in range(FRAMES)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("home"))
    for number in range(2):
        record(home.folder / "recordings" / f"day {number}", number)
    record(home.folder / "later" / "day 2", 2)
    return home


def commit(home: Home, message: str) -> None:
    run_git(home.line, "add", "--all")
    run_git(home.line, "commit", "--quiet", "--no-verify", "--message", message)


# The tests are one story, told in this order.
def test_two_recordings_without_labels_become_a_line_that_says_what_to_do(home: Home) -> None:
    given = ["--videos", home.folder / "recordings", "--board", "nicla_vision", "--classes", ",".join(CLASSES)]
    said = home.tinyinspect("new", home.line, *given, *TINY, folder=home.clone)
    assert f"cd {home.line} && dvc repro" in said
    assert "to_annotate/to_annotate.csv" in home.call("dvc", "repro", fails=True)
    assert "tinyinspect label" in home.tinyinspect("summary")


def test_with_sixty_labels_a_model_is_trained_and_its_bundle_deployed(home: Home) -> None:
    first = home.folder / "first.csv"
    first.write_text("\n".join(["video,frame,label", *label_rows("day 0", "day 1")]) + "\n")
    assert "60 frames got a label" in home.tinyinspect("add", "--annotations", first)
    said = home.call("dvc", "repro")
    assert home.params()["data"]["classes"] == CLASSES
    for summary in (said, home.tinyinspect("summary")):
        for word in ("on the camera", "nicla_vision", "models/report.html", "models/openmv", "tinyinspect deploy"):
            assert word in summary, summary
    drive = home.folder / "drive"
    drive.mkdir()
    (drive / ".openmv_disk").touch()
    home.tinyinspect("deploy", "--drive", drive)
    assert (drive / "model.tflite").read_bytes() == (home.line / "models/openmv/model.tflite").read_bytes()
    assert json.loads((drive / "settings.json").read_text())["classifier"]["classes"] == CLASSES
    commit(home, "First model")


def test_an_experiment_keeps_classes_and_board(home: Home) -> None:
    home.call("dvc", "exp", "run", "-S", "seed=1", "train")
    found = home.params()
    assert (found["data"]["classes"], found["board"]["name"], found["seed"]) == (CLASSES, "nicla_vision", 1)
    commit(home, "Seed 1")


def test_a_third_recording_and_a_second_table_lose_no_label(home: Home) -> None:
    before = home.labels()
    second = home.folder / "second.csv"
    second.write_text("\n".join(["video,frame,label", *label_rows("day 2")]) + "\n")
    home.tinyinspect("add", "--videos", home.folder / "later", "--annotations", second)
    assert len(before) == 60 and before < home.labels() and len(home.labels()) == 90
    wrong = home.folder / "wrong.csv"
    wrong.write_text("video,frame,label\nday 0,0,größe ä\n")
    assert "wrong.csv line 2" in home.tinyinspect("add", "--annotations", wrong, fails=True)
    assert len(home.labels()) == 90


def test_a_queue_of_two_trains_on_all_labels(home: Home) -> None:
    home.call("dvc", "exp", "run", "--queue", "-S", "seed=2,3", "train")
    home.call("dvc", "exp", "run", "--run-all")
    seeds = set()
    for revision in home.call("dvc", "exp", "list", "--sha-only").split():
        params, lock = (yaml.safe_load(run_git(home.line, "show", f"{revision}:{name}")) for name in FILES)
        assert params["data"]["classes"] == CLASSES and params["board"]["name"] == "nicla_vision"
        assert lock["stages"]["train"]["params"]["params.yaml"]["seed"] == params["seed"]
        seeds.add(params["seed"])
    assert seeds == {2, 3}
