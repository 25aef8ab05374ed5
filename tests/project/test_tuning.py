"""Optuna proposes, cross-validation judges, DVC runs the finalists: played on a small project of bars and blanks."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import optuna
import pytest
import yaml
from optuna.trial import TrialState

from tests.cli.running import run
from tests.experiments import made_project
from tests.project.conftest import run_git
from tinyinspect.config.loading import check
from tinyinspect.config.params import Params
from tinyinspect.errors import InputError
from tinyinspect.project.compose import composed
from tinyinspect.project.tuning import command, cost
from tinyinspect.project.tuning.command import tune
from tinyinspect.project.tuning.cost import Cost
from tinyinspect.project.tuning.finalists import finalists, front
from tinyinspect.project.tuning.preset import preset_path, write_preset
from tinyinspect.project.tuning.space import read_space
from tinyinspect.project.tuning.trials import Trials
from tinyinspect.project.tuning.words import sentences, table
from tinyinspect.review.sweeps import read_sweeps

ROOT = Path(__file__).parents[2]
GRAPH = """\
stages:
  dataset:
    cmd: python dataset.py
    deps: [dataset.py]
    outs: [dataset]
  measure:
    cmd: python measure.py
    deps: [measure.py, dataset]
    params: [seed, model, train]
    metrics:
      - metrics.json: {cache: false}
      - device.json: {cache: false}
"""
DATASET = """\
import numpy as np
from pathlib import Path
from PIL import Image
random = np.random.default_rng(0)
for split in ("train", "validation"):
    for name in ("bar", "blank"):
        folder = Path("dataset", split, "frames", name)
        folder.mkdir(parents=True)
        for number in range(9 if split == "train" else 1):
            picture = random.integers(0, 120, (48, 64, 3), np.uint8)
            if name == "bar":
                row = random.integers(8, 36)
                picture[row : row + 5, 8:56] = 250
            Image.fromarray(picture).save(folder / f"{split}-{number}.jpg")
"""
MEASURE = """\
import json, yaml
from pathlib import Path
params = yaml.safe_load(Path("params.yaml").read_text())
accuracy = 0.9 if params["train"]["rotation"] == 30 else 0.8
measures = {"tflite_micro": {"accuracy": accuracy, "balanced_accuracy": accuracy}}
Path("metrics.json").write_text(json.dumps(measures | {"quantization": {"accuracy_lost_points": 0.5}}))
Path("device.json").write_text(json.dumps({"file_bytes": 12345, "milliseconds": params["model"]["channels"][0]}))
"""
OWN = """\
# @package _global_
defaults:
  - override /pretrain: none
  - _self_
data: {classes: [bar, blank]}
train: {epochs: 2, noise: 0.01}
"""
TRIED = "model: [search/width6]\ntrain.rotation: [5]\ntrain.noise: [0, 0.05]\n"


@pytest.fixture
def line(tmp_path: Path) -> Path:
    """The settings of a line, without a graph."""
    root = tmp_path / "line"
    shutil.copytree(ROOT / "conf", root / "conf")
    (root / "conf/line").mkdir()
    (root / "conf/line/own.yaml").write_text(OWN)
    (root / "conf/tune/classifier.yaml").write_text(TRIED)
    return root


@pytest.fixture
def project(line: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A line whose graph makes a dataset at once, and measures nothing but what was set."""
    conf = {path.relative_to(line).as_posix(): path.read_text() for path in (line / "conf").rglob("*.yaml")}
    files = {"dvc.yaml": GRAPH, "dataset.py": DATASET, "measure.py": MEASURE, ".gitignore": "/optuna.db\n/.resume/\n"}
    params = {"params.yaml": yaml.safe_dump(composed(line / "conf", []))}
    root = made_project(line.parent / "project", conf | files | params, "start", monkeypatch)
    subprocess.run(["dvc", "config", "hydra.enabled", "true"], cwd=root, check=True)
    run_git(root, "commit", "--all", "--quiet", "--message", "composed by Hydra")
    return root


@pytest.fixture
def known_costs(monkeypatch: pytest.MonkeyPatch) -> list[Params]:
    """Networks cost a millisecond a channel; what was asked for."""
    asked: list[Params] = []

    def measured(root: Path, params: Params) -> Cost:
        asked.append(params)
        return Cost(milliseconds=params.model.channels[0], file_bytes=1000)

    monkeypatch.setattr(cost, "_measured", measured)
    monkeypatch.setattr(command, "GRAPH_SECONDS", 1e6)  # no time for experiments
    return asked


def test_a_search_ends_with_experiments_a_table_and_a_preset(
    project: Path, known_costs: list[Params], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "GRAPH_SECONDS", 1.0)
    found = tune(project, [], 20, "tuned", None)
    told = found.study.get_trials(deepcopy=False, states=[TrialState.COMPLETE, TrialState.PRUNED])
    assert told[0].number == 0 and not any(told[0].params.values())
    assert sorted(found.space.overrides(one.params) for one in told) == [
        [],
        ["model=search/width6"],
        ["model=search/width6", "train.rotation=5"],
        ["train.rotation=5"],
    ]  # the line itself sets the noise
    assert len(known_costs) == 2
    best = front(found.study)[0]
    shown = read_sweeps(project).set_index("experiment")
    ran = finalists(found.study)
    assert {0, best.number} <= {one.number for one in ran} and len(shown) == len(ran) == len(found.measures) <= 3
    for one in ran:
        (row,) = [shown.loc[name] for name in shown.index if f".{one.number}." in name]
        assert row["ms"] == found.measures[one.number]["ms"] == (6 if one.params["model"] else 8)
    assert table(found).row_count >= len(ran)
    said = sentences(found)
    assert said[0].startswith("4 trials: ")
    if best.number:
        assert found.preset == project / "conf/experiment/tuned.yaml" and "experiment=tuned" in said[-1]
        chosen = composed(project / "conf", ["experiment=tuned"])
        assert chosen == composed(project / "conf", found.space.overrides(best.params))
        assert "On the camera" in found.preset.read_text()
    else:
        assert found.preset is None and "nothing beats" in said[-1]
    assert not list((project / ".resume").glob("*"))
    again = tune(project, [], 20, "tuned", None)
    assert len(again.study.trials) == len(found.study.trials) and len(read_sweeps(project)) == len(shown)


def test_what_the_board_cannot_take_is_not_trained(
    project: Path, known_costs: list[Params], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Trials, "_right", _bars_at_small_angles)
    found = tune(project, ["app.debounce_frames=5"], 20, "tuned", 7)
    states = [TrialState.COMPLETE, TrialState.PRUNED]
    told = {" ".join(found.space.overrides(one.params)): one for one in found.study.get_trials(states=states)}
    assert told["train.rotation=5"].user_attrs["why"] == "refused" and not told["train.rotation=5"].intermediate_values
    assert told[""].state == TrialState.COMPLETE  # the settings as they are, which break the limit too
    best = found.best()
    assert best and best.params == {"model": "search/width6", "train.rotation": 5}
    assert not found.measures and found.preset
    said = sentences(found)
    assert "2 refused" in said[0] or "1 refused" in said[0]
    assert said[1] == "the settings as they are do not fit: an inference takes 8.0 ms"
    kept = composed(project / "conf", ["experiment=tuned"])
    assert (kept["app"]["debounce_frames"], kept["train"]["rotation"]) == (5, 5)


def _bars_at_small_angles(trials: Trials, params: Params, rows: list[Any]) -> Any:
    """In place of a training: a smaller rotation recognises more."""
    right = trials._labelled.labels >= 0
    right[: int(params.train.rotation)] = False
    return right


def test_ctrl_c_keeps_what_was_found(project: Path, known_costs: list[Params], monkeypatch: pytest.MonkeyPatch) -> None:
    """In the first trial there is nothing yet; in the second there is, and the first is not lost."""

    def in_the_first(trials: Trials, params: Params, rows: list[Any]) -> Any:
        if trials.study.trials:
            raise KeyboardInterrupt
        return _bars_at_small_angles(trials, params, rows)

    def in_the_second(trials: Trials, params: Params, rows: list[Any]) -> Any:
        if trials.start_is_scored():
            raise KeyboardInterrupt
        return _bars_at_small_angles(trials, params, rows)

    monkeypatch.setattr(Trials, "_right", in_the_first)
    with pytest.raises(KeyboardInterrupt):
        tune(project, [], 20, "tuned", None)
    monkeypatch.setattr(Trials, "_right", in_the_second)
    found = tune(project, [], 20, "tuned", None)
    assert found.interrupted and [one.state for one in found.study.trials].count(TrialState.RUNNING) == 1
    assert table(found).row_count == 1 and "nothing beats" in sentences(found)[-1]


def test_a_preset_of_a_person_stays(tmp_path: Path) -> None:
    (tmp_path / "conf/experiment").mkdir(parents=True)
    path = preset_path(tmp_path, "tuned")
    write_preset(
        path, ROOT / "conf", ["experiment=smoke", "model=resnet9", "seed=3", "extract.crop=[1,2,3,4]"], ["Found."]
    )
    write_preset(preset_path(tmp_path, "tuned"), ROOT / "conf", ["seed=3"], ["Found again."])
    path.write_text(path.read_text().replace("seed: 3", "seed: 4"))
    with pytest.raises(InputError, match=r"tuned.yaml was written or changed by a person; give another --name"):
        preset_path(tmp_path, "tuned")
    with pytest.raises(InputError, match="names no preset"):
        preset_path(tmp_path, "../tuned")


def test_a_preset_makes_its_settings(line: Path) -> None:
    given = ["experiment=smoke", "model=resnet9", "seed=3", "extract.crop=[1,2,3,4]", "app.known_led=red"]
    write_preset(preset_path(line, "mine"), line / "conf", given, ["Found."])
    assert composed(line / "conf", ["experiment=mine"]) == composed(line / "conf", given)


def test_a_crop_is_a_square_about_the_centre(line: Path) -> None:
    tried = "extract.crop: [0.5, 1]\ntrain.rotation: [30, 5]\nmodel: [resnet9_small]\n"  # some are so already
    (line / "conf/tune/classifier.yaml").write_text(tried)
    start = check(composed(line / "conf", []), "conf/", Params)
    space = read_space(line, [], start, (64, 48))
    assert space.choices == {"extract.crop": (None, 0.5), "train.rotation": (None, 5)} and space.size == 4
    assert space.params({"extract.crop": 0.5, "train.rotation": None}).extract.crop == (20, 12, 24, 24)
    assert "extract.crop" not in read_space(line, [], start, None).values  # frames of several sizes


@pytest.mark.parametrize(
    ("tried", "sentence"),
    [
        ("train.rotaton: [1]", r"unknown parameter 'train.rotaton'; did you mean 'train.rotation'\?"),
        ("train.rotation: 5", "is no list of values"),
        ("extract.crop: [2]", "list shares of a frame's side"),
        ("train.rotation: [30]", "lists nothing to try"),
        ("train: [", "is not YAML"),
        ("model: [resnet8]", "conf/model has no 'resnet8'"),
    ],
)
def test_a_space_that_is_wrong_is_one_sentence(line: Path, tried: str, sentence: str) -> None:
    (line / "conf/tune/classifier.yaml").write_text(tried)
    start = check(composed(line / "conf", []), "conf/", Params)
    with pytest.raises(InputError, match=sentence):
        read_space(line, [], start, (64, 48))


def test_new_labels_begin_a_new_search_and_what_cannot_be_tuned_is_one_sentence(
    project: Path, known_costs: list[Params], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Trials, "_right", _bars_at_small_angles)
    with pytest.raises(InputError, match=r"^a gate cannot be tuned, .*`tinyinspect search` runs experiments$"):
        tune(project, ["model=mobilenetv2_metric", "task.normal_classes=[bar]"], 1, "tuned", None)
    with pytest.raises(InputError, match=r"another select.test_frames than conf/; run `tinyinspect compose select"):
        tune(project, ["select.test_frames=3"], 1, "tuned", None)
    with pytest.raises(InputError, match=r"^1e-05 minutes are too few for two trials, .*; give --minutes [0-9]+$"):
        tune(project, [], 0.00001, "tuned", None)
    assert not (project / "conf/experiment/tuned.yaml").exists()
    done = run("tune", "--name", "smoke", folder=project)
    assert done.returncode == 1 and "was written or changed by a person" in done.stderr
    first = tune(project, [], 20, "tuned", None)
    (project / "dataset.py").write_text(DATASET.replace("range(9", "range(8"))
    with pytest.raises(InputError, match=r"^the stage dataset is not done .*; run `dvc repro dataset`$"):
        tune(project, [], 20, "tuned", None)
    subprocess.run(["dvc", "repro", "--quiet", "dataset"], cwd=project, check=True)
    assert tune(project, [], 20, "tuned", None).study.study_name != first.study.study_name
    shutil.rmtree(project / "dataset")
    with pytest.raises(InputError, match=r"run `dvc repro dataset`$"):
        tune(project, [], 20, "tuned", None)


def test_a_cost_is_worked_out_once(line: Path, known_costs: list[Params]) -> None:
    params = check(composed(line / "conf", []), "conf/", Params)
    study = optuna.create_study()
    assert cost.cost_of(study, line, params, None).refusal == ""
    assert cost.cost_of(study, line, params, 7.9).refusal == "an inference takes 8.0 ms"
    assert len(known_costs) == 1


def test_the_cost_of_a_network_is_that_of_its_file() -> None:
    small = check(composed(ROOT / "conf", ["board=openmv_m7"]), "conf/", Params)
    large = check(composed(ROOT / "conf", ["board=openmv_m7", "model.input_size=128"]), "conf/", Params)
    found = [cost._measured(ROOT, one) for one in (small, large)]
    assert found[0].refusal == "" and 50 < found[0].milliseconds < 70 and 80_000 < found[0].file_bytes < 100_000
    assert "memory" in found[1].refusal or "arena" in found[1].refusal
