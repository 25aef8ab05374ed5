"""A gate and a classifier trained beside a project: a small DVC project whose one stage takes no time."""

from pathlib import Path

import pytest

from tests.experiments import made_project
from tests.project.conftest import run_git
from tinyinspect.errors import InputError
from tinyinspect.project.pair import train_pair

GRAPH = """\
stages:
  make:
    cmd: python make.py
    deps: [make.py]
    params: [seed, model, board]
    outs: [dataset, models/openmv, models/model_int8.tflite]
"""
MAKE = """\
import yaml
from pathlib import Path
text = Path("params.yaml").read_text()
assert yaml.safe_load(text)["seed"] < 2
for name in ("dataset/frame.jpg", "models/openmv/settings.json", "models/model_int8.tflite"):
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text)
"""
OWN = "seed: 0\nmodel: resnet9_small\nboard: openmv_h7\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    files = {"dvc.yaml": GRAPH, "make.py": MAKE, "params.yaml": OWN}
    return made_project(tmp_path / "project", files, "own model", monkeypatch)


def test_both_are_made_for_one_board_and_the_project_stays_as_it_is(project: Path, tmp_path: Path) -> None:
    (project / "make.py").write_text(f"{MAKE}print('not committed yet')\n")
    gate, classifier = train_pair(project, "openmv_h7_plus", [], ["seed=1"], tmp_path / "made")
    model = "mobilenetv2_metric"
    assert (gate / "models/openmv/settings.json").read_text() == f"seed: 0\nmodel: {model}\nboard: openmv_h7_plus\n"
    for part in ("params.yaml", "dataset/frame.jpg", "models/openmv/settings.json", "models/model_int8.tflite"):
        assert (classifier / part).read_text() == "seed: 1\nmodel: resnet9_small\nboard: openmv_h7_plus\n"
    assert (project / "models/openmv/settings.json").read_text() == OWN
    assert run_git(project, "status", "--porcelain").split() == ["M", "make.py"]


def test_a_stage_that_fails_is_one_sentence_with_the_experiment(project: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^a stage of cascade-gate-\d+-\d+ failed, and said why above"):
        train_pair(project, "openmv_h7_plus", ["seed=2"], [], tmp_path / "made")


def test_labels_that_an_experiment_would_lack_come_first(project: Path, tmp_path: Path) -> None:
    (project / "annotations").mkdir()
    (project / "annotations/labels.csv").write_text("video,frame,label\n")
    with pytest.raises(InputError, match=r"Git does not know annotations/labels\.csv.*`git add annotations`"):
        train_pair(project, "openmv_h7_plus", [], [], tmp_path / "made")
    assert not (tmp_path / "made").exists()
