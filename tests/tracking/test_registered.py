"""The int8 file as a registered MLflow model, in a store that is then moved."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import mlflow
import pandas as pd
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from tests.evaluation.shapes import CLASSES
from tinyinspect.files import write_json
from tinyinspect.tasks.classifier.decision import ScoreLimits
from tinyinspect.tracking import runs as tracking
from tinyinspect.tracking.addresses import follow
from tinyinspect.tracking.registered import register

MODELS = Path(__file__).parents[1] / "evaluation" / "models"
NAME = "tinyinspect-classifier"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "first"
    (folder / "models").mkdir(parents=True)
    shutil.copy(MODELS / "model_int8.tflite", folder / "models")
    limits = ScoreLimits(temperature=1.2, min_score=0.6, unsure_below=0.5, held_out=60, error_rate=0, counted=1)
    write_json(limits, folder / "models" / "decision.json")
    monkeypatch.chdir(folder)
    for name in ("MLFLOW_TRACKING_URI", "DVC_ROOT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DVC_EXP_NAME", "stem.seed=1")
    yield folder
    os.environ.pop("MLFLOW_TRACKING_URI", None)  # MLflow sets it with the store


def test_it_is_logged_with_its_signature_judges_a_picture_and_survives_a_move(project, tmp_path, monkeypatch, picture):
    with tracking.execution({"seed": 1}) as run:
        run.log_summary({"summary": {"accuracy on the camera": 0.9}})
        assert register(run, "classifier", CLASSES, picture, accepted=True) == f"models:/{NAME}/1"
    with tracking.execution({"seed": 2}) as run:
        register(run, "classifier", CLASSES, picture, accepted=False)
    client = MlflowClient(tracking.store())
    experiment = client.get_experiment_by_name("tinyinspect")
    assert experiment.tags["mlflow.experimentKind"] == "custom_model_development"
    assert {one.data.tags["sweep"] for one in client.search_runs([experiment.experiment_id])} == {"stem"}
    aliases = {name: client.get_model_version_by_alias(NAME, name).version for name in ("newest", "accepted")}
    assert {name: int(version) for name, version in aliases.items()} == {"newest": 2, "accepted": 1}

    moved = tmp_path / "second"
    project.rename(moved)
    monkeypatch.chdir(moved)
    assert follow(moved / "mlflow.db", "tinyinspect", moved / "mlartifacts")
    assert not follow(moved / "mlflow.db", "tinyinspect", moved / "mlartifacts")
    mlflow.set_tracking_uri(tracking.store())
    model = mlflow.pyfunc.load_model(f"models:/{NAME}@accepted")
    assert [column.name for column in model.metadata.signature.inputs] == ["picture"]
    said = model.predict(pd.DataFrame({"picture": [picture.read_bytes()]}))
    assert said["answer"][0] in CLASSES and 0 < said["score"][0] <= 1
    with pytest.raises(MlflowException, match="holds something else"):
        model.predict(pd.DataFrame({"picture": [b"no picture"]}))


@pytest.mark.parametrize(("name", "sweep"), [("stem.seed=1", "stem"), ("stem-2", "stem"), ("gray-fox", "gray-fox")])
def test_experiments_are_grouped_by_the_name_of_their_sweep(name, sweep):
    assert tracking.sweep_of(name) == sweep


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    from PIL import Image

    path = tmp_path / "picture.jpg"
    Image.effect_noise((320, 240), 60).convert("RGB").save(path)
    return path
