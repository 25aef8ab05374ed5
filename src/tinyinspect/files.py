"""Outputs that are complete or absent: written beside the target, then renamed."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json, to_json

from tinyinspect.errors import InputError

Kind = TypeVar("Kind")
LARGEST_JSON_BYTES = 1 << 28  # ours have some kB, exports of labels some MB


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


def allocate(path: Path) -> None:
    """Take all the room of a file that is to be mapped: a disk that fills up later would end the process."""
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)


def write_json(content: Any, path: Path) -> None:
    """Write what pydantic knows how to write as JSON, complete or not at all."""
    with complete_file(path) as target:
        target.write_bytes(to_json(content, indent=1) + b"\n")


def read_json(path: Path, kind: type[Kind], remedy: str) -> Kind:
    """Read a typed file.

    Args:
        path: of the file.
        kind: what it must hold: a model of pydantic, or a type that pydantic knows.
        remedy: what the user can do where it does not.

    Raises:
        InputError: The file is missing or holds something else.
    """
    try:
        if path.stat().st_size > LARGEST_JSON_BYTES:
            raise InputError(f"{path} is larger than any such file ({LARGEST_JSON_BYTES >> 20} MiB); {remedy}")
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path} is missing; {remedy}") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); {remedy}") from None
    return typed(content, kind, str(path), remedy)


def typed(content: bytes, kind: type[Kind], name: str, remedy: str) -> Kind:
    """What a typed file holds; see :func:`read_json`.

    Args:
        content: of the file.
        kind: what it must hold.
        name: of the file, for the user.
        remedy: what the user can do where it holds something else.

    Raises:
        InputError: It holds something else.
    """
    try:
        return TypeAdapter(kind).validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "its start"
        raise InputError(f"{name} is of another version or damaged (at {place}: {first['msg']}); {remedy}") from None


def parse_json(content: bytes | str) -> Any:
    """Parse JSON of any kind; deep nesting is refused.

    Python's own ends the process there once a library has raised the limit of recursion, as TensorFlow does.

    Raises:
        ValueError: It is no JSON, or nested too deeply.
    """
    return from_json(content)
