"""The finished experiments of a table as ``dvc exp show --csv`` writes it."""

from pathlib import Path

import pandas as pd

from tinyinspect.errors import InputError

NO_VALUE = ["!", "-"]  # DVC's marks for a value that it could not read, and for one that is not there


def read_finished(table: Path, needed: list[str], stages: str, purpose: str) -> pd.DataFrame:
    """The rows that have a value in every column that is needed, under names without their file.

    Args:
        table: the CSV.
        needed: names of columns.
        stages: up to which the experiments have to run, in words.
        purpose: what the experiments are for, in words.

    Raises:
        InputError: The table cannot be read, lacks a column, or holds no finished experiment.
    """
    try:
        rows = pd.read_csv(table, na_values=NO_VALUE)
    except (OSError, ValueError) as error:
        raise InputError(f"{table} is no table of experiments ({error}); make it with `dvc exp show --csv`") from None
    rows = rows.rename(columns={column: column.rpartition(":")[2] for column in rows.columns})
    missing = [name for name in needed if name not in rows]
    if missing:
        raise InputError(f"{table} has no column {' or '.join(missing)}; run experiments up to {stages}")
    finished = rows.dropna(subset=needed)
    if "rev" in finished:
        finished = finished[finished["rev"] != "workspace"]  # `dvc exp show` repeats there what is checked out
    if finished.empty:
        raise InputError(f"{table} holds no finished experiment; run some before drawing {purpose}")
    return finished
