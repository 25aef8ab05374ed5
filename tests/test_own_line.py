"""The story of README's "A line of your own" at small settings, as a person types it: `make test-tour`."""

import json
import shutil
import time
from pathlib import Path

import pandas as pd
import pytest
import yaml

from tests.cli.running import typed
from tinyinspect.deployment.deploy import MARK
from tinyinspect.review.sweeps import UNFINISHED, read_sweeps

ROOT = Path(__file__).parents[1]
CLASSES = ["no_mask", "good", "defective"]
SETTINGS = [
    "teacher=none",
    "extract.fps=1",
    "select.train_frames=40",
    "pretrain.epochs=1",
    "pretrain.batch_size=64",
    "train.epochs=40",
    "quantize.calibration_frames=50",
    "accept.beat_constant=false",  # what so few labels teach is not the matter here
]
COLUMNS = ["video", "frame", "label"]


@pytest.fixture(scope="module")
def truth() -> pd.DataFrame:
    return pd.read_csv(ROOT / "annotations" / "simulated_line.csv")[COLUMNS].drop_duplicates()


@pytest.fixture
def line(tmp_path: Path) -> Path:
    """Where the line will be, in a home that knows neither Git nor DVC; recordings lie beside it."""
    for day, names in {"monday": ["line_00.avi", "line_05.avi"], "tuesday": ["line_02.avi"]}.items():
        (tmp_path / day).mkdir()
        for name in names:
            shutil.copy(ROOT / "data" / "videos" / name, tmp_path / day)
    (tmp_path / "home").mkdir()
    return tmp_path / "line"


def labels(line: Path) -> set[tuple[str, int, str]]:
    """Every label that Git holds."""
    found = set()
    for name in typed("git", "ls-files", "annotations/*.csv", at=line).split():
        table = pd.read_csv(line / name)
        assert typed("git", "show", f"HEAD:{name}", at=line) == (line / name).read_text()
        if "label" in table:
            found |= set(table[COLUMNS].itertuples(index=False, name=None))
    return found


@pytest.mark.slow
def test_a_line_from_two_recordings_to_the_camera(
    line: Path, truth: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(line.parent / "home"))
    given = ["--videos", line.parent / "monday", "--classes", ",".join(CLASSES), "--board", "nicla_vision"]
    typed("tinyinspect", "new", line, *given, *SETTINGS, at=ROOT)

    said = typed("dvc", "repro", at=line, fails=True)
    assert "tinyinspect label" in said and "to_annotate/to_annotate.csv" in said
    wanted = pd.read_csv(line / "to_annotate" / "to_annotate.csv")
    filled = wanted.drop(columns="label").merge(truth, how="left", on=["video", "frame"])
    filled.loc[filled.sample(len(filled) - 60, random_state=0).index, "label"] = ""
    filled.to_csv(line / "to_annotate" / "to_annotate.csv", index=False)
    assert "60 labels typed into" in typed("dvc", "repro", at=line, fails=True)
    said = typed("dvc", "repro", at=line)
    assert "next" in said and "tinyinspect deploy" in said and "have none yet" in said
    first = len(pd.read_csv(line / "predictions.csv"))
    typed("git", "add", "--all", at=line)
    typed("git", "commit", "--quiet", "--message", "First model", at=line)
    mine = labels(line)
    test_set = line / "annotations" / "test_set.csv"
    tested = test_set.read_text()
    assert len(mine) == 60 and pd.read_csv(test_set)["frame"].count() == first

    typed("dvc", "exp", "run", "-S", "seed=1", at=line)
    params = yaml.safe_load((line / "params.yaml").read_text())
    assert (params["seed"], params["data"]["classes"], params["board"]["name"]) == (1, CLASSES, "nicla_vision")
    assert test_set.read_text() == tested

    more = truth[truth["video"] == "line_02.avi"].iloc[::30]
    more.to_csv(line.parent / "tuesday.csv", index=False)
    brought = ["--videos", line.parent / "tuesday", "--annotations", line.parent / "tuesday.csv"]
    typed("tinyinspect", "add", *brought, at=line)
    assert labels(line) == mine | set(more.itertuples(index=False, name=None))

    for seed in (2, 3):
        typed("dvc", "exp", "run", "--queue", "-S", f"seed={seed}", "--name", f"seed-{seed}", at=line)
    typed("dvc", "queue", "start", "-j", "2", at=line)
    while set((sweeps := read_sweeps(line))["state"]) & UNFINISHED:
        time.sleep(5)
    assert set(sweeps.set_index("experiment").loc[["seed-2", "seed-3"], "state"]) == {"success"}, sweeps
    for seed in (2, 3):
        used = typed("git", "show", f"{experiment(line, seed)}:trained_on.csv", at=line)
        params = yaml.safe_load(typed("git", "show", f"{experiment(line, seed)}:params.yaml", at=line))
        assert "line_02.avi" in used
        assert (params["seed"], params["data"]["classes"], params["board"]["name"]) == (seed, CLASSES, "nicla_vision")
    assert labels(line) == mine | set(more.itertuples(index=False, name=None))
    assert set(tested.splitlines()) <= set(test_set.read_text().splitlines())

    drive = line.parent / "drive"
    drive.mkdir()
    (drive / MARK).touch()
    typed("tinyinspect", "deploy", "--drive", drive, at=line / "annotations")
    assert (drive / "model.tflite").read_bytes() == (line / "models" / "openmv" / "model.tflite").read_bytes()
    assert json.loads((drive / "settings.json").read_text())["classifier"]["classes"] == CLASSES


def experiment(line: Path, seed: int) -> str:
    """The commit of an experiment of the queue."""
    (found,) = typed("git", "for-each-ref", "--format=%(objectname)", f"refs/exps/**/seed-{seed}", at=line).split()
    return found
