import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from dvclive import Live
from mlflow import MlflowClient
from mlflow.entities import ViewType
from mlflow.exceptions import MlflowException

from tinyinspect.errors import InputError
from tinyinspect.tracking import runs as tracking

PARAMS = {"seed": 0, "data": {"classes": ["good", "bad"]}, "train": {"epochs": 3, "rate": 0.1, "crop": None}}
BEGIN = "from tinyinspect.tracking import runs as tracking\nwith tracking.execution({}): pass"


@pytest.fixture(scope="session")
def new_store(tmp_path_factory) -> Path:
    """A folder with a store that two executions created at the same moment."""
    folder = tmp_path_factory.mktemp("store")
    both = [subprocess.Popen([sys.executable, "-c", BEGIN], cwd=folder) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    with sqlite3.connect(folder / "mlflow.db") as database:
        database.execute("DELETE FROM tags")
        database.execute("DELETE FROM runs")
        database.execute("UPDATE experiments SET artifact_location = NULL")
    return folder


@pytest.fixture
def workspace(tmp_path, new_store, monkeypatch) -> Path:
    shutil.copy(new_store / "mlflow.db", tmp_path)
    with sqlite3.connect(tmp_path / "mlflow.db") as database:
        database.execute("UPDATE experiments SET artifact_location = ?", [(tmp_path / "mlartifacts").as_uri()])
    monkeypatch.chdir(tmp_path)
    for name in ("MLFLOW_TRACKING_URI", "DVC_ROOT", "DVC_EXP_NAME"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def client(workspace) -> MlflowClient:
    return MlflowClient(f"sqlite:///{workspace / 'mlflow.db'}")


def runs(client: MlflowClient) -> list:
    experiment = client.get_experiment_by_name("tinyinspect").experiment_id
    return client.search_runs([experiment], run_view_type=ViewType.ALL, order_by=["attributes.start_time ASC"])


def statuses(client: MlflowClient) -> list[str]:
    return [run.info.status for run in runs(client)]


def history(client: MlflowClient, run_id: str, name: str) -> list[tuple[int, float]]:
    return sorted((point.step, point.value) for point in client.get_metric_history(run_id, name))


def train(steps: range, params: dict = PARAMS) -> str:
    with tracking.execution(params) as run:
        for step in steps:
            run.log_metrics({"train/loss": 1 / (step + 1), "validation/loss": 2.0}, step=step)
    return run.id


def test_train_begins_the_run_and_evaluate_finishes_it(client, workspace, monkeypatch):
    monkeypatch.setenv("DVC_EXP_NAME", "gray-fox")
    first = train(range(3))
    assert statuses(client) == ["RUNNING"]
    (workspace / "metrics.json").write_text("{}")
    (workspace / "plots").mkdir()
    (workspace / "plots" / "a.csv").write_text("x")
    with tracking.execution(PARAMS, finish=True) as run:
        run.log_summary({"int8": {"accuracy": 0.5, "note": "text", "recall": {"no good? (50 %)": 1}}, "lost": -0.25})
        run.log_artifacts([Path("metrics.json"), Path("plots"), Path("absent")])
    assert run.id == first
    (found,) = runs(client)
    assert found.info.status == "FINISHED"
    assert found.info.run_name == found.data.tags["dvc.experiment"] == "gray-fox"
    assert found.data.params == {
        "seed": "0",
        "data.classes": '["good", "bad"]',
        "train.epochs": "3",
        "train.rate": "0.1",
        "train.crop": "null",
    }
    summary = {"int8/accuracy": 0.5, "int8/recall/no good_ _50 __": 1, "lost": -0.25}
    assert found.data.metrics == summary | {"train/loss": 1 / 3, "validation/loss": 2}
    assert history(client, first, "train/loss") == [(0, 1), (1, 1 / 2), (2, 1 / 3)]
    assert {artifact.path for artifact in client.list_artifacts(first)} == {"metrics.json", "plots"}
    assert (workspace / "mlartifacts" / first / "artifacts" / "plots" / "a.csv").read_text() == "x"


def test_evaluate_after_a_cached_train_makes_a_whole_run(client):
    curves = {"train/loss": [(0, 1.0), (1, 0.5)]}
    with tracking.execution(PARAMS, finish=True) as first:
        first.complete_curves(curves)
    with tracking.execution(PARAMS, finish=True) as second:
        second.complete_curves(curves)
        second.complete_curves(curves)
    assert first.id != second.id
    assert statuses(client) == ["FINISHED", "FINISHED"]
    assert history(client, second.id, "train/loss") == curves["train/loss"]


def test_an_interrupted_training_goes_on_in_its_run_without_doubled_points(client):
    with pytest.raises(KeyboardInterrupt), tracking.execution(PARAMS) as run:
        run.log_metrics({"train/loss": 1.0}, step=0)
        run.log_metrics({"train/loss": 0.5}, step=1)
        raise KeyboardInterrupt
    assert statuses(client) == ["RUNNING"]
    assert train(range(3)) == run.id
    assert history(client, run.id, "train/loss") == [(0, 1), (1, 1 / 2), (2, 1 / 3)]


def test_an_error_marks_the_run_failed_and_the_next_begins_anew(client):
    with pytest.raises(InputError, match="no frame"), tracking.execution(PARAMS) as run:
        run.log_metrics({"train/loss": 1.0}, step=0)
        raise InputError("no frame")
    assert history(client, run.id, "train/loss") == [(0, 1)]
    assert train(range(1)) != run.id
    assert statuses(client) == ["FAILED", "RUNNING"]


def test_other_parameters_are_another_run_and_the_unfinished_one_is_given_up(client):
    first, second = train(range(1)), train(range(1), PARAMS | {"seed": 1})
    assert first != second
    assert statuses(client) == ["KILLED", "RUNNING"]


def test_another_workspace_keeps_its_run(client, workspace, monkeypatch):
    first = train(range(1))
    (workspace / "copy").mkdir()
    monkeypatch.chdir(workspace / "copy")
    monkeypatch.setenv("DVC_ROOT", str(workspace))
    assert train(range(1)) != first
    assert statuses(client) == ["RUNNING", "RUNNING"]


def test_many_epochs_cost_few_writes(client, monkeypatch):
    writes = []
    log_batch = MlflowClient.log_batch
    monkeypatch.setattr(MlflowClient, "log_batch", lambda *a, **k: (writes.append(1), log_batch(*a, **k))[1])
    monkeypatch.setattr(tracking, "SECONDS_BETWEEN_WRITES", 1000)
    run_id = train(range(600))
    assert len(writes) <= 4
    assert len(history(client, run_id, "train/loss")) == 600


def test_a_store_that_breaks_warns_once_and_training_goes_on(workspace):
    steps = []
    with pytest.warns(UserWarning, match="no longer sent to MLflow") as warned, tracking.execution(PARAMS) as run:
        with sqlite3.connect(workspace / "mlflow.db") as database:
            database.execute("DROP TABLE latest_metrics")
        for step in range(4):
            run.log_metrics({"train/loss": 1.0}, step=step)
            run.flush()
            steps.append(step)
    assert len(steps) == 4
    # Python 3.13 also warns of databases that nobody closed, MLflow's among them.
    assert len([one for one in warned if one.category is not ResourceWarning]) == 1
    with pytest.raises(InputError, match=r"mlflow\.db cannot be used"):
        run.log_summary({"accuracy": 1.0})


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://127.0.0.1:9", "start that server, or unset MLFLOW_TRACKING_URI"),
        ("ftp://x", "unset MLFLOW_TRACKING_URI"),
        ("sqlite:///{}/no.db", "it is no SQLite database; rename it to begin a new one"),
        ("{}/mlruns", "MLflow no longer writes to folders; unset it"),
        ("file://{}/mlruns", "MLflow no longer writes to folders; unset it"),
        ("sqlite:///{}/folder.db", "is a folder, and MLflow's store is a file of that name; rename the folder"),
    ],
)
def test_a_store_that_does_not_answer_is_told_in_one_sentence(address, words, workspace, monkeypatch):
    (workspace / "no.db").write_text("no database" * 1000)
    (workspace / "folder.db").mkdir()
    address = address.format(workspace)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    with pytest.raises(InputError) as told, tracking.execution(PARAMS):
        pass
    assert words in str(told.value) and address.removeprefix("sqlite:///") in str(told.value)
    assert "\n" not in str(told.value)


def test_a_locked_store_is_waited_for_and_never_moved_away(workspace, capfd):
    """SQLite waits for five seconds, and MLflow asks several times."""
    with sqlite3.connect(workspace / "mlflow.db") as database:
        database.execute("BEGIN EXCLUSIVE")
        with (
            pytest.raises(InputError, match=r"mlflow\.db cannot be used: another program holds it; close that") as told,
            tracking.execution(PARAMS),
        ):
            pass
        database.rollback()
    assert "rename" not in str(told.value) and "Traceback" not in capfd.readouterr().err


def test_a_full_disk_is_not_the_stores_fault(workspace, monkeypatch):
    def full(*_, **__):
        raise MlflowException("(sqlite3.OperationalError) database or disk is full")

    monkeypatch.setattr(MlflowClient, "create_run", full)
    with pytest.raises(MlflowException), tracking.execution(PARAMS):
        pass


def test_the_store_stands_at_the_projects_root(tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    inner = tmp_path / "project" / "real"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    monkeypatch.setenv("DVC_ROOT", str(inner))
    assert tracking.store() == f"sqlite:///{inner}/mlflow.db"
    (tmp_path / "project" / "pyproject.toml").touch()
    assert tracking.store() == f"sqlite:///{tmp_path}/project/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://server")
    assert tracking.store() == "http://server"


def test_curves_are_read_as_dvclive_writes_them(tmp_path):
    with Live(str(tmp_path / "train"), save_dvc_exp=False, dvcyaml=None, report=None) as live:
        for loss in (2.0, 1.5):
            live.log_metric("train/loss", loss)
            live.log_metric("accuracy", 1 / loss)
            live.next_step()
    (tmp_path / "pretrain.csv").write_text("epoch,loss\n1,4.5\n2,4.25\n")
    assert tracking.read_curves(tmp_path / "train", tmp_path / "pretrain.csv") == {
        "accuracy": [(0, 0.5), (1, 1 / 1.5)],
        "train/loss": [(0, 2.0), (1, 1.5)],
        "pretrain/loss": [(1, 4.5), (2, 4.25)],
    }
    assert tracking.read_curves(tmp_path / "no", tmp_path / "no.csv") == {}


def test_the_data_hash_is_dvcs_or_changes_with_the_listing(tmp_path):
    videos = tmp_path / "data" / "videos"
    videos.mkdir(parents=True)
    (videos / "a.avi").write_bytes(b"1")
    first = tracking.data_hash(tmp_path)
    (videos / "a.avi").write_bytes(b"12")
    assert tracking.data_hash(tmp_path) != first
    (tmp_path / "data.dvc").write_text("outs:\n- md5: 0123.dir\n  path: data\n")
    assert tracking.data_hash(tmp_path) == "0123.dir"
