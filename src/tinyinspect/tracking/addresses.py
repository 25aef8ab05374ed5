"""Artifacts are found again after the project was moved or copied: MLflow keeps absolute addresses in its database."""

import sqlite3
from contextlib import closing
from pathlib import Path

COLUMNS = {
    "experiments": ["artifact_location"],
    "runs": ["artifact_uri"],
    "logged_models": ["artifact_location"],
    "model_versions": ["source", "storage_location"],
}


def follow(database: Path, experiment: str, folder: Path) -> bool:
    """Point every artifact of an experiment whose folder moved to where the folder is now.

    Args:
        database: SQLite, as MLflow makes it; may be absent.
        experiment: its name.
        folder: where its artifacts are.

    Returns:
        Whether anything had moved.
    """
    if not database.exists():
        return False
    try:
        return _follow(database, experiment, folder.as_uri())
    except sqlite3.DatabaseError:
        return False  # MLflow itself tells what is wrong with it


def _follow(database: Path, experiment: str, now: str) -> bool:
    with closing(sqlite3.connect(database)) as connection, connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not COLUMNS.keys() <= tables:
            return False
        known = connection.execute("SELECT artifact_location FROM experiments WHERE name = ?", [experiment]).fetchone()
        if known is None or known[0] == now:
            return False
        before = known[0]
        for table, columns in COLUMNS.items():
            for column in columns:
                connection.execute(
                    f"UPDATE {table} SET {column} = ? || substr({column}, ?) WHERE substr({column}, 1, ?) IN (?, ?)",
                    [now, len(before) + 1, len(before) + 1, before, f"{before}/"],
                )
    return True
