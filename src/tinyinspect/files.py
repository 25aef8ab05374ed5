"""Outputs that are complete or absent: written beside the target, then renamed."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def complete_file(target: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``target``; rename it to ``target`` when the block ends without an error."""
    partial = _partial(target)
    try:
        yield partial
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def complete_folder(target: Path) -> Iterator[Path]:
    """Yield an empty temporary folder beside ``target``; it replaces ``target`` when the block ends well."""
    partial = _partial(target)
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        yield partial
        shutil.rmtree(target, ignore_errors=True)
        partial.replace(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _partial(target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    # A fixed name: what a killed run left is overwritten by the next, never gathered.
    return target.with_name(f".{target.name}.partial")
