"""The experiments of a project in the columns that matter."""

import io
import subprocess
from pathlib import Path

import pandas as pd
from rich.table import Table

from tinyinspect.errors import InputError

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
STATES = {"Running", "Queued", "Failed"}  # of these, what DVC shows as measures is the base's
OF_THE_BASE = {"workspace", "baseline"}


def read_sweeps(root: Path) -> pd.DataFrame:
    """A row an experiment: name, state, measures that any has, and the parameters that differ between them.

    An experiment that has not finished has no measures: DVC shows those of the commit that it began from.

    Raises:
        InputError: DVC does not answer, or there is no experiment.
    """
    command = ["dvc", "exp", "show", "--csv", "--all-commits"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InputError(f"`dvc exp show` failed: {' '.join(done.stderr.split())}")
    return chosen(pd.read_csv(io.StringIO(done.stdout), dtype=str))


def chosen(shown: pd.DataFrame) -> pd.DataFrame:
    """The rows and columns of ``dvc exp show --csv`` that tell experiments apart.

    Raises:
        InputError: There is no experiment.
    """
    rows = shown.rename(columns={name: name.rpartition(":")[2] for name in shown.columns})
    rows = rows.loc[:, ~rows.columns.duplicated()]
    rows = rows[~rows["typ"].isin(OF_THE_BASE)].reset_index(drop=True)
    if rows.empty:
        raise InputError("there is no experiment yet; `tinyinspect sweep seed=0,1` queues two")
    state = rows["State"].fillna("Success") if "State" in rows else pd.Series("Success", index=rows.index)
    table = pd.DataFrame({"experiment": rows["Experiment"].fillna(rows["rev"]), "state": state})
    for column, title in MEASURES.items():
        if column in rows and rows[column].notna().any():
            table[title] = rows[column].where(~state.isin(STATES))
    return pd.concat([table, _differing(rows)], axis=1)


def table_of(experiments: pd.DataFrame) -> Table:
    """The rows of :func:`read_sweeps` for the terminal."""
    table = Table(box=None, pad_edge=False)
    for column in experiments:
        table.add_column(str(column), overflow="fold")
    for row in experiments.fillna("").astype(str).to_numpy():
        table.add_row(*(_short(cell) for cell in row))
    return table


def _differing(rows: pd.DataFrame) -> pd.DataFrame:
    """Parameters of which the experiments have several values."""
    after = list(rows.columns).index("Executor") + 1 if "Executor" in rows else 0
    params = [name for name in rows.columns[after:] if name.partition(".")[0] in SECTIONS]
    return rows[[name for name in params if rows[name].nunique(dropna=False) > 1]]


SECTIONS = {
    "seed", "data", "extract", "pretrain", "select", "model", "task", "loss", "train", "convert", "quantize", "decide",
    "board", "accelerator", "app", "accept",
}  # fmt: skip


def _short(cell: str) -> str:
    try:
        return f"{float(cell):.4g}" if "." in cell else cell
    except ValueError:
        return cell
