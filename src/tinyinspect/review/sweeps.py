"""The experiments of a project in the columns that matter."""

import re
import time
from contextlib import suppress
from multiprocessing import TimeoutError, get_context
from pathlib import Path
from typing import Any

import pandas as pd
from rich.table import Table

from tinyinspect import git
from tinyinspect.errors import InputError
from tinyinspect.report.table import empty_table, fitting
from tinyinspect.tracking.runs import flatten

MEASURES = {
    "tflite_micro.accuracy": "accuracy",
    "tflite_micro.balanced_accuracy": "balanced",
    "tflite_micro.auroc": "AUROC",
    "quantization.accuracy_lost_points": "lost to int8",
    "milliseconds": "ms",
    "file_bytes": "bytes",
    "arena_bytes": "arena",
    "refused": "limits broken",
}
STUMBLES = 10
PATIENCE = (30, 120, 600)  # seconds
FINISHED, UNFINISHED = "success", {"queued", "running"}
_EXPERIMENT = re.compile(r"refs/exps/([0-9a-f]{2})/([0-9a-f]{38})/.")  # the commit that it began from


def read_sweeps(root: Path) -> pd.DataFrame:
    """A row an experiment: name, state, measures that any has, and the parameters that differ between them.

    Experiments of all commits are there: finished, failed, running and queued ones.

    Raises:
        InputError: The folder is no DVC project, or there is no experiment.
    """
    if not (root / ".dvc").is_dir():
        raise InputError(f"{root.resolve()} is no DVC project; go to one")
    for seconds in PATIENCE:
        # DVC waits for ever where an experiment that ends takes away the folder from which it reads.
        with suppress(TimeoutError), get_context("spawn").Pool(1) as pool:
            return chosen(pool.apply_async(_shown, [root]).get(seconds))
    raise InputError("DVC does not list the experiments; run `dvc exp show`, which says more")


def measures(root: Path, name: str) -> dict[str, Any]:
    """What one finished experiment measured, by the titles of :data:`MEASURES`.

    Raises:
        InputError: There is no such experiment.
    """
    from dvc.repo import Repo  # slow
    from dvc.scm import RevError

    try:
        with Repo(str(root)) as repo:
            shown = repo.metrics.show(revs=[name])
    except RevError as error:
        raise InputError(f"no experiment {name} is finished ({error}); `tinyinspect sweeps` lists them") from None
    (found,) = (of for revision, of in shown.items() if revision != "workspace")
    return _titled(_flat(found["data"]))


def chosen(shown: list[dict[str, Any]]) -> pd.DataFrame:
    """The rows and columns of ``dvc exp show --json`` that tell experiments apart.

    An experiment that has not finished has no measures: DVC shows those of the commit that it began from.

    Raises:
        InputError: There is no experiment.
    """
    experiments = [one for base in shown for one in base["experiments"] or []]
    if not experiments:
        raise InputError("there is no experiment yet; `tinyinspect sweep seed=0,1` queues two")
    measures = pd.DataFrame([_measures(one) for one in experiments])
    params = pd.DataFrame([_files(one, "params") for one in experiments])
    differing = [name for name in params if params[name].map(str).nunique() > 1]
    return pd.concat([measures.dropna(axis="columns", how="all"), params[differing]], axis="columns")


def tables(experiments: pd.DataFrame, width: int) -> list[Table]:
    """The rows of :func:`read_sweeps` for the terminal, in as many tables as the width in characters needs."""
    text = experiments.map(_short)
    widths = [max(map(len, [str(name), *text[name]])) for name in text]
    found = []
    for columns in fitting(widths[1:], width - widths[0]):
        table = empty_table("", "experiment")
        for column in columns:
            table.add_column(str(text.columns[column + 1]), justify="right", overflow="fold")
        for row in text.to_numpy():
            table.add_row(row[0], *(row[column + 1] for column in columns))
        found.append(table)
    return found


def _shown(root: Path) -> list[dict[str, Any]]:
    """What ``dvc exp show --json`` shows; asked again where DVC stumbles over an experiment that it is starting."""
    from dvc.exceptions import NotDvcRepoError  # slow

    try:
        for _ in range(STUMBLES):
            with suppress(NotDvcRepoError, FileNotFoundError):
                return _listed(root)
            time.sleep(1)
        return _listed(root)
    except Exception as error:  # also of the libraries below DVC, some of which no other process can read
        raise InputError(f"DVC cannot list the experiments ({error}); run `dvc exp show`, which says more") from None


def _listed(root: Path) -> list[dict[str, Any]]:
    from dvc.repo import Repo

    with Repo(str(root)) as repo:
        return [state.dumpd() for state in repo.experiments.show(revs=_bases(repo, root))]


def _bases(repo: Any, root: Path) -> list[str]:
    """The commits that experiments began from. DVC reads each commit that it is asked for, half a second long."""
    names = git.ask("for-each-ref", "--format=%(refname)", "refs/exps", folder=root) or ""
    done = {"".join(found.groups()) for name in names.splitlines() if (found := _EXPERIMENT.match(name))}
    queue = repo.experiments.celery_queue
    waiting = [*queue.iter_queued(), *queue.iter_active(), *(one.entry for one in queue.iter_failed())]
    return ["HEAD", *sorted(done | {one.baseline_rev for one in waiting} - {repo.get_rev()})]


def _measures(experiment: dict[str, Any]) -> dict[str, Any]:
    state = (experiment["executor"] or {}).get("state", FINISHED)
    found = _files(experiment, "metrics") if state == FINISHED else {}
    name = experiment["name"] or experiment["revs"][0]["rev"][:7]
    return {"experiment": name, "state": state, **_titled(found)}


def _titled(found: dict[str, Any]) -> dict[str, Any]:
    return {title: found.get(key) for key, title in MEASURES.items()}


def _files(experiment: dict[str, Any], kind: str) -> dict[str, Any]:
    return _flat((experiment["revs"][0]["data"] or {}).get(kind) or {})


def _flat(files: dict[str, Any]) -> dict[str, Any]:
    """Parameters or metrics of all files as one mapping, keys joined by dots."""
    return {key: value for file in files.values() for key, value in flatten(file.get("data") or {}, ".").items()}


def _short(cell: Any) -> str:
    if isinstance(cell, list):
        return ", ".join(map(str, cell)) or "none"
    if isinstance(cell, float):  # an integer too, where another experiment has none
        return "" if pd.isna(cell) else f"{cell:.0f}" if cell.is_integer() else f"{cell:.4g}"
    return "" if cell is None else str(cell)
