"""One MLflow run per pipeline execution: begun by ``train``, finished by ``track``.

The store is ``mlflow.db`` (SQLite) at the root of the project, for experiments in temporary workspaces too, or the
server that ``MLFLOW_TRACKING_URI`` names. The two stages find the same run by a key: a hash of parameters, commit,
experiment name, data and workspace. A stage that was interrupted leaves its run RUNNING, and the next attempt goes on
with it; where ``train`` came from DVC's cache, ``track`` begins a run and logs the curves from their files.
"""

import csv
import getpass
import hashlib
import json
import logging
import os
import re
import socket
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from filelock import FileLock

from tinyinspect import git
from tinyinspect.errors import InputError, machine_fault
from tinyinspect.tracking.addresses import follow

if TYPE_CHECKING:
    from mlflow import MlflowClient

EXPERIMENT = "tinyinspect"
KEY_TAG, WORKSPACE_TAG, SWEEP_TAG = "tinyinspect.key", "tinyinspect.workspace", "sweep"
# What MLflow's page opens an experiment with: its training runs.
KIND = {"mlflow.experimentKind": "custom_model_development"}
SECONDS_BETWEEN_WRITES = 5.0
METRICS_A_WRITE, PARAMS_A_WRITE = 1000, 100  # MLflow's limits for one batch
_OTHER = "or name another store with MLFLOW_TRACKING_URI"
# What MLflow and SQLite say of a store, and what helps.
_REMEDIES = {
    "database is locked": "another program holds it; close that (`make mlflow`, a database browser) and run the same "
    "command again",
    "file is not a database": f"it is no SQLite database; rename it to begin a new one, {_OTHER}",
    "malformed": f"it is damaged; bring it back from a backup or rename it to begin a new one, {_OTHER}",
    "out-of-date database schema": "another version of MLflow wrote it; copy it, then run `mlflow db upgrade` on it",
    "Can't locate revision": "a newer MLflow wrote it; install that version, or rename it to begin a new one",
}

Curve = Sequence[tuple[int, float]]  # (step, value)
Point = tuple[str, float, int, int]  # name, value, milliseconds since 1970, step


class Run:
    """A run that is written to in batches. A curve's point that the run holds already is not logged again."""

    def __init__(self, client: "MlflowClient", run_id: str) -> None:
        self.id = run_id
        self._client = client
        self._waiting: list[Point] = []
        self._held: dict[str, set[int]] = {}  # steps by curve
        self._written = time.monotonic()
        self._silent = False

    def log_metrics(self, values: Mapping[str, float], step: int) -> None:
        """Add one point to each curve; written every few seconds.

        A store that stops answering costs one warning, never the training: ``track`` adds what is missing.
        """
        self._waiting += [(metric_name(name), float(value), _now(), step) for name, value in values.items()]
        if time.monotonic() - self._written > SECONDS_BETWEEN_WRITES or len(self._waiting) >= METRICS_A_WRITE:
            self.flush()

    def flush(self) -> None:
        """Write the points that wait."""
        waiting, self._waiting = self._waiting, []
        self._written = time.monotonic()
        if not waiting or self._silent:
            return
        try:
            self._write_new(waiting)
        except Exception as error:  # whatever the store's driver raises, training goes on
            self._silent = True
            warnings.warn(
                f"curves are no longer sent to MLflow ({_short(error)}); the stage track adds them", stacklevel=2
            )

    def complete_curves(self, curves: Mapping[str, Curve]) -> None:
        """Add the points of ``curves`` whose steps the run does not hold yet."""
        points = [(metric_name(name), value, _now(), step) for name, curve in curves.items() for step, value in curve]
        with answering():
            self._write_new(points)

    def log_summary(self, metrics: Mapping[str, Any]) -> None:
        """Log nested final metrics as ``outer/inner``; what is no number is left out."""
        numbers = {k: v for k, v in flatten(metrics, "/").items() if isinstance(v, int | float)}
        with answering():
            self._write([(metric_name(name), float(value), _now(), 0) for name, value in numbers.items()])

    def log_tags(self, tags: Mapping[str, str]) -> None:
        """Set tags of the run."""
        with answering():
            for name, value in tags.items():
                self._client.set_tag(self.id, name, value)

    def log_artifacts(self, paths: Iterable[Path]) -> None:
        """Upload files and folders under their paths relative to the workspace; what does not exist is left out."""
        with answering():
            for path in paths:
                if path.is_dir():
                    self._client.log_artifacts(self.id, str(path), path.as_posix())
                elif path.exists():
                    folder = path.parent.as_posix()
                    self._client.log_artifact(self.id, str(path), None if folder == "." else folder)

    def _write_new(self, points: list[Point]) -> None:
        for name in {point[0] for point in points} - self._held.keys():
            self._held[name] = {point.step for point in self._client.get_metric_history(self.id, name)}
        fresh = [point for point in points if point[3] not in self._held[point[0]]]
        self._write(fresh)
        for name, _, _, step in fresh:
            self._held[name].add(step)

    def _write(self, points: list[Point]) -> None:
        from mlflow.entities import Metric

        for start in range(0, len(points), METRICS_A_WRITE):
            batch = [Metric(*point) for point in points[start : start + METRICS_A_WRITE]]
            self._client.log_batch(self.id, metrics=batch)


@contextmanager
def execution(params: dict[str, Any], finish: bool = False) -> Iterator[Run]:
    """The run of this pipeline execution: the unfinished one of the same key, else a new one.

    An error marks the run FAILED; an interrupt leaves it RUNNING for the next attempt.

    Args:
        params: the whole of ``params.yaml``, nested.
        finish: mark the run FINISHED when the block ends (the last stage does).

    Raises:
        InputError: The server does not answer when the run is begun, or the store is unusable.
    """
    with answering():
        client = _client()
        run = Run(client, _find_or_begin(client, params))
    try:
        yield run
    except Exception:
        run.flush()
        with suppress(Exception):  # the error in the block is the one to show
            client.set_terminated(run.id, "FAILED")
        raise
    finally:
        run.flush()
    if finish:
        with answering():
            client.set_terminated(run.id, "FINISHED")


def all_params() -> dict[str, Any]:
    """The whole of ``params.yaml`` in the working directory, as it is logged."""
    return dict(yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8")))


def read_curves(dvclive: Path, pretraining: Path) -> dict[str, Curve]:
    """Training curves from DVCLive's files and the pretraining loss from its CSV, named as while training.

    Args:
        dvclive: DVCLive's folder; its curves are ``plots/metrics/<name>.tsv`` with a column ``step``.
        pretraining: CSV with the columns epoch, loss; may be absent.

    Raises:
        InputError: A file holds something else.
    """
    folder = dvclive / "plots" / "metrics"
    curves = {
        path.relative_to(folder).with_suffix("").as_posix(): _read_curve(path, "\t", "step", path.stem)
        for path in sorted(folder.rglob("*.tsv"))
    }
    if pretraining.exists():
        curves["pretrain/loss"] = _read_curve(pretraining, ",", "epoch", "loss")
    return curves


def flatten(nested: Mapping[str, Any], separator: str) -> dict[str, Any]:
    """Nested mappings as one, keys joined by ``separator``."""
    flat: dict[str, Any] = {}
    for key, value in nested.items():
        if isinstance(value, Mapping):
            flat |= {f"{key}{separator}{inner}": v for inner, v in flatten(value, separator).items()}
        else:
            flat[key] = value
    return flat


def metric_name(name: str) -> str:
    """``name`` with the characters that MLflow refuses (a class may be called anything) as underscores."""
    return re.sub(r"[^\w\-. :/]", "_", name)


def data_hash(root: Path) -> str:
    """The recordings' hash: the one in ``data.dvc``, else an MD5 over names and sizes under ``data/videos``."""
    with suppress(OSError, yaml.YAMLError, KeyError, IndexError, TypeError):
        return str(yaml.safe_load((root / "data.dvc").read_text())["outs"][0]["md5"])
    videos = root / "data" / "videos"
    listing = [(p.relative_to(videos).as_posix(), p.stat().st_size) for p in sorted(videos.rglob("*")) if p.is_file()]
    return hashlib.md5(json.dumps(listing).encode()).hexdigest()


def experiment_id() -> str:
    """MLflow's number of this project's experiment, which is made if there is none.

    Raises:
        InputError: The store does not answer.
    """
    with answering():
        return _experiment(_client())


def store() -> str:
    """The store's address: ``MLFLOW_TRACKING_URI``, else ``mlflow.db`` at the root of the project."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{_root() / 'mlflow.db'}"


def _root() -> Path:
    # DVC names the workspace's root in DVC_ROOT, and the project's own where an experiment runs in a temporary copy.
    root = Path(os.environ.get("DVC_ROOT") or Path.cwd()).resolve()
    # A workspace inside the project (`make real`) has no pyproject.toml.
    return next((folder for folder in (root, *root.parents) if (folder / "pyproject.toml").exists()), root)


def _client() -> "MlflowClient":
    quiet = {
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",  # by default an absent server is asked for four minutes
        "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    }
    for name, value in quiet.items():
        os.environ.setdefault(name, value)
    _refuse_what_cannot_be()
    from mlflow import MlflowClient  # slow, and it reads the environment above

    for logger in ("mlflow", "alembic"):
        logging.getLogger(logger).setLevel(logging.CRITICAL)  # what fails is told in a sentence of ours
    folder = _local_folder()
    if folder is None:
        return MlflowClient(store())
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):  # two executions that begin at once would both create the tables
        follow(folder.with_name(Path(store()).name), EXPERIMENT, folder)
        return MlflowClient(store())


def _refuse_what_cannot_be() -> None:
    """Refuse at once what MLflow would answer with other advice, or after minutes."""
    database = Path(store().removeprefix("sqlite:///"))
    if store().startswith("sqlite:///") and database.is_dir():
        raise InputError(f"{database} is a folder, and MLflow's store is a file of that name; rename the folder")
    if ":" not in store() or store().startswith("file:"):
        raise InputError(
            f"MLFLOW_TRACKING_URI is the folder {store()}, and MLflow no longer writes to folders; unset it to "
            "log into mlflow.db, or give a database (sqlite:///<file>) or a server (http://<host>)"
        )


def _local_folder() -> Path | None:
    """Where artifacts go for a SQLite store: beside the database, not in the folder a stage happens to run in."""
    database = store().removeprefix("sqlite:///")
    return None if database == store() else Path(database).resolve().parent / "mlartifacts"


def _find_or_begin(client: "MlflowClient", params: dict[str, Any]) -> str:
    tags = _tags(params)
    experiment = _experiment(client)
    mine = f"attributes.status = 'RUNNING' and tags.`{WORKSPACE_TAG}` = '{tags[WORKSPACE_TAG]}'"
    running = client.search_runs([experiment], mine, order_by=["attributes.start_time DESC"])
    same = [run.info.run_id for run in running if run.data.tags.get(KEY_TAG) == tags[KEY_TAG]]
    for run in running:
        # One workspace runs one pipeline at a time: what else is unfinished here was given up.
        if run.info.run_id not in same[:1]:
            client.set_terminated(run.info.run_id, "KILLED")
    return same[0] if same else _begin(client, experiment, params, tags)


def _experiment(client: "MlflowClient") -> str:
    from mlflow.exceptions import MlflowException

    existing = client.get_experiment_by_name(EXPERIMENT)
    if existing is not None:
        for name, value in KIND.items() - existing.tags.items():
            client.set_experiment_tag(existing.experiment_id, name, value)
        return existing.experiment_id
    folder = _local_folder()
    location = folder.as_uri() if folder else None
    try:
        return client.create_experiment(EXPERIMENT, artifact_location=location, tags=KIND)
    except MlflowException:
        existing = client.get_experiment_by_name(EXPERIMENT)
        if existing is None:
            raise
        return existing.experiment_id  # another execution made it in the meantime


def _begin(client: "MlflowClient", experiment: str, params: dict[str, Any], tags: dict[str, str]) -> str:
    from mlflow.entities import Param

    run_id = client.create_run(experiment, tags=tags).info.run_id
    flat = [Param(key, json.dumps(value)) for key, value in flatten(params, ".").items()]
    for start in range(0, len(flat), PARAMS_A_WRITE):
        client.log_batch(run_id, params=flat[start : start + PARAMS_A_WRITE])
    return run_id


def _tags(params: dict[str, Any]) -> dict[str, str]:
    commit, name = _commit(), os.environ.get("DVC_EXP_NAME")
    tags = {
        "mlflow.user": _user(),
        "mlflow.source.name": "dvc.yaml",
        "mlflow.source.type": "PROJECT",
        "mlflow.source.git.commit": commit,
        "mlflow.runName": name or f"repro-{commit[:7]}",
        **({"dvc.experiment": name, SWEEP_TAG: sweep_of(name)} if name else {}),
        "data.md5": data_hash(Path.cwd()),
        WORKSPACE_TAG: f"{socket.gethostname()}:{hashlib.sha256(str(Path.cwd()).encode()).hexdigest()[:12]}",
    }
    key = json.dumps([params, tags], sort_keys=True, default=str)
    return tags | {KEY_TAG: hashlib.sha256(key.encode()).hexdigest()[:16]}


def sweep_of(name: str) -> str:
    """What an experiment belongs to: "stem" for "stem.seed=1" (``tinyinspect sweep``) and for DVC's "stem-2"."""
    return re.sub(r"(\..*|-\d+)$", "", name) or name


def _commit() -> str:
    return (git.ask("rev-parse", "HEAD") or "none").strip()


def _now() -> int:
    return int(time.time() * 1000)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"  # a container's user without a name


def _read_curve(path: Path, delimiter: str, step: str, value: str) -> Curve:
    try:
        with path.open(newline="") as file:
            rows = csv.DictReader(file, delimiter=delimiter)
            return [(int(float(row[step])), float(row[value])) for row in rows]
    except (ValueError, KeyError, TypeError, csv.Error):
        raise InputError(f"{path} holds no curve of {value}; run `dvc repro --force pretrain train`") from None


@contextmanager
def answering() -> Iterator[None]:
    """Tell in one sentence that MLflow's store does not do its work."""
    import sqlalchemy.exc
    from mlflow.exceptions import MlflowException

    try:
        yield
    except (MlflowException, sqlalchemy.exc.SQLAlchemyError, OSError) as error:
        if machine_fault(error):  # a full disk is not the store's fault
            raise
        raise InputError(f"the MLflow store {store()} cannot be used: {_remedy(error)}") from None


def _remedy(error: Exception) -> str:
    for words, remedy in _REMEDIES.items():
        if words in str(error):
            return remedy
    if "MLFLOW_TRACKING_URI" in os.environ:
        return f"{_short(error)}; start that server, or unset MLFLOW_TRACKING_URI to log into mlflow.db"
    return f"{_short(error)}; rename it to begin a new one, {_OTHER}"


def _short(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 160 else f"{text[:157]}..."
