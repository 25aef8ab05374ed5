"""Folders as a person sees them: links are followed, nothing is seen twice, hidden names are left out."""

import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

_NAMED = 3  # files that a sentence tells of by name
_DIGITS = re.compile(r"(\d+)")


def walk(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """Each folder below and including ``folder``, as a path relative to it, with the sorted names of its files.

    A folder is seen once, under its own name rather than that of a link to it.
    """
    seen: set[str] = set()
    starts = [folder]
    for start in starts:  # grows: links wait until all folders have been seen
        for parent, folders, files in os.walk(start):
            real = os.path.realpath(parent)
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            if real in seen:
                folders.clear()
                continue
            seen.add(real)
            starts += [path for name in folders if (path := Path(parent, name)).is_symlink()]
            yield Path(parent).relative_to(folder), sorted(name for name in files if not name.startswith("."))


def named(files: list[str]) -> str:
    """The first of these files, and how many more there are."""
    return ", ".join(files[:_NAMED]) + (f" and {len(files) - _NAMED} more" if len(files) > _NAMED else "")


def is_regular(path: Path) -> bool:
    """Whether ``path`` is a file that can be read to its end: no pipe, socket or device, no link to nothing."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def in_natural_order(names: Iterable[str]) -> list[str]:
    """Sorted as a person counts: ``a2`` before ``a10``."""
    return sorted(names, key=lambda name: ([(_number(part), part) for part in _DIGITS.split(name)], name))


def _number(part: str) -> int:
    return int(part) if part.isdecimal() else -1
