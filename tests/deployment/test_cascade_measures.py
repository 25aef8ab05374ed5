"""What gate and classifier make of pictures together: real networks, small ones, on real frames."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from tests.openmv_app.bundles import CLASSES, LIMITS, MODEL, labelled, write_test_bundle, write_test_gate
from tinyinspect.camera import model_view
from tinyinspect.config.loading import check
from tinyinspect.config.params import Params
from tinyinspect.deployment.bundle import README
from tinyinspect.device.microcontroller import MicroRuntime
from tinyinspect.evaluation.source import Answer
from tinyinspect.project.compose import composed
from tinyinspect.selection.labelled import frames_folder
from tinyinspect.tasks.cascade import classifier_of, gate_of, read_halves
from tinyinspect.tasks.cascade_measures import Measures, measure, sentence, table
from tinyinspect.tasks.classifier.answers import answers
from tinyinspect.tasks.classifier.unknown import pictures

ROOT = Path(__file__).parents[2]
PARAMS = check(composed(ROOT / "conf", []), "conf/", Params)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real test frame of each class."""
    folder, frames = tmp_path_factory.mktemp("project") / "dataset", labelled()
    for picture, label, name in zip(frames.pictures, frames.labels, frames.names, strict=True):
        place = frames_folder(folder, "test") / CLASSES[label]
        place.mkdir(parents=True)
        Image.fromarray(picture).save(place / name, quality=95)
    return folder


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_test_gate(tmp_path_factory.mktemp("gate") / "openmv")


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_test_bundle(tmp_path_factory.mktemp("classifier") / "openmv")


@pytest.fixture(scope="module")
def measures(gate: Path, classifier: Path, dataset: Path) -> Measures:
    first, second = read_halves(gate, classifier)
    pair = (first.model, gate_of(first)), (second.model, classifier_of(second))
    return measure(*pair, dataset, task=PARAMS.task, seed=0)


def test_every_class_and_every_kind_of_foreign_picture_has_a_group(measures: Measures) -> None:
    assert [group.name for group in measures.classes] == CLASSES
    assert [group.name for group in measures.foreign] == ["camera faults", "photos", "foreign objects"]
    for group in [*measures.classes, *measures.foreign]:
        assert group.number > 0 and group.unsure >= 0 and group.wrong <= group.wrong_alone


def test_frames_of_the_line_pass_and_get_what_the_classifier_says(measures: Measures) -> None:
    for group, said in zip(measures.classes, answers_of(labelled().pictures), strict=True):
        right, wrong = (said.counts and (said.answer == group.name) is wanted for wanted in (True, False))
        assert (group.number, group.unknown, group.right, group.wrong) == (1, 0, right, wrong)


def answers_of(shown: list[np.ndarray]) -> list[Answer]:
    network = MicroRuntime(MODEL)
    views = np.stack([model_view(picture, network.input_size) for picture in shown]).astype(np.int16) - 128
    return answers(network.outputs(views.astype(np.int8)), LIMITS, CLASSES)


def test_the_gate_stops_what_the_classifier_would_have_named(measures: Measures) -> None:
    assert all(group.right == 0 for group in measures.foreign)
    stopped = sum(group.unknown for group in measures.foreign)
    assert stopped > 0
    assert sum(group.wrong for group in measures.foreign) < sum(group.wrong_alone for group in measures.foreign)


def test_without_the_gate_it_is_what_the_classifier_alone_answers(measures: Measures, dataset: Path) -> None:
    for name, shown in pictures(dataset, classes=CLASSES, task=PARAMS.task, seed=0).items():
        (group,) = [group for group in measures.foreign if group.name == name]
        assert group.wrong_alone == sum(answer.counts for answer in answers_of(shown))


def test_the_table_has_a_row_a_group_whose_shares_add_up(measures: Measures) -> None:
    shown = table(measures)
    assert len(shown.rows) == 6
    for row in shown.rows:
        assert sum(map(float, row[2:6])) == pytest.approx(100, abs=0.21)


def test_the_sentence_says_what_the_gate_is_there_for(measures: Measures) -> None:
    number = sum(group.number for group in measures.foreign)
    assert sentence(measures).startswith(f"Of {number} pictures of none of the classes, ")


def run(root: Path, gate: Path, classifier: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).parent / "tinyinspect", "cascade", "--gate", gate, "--classifier", classifier]
    environment = os.environ | {"COLUMNS": "120", "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, env=environment)


@pytest.fixture
def project(dataset: Path, tmp_path: Path) -> Path:
    """A project whose model is the bundle's."""
    shutil.copytree(dataset, tmp_path / "dataset")
    shutil.copytree(ROOT / "conf/board", tmp_path / "conf/board")
    (tmp_path / "models").mkdir()
    shutil.copy(MODEL, tmp_path / "models/model_int8.tflite")
    (tmp_path / "dvc.yaml").touch()
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(composed(ROOT / "conf", [])))
    return tmp_path


def test_the_command_measures_and_the_bundle_says_it(project: Path, gate: Path, classifier: Path) -> None:
    done = run(project, gate, classifier)
    assert (done.returncode, done.stderr) == (0, "")
    assert "gate and classifier together" in done.stdout and "camera faults" in done.stdout
    text = " ".join((project / "models/cascade" / README).read_text().split())
    assert "pictures of none of the classes, " in text and "without the gate" in text


def test_another_model_in_the_project_is_told_and_not_measured(project: Path, gate: Path, classifier: Path) -> None:
    (project / "models/model_int8.tflite").write_bytes(b"TFL3")
    done = run(project, gate, classifier)
    assert done.returncode == 0 and "not measured: this project's model is not" in done.stdout
    assert "none of the classes" not in (project / "models/cascade" / README).read_text()
