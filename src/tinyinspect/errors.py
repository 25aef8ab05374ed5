"""The errors that a user sees as a sentence.

``InputError`` says what was found, where, and what to change; :func:`refuse` says several at once. What a machine lacks
(room on a disk, memory, permissions) reaches Python as errors of many libraries; :func:`machine_fault` knows them.
Stages and commands run under :func:`reported`, which prints the sentence to standard error and exits without a stack
trace.
"""

import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FAULTS_SHOWN = 40
_ERROR, INTERRUPTED = 1, 130  # exit statuses, as a shell has them

# What an error number means to the user; {place} is the file, or else the folder that was written to.
_SENTENCES = {
    errno.ENOSPC: "the disk that holds {place} is full; make room, then run the same command again",
    errno.EDQUOT: "your quota on the disk that holds {place} is used up; make room, then run the same command again",
    errno.EFBIG: "a file in {place} is larger than this account may write; raise the limit (`ulimit -f unlimited`)",
    errno.EROFS: "{place} is on a read-only disk; work in a clone on a disk that you can write to",
    errno.EACCES: "{place} cannot be read or written (permission denied); fix its permissions, or clone for yourself",
    errno.EISDIR: "{place} is a folder, and a file belongs there; move it away and run `dvc repro` to make the file",
    errno.ENOTDIR: "{place} lies below a file, and a folder belongs there; move the file away and run `dvc repro`",
    errno.EIO: "the disk that holds {place} does not read or write (input/output error); check it, or work on another",
    errno.EMFILE: "too many files are open at once; raise the limit (`ulimit -n 4096`) and run the same command again",
    errno.ENOMEM: "the memory is used up; close other programs, or set smaller batches, and run the same command again",
}
_SENTENCES[errno.EPERM] = _SENTENCES[errno.EACCES]
# Libraries that are not written in Python say it in their own words.
_WORDS = {os.strerror(number): number for number in _SENTENCES} | {
    "database or disk is full": errno.ENOSPC,
    "No usable temporary directory": errno.ENOSPC,
    " requested and ": errno.ENOSPC,  # NumPy: "983040 requested and 992 written"
    "[MIL FileWriter]: Unknown error": errno.ENOSPC,  # Core ML
    "attempt to write a readonly database": errno.EACCES,
    "unable to open database file": errno.EACCES,
    "disk I/O error": errno.EIO,
    "bad_alloc": errno.ENOMEM,
}


class InputError(Exception):
    """Something the user gave cannot be used; the message is one sentence: what, where, what to do."""


@contextmanager
def reported() -> Iterator[None]:
    """Turn an :class:`InputError` and a fault of the machine into a sentence on standard error, and Ctrl-C too."""
    try:
        yield
    except KeyboardInterrupt:
        print("interrupted; run the same command again to go on", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except Exception as error:
        sentence = str(error) if isinstance(error, InputError) else machine_fault(error)
        if sentence is None:
            raise  # a fault of the program, which only its stack trace explains
        print(f"error: {sentence}", file=sys.stderr)
        sys.exit(_ERROR)


def machine_fault(error: BaseException) -> str | None:
    """What the machine lacks, as a sentence, or None where the error has another reason.

    Args:
        error: as it was caught; those that it was raised from or while handling are looked at too.
    """
    if isinstance(error, FileNotFoundError) and error.filename:  # behind another error it may be what was expected
        return f"{_place(error.filename)} is missing; run `dvc repro` to make it, or install it if it is a program"
    following: BaseException | None = error
    while following is not None:
        number = _number(following)
        if number is not None:
            return _SENTENCES[number].format(place=_place(getattr(following, "filename", None)))
        following = following.__cause__ or following.__context__
    return None


def fault_in(words: str, place: Path) -> str | None:
    """What the machine lacks, as a sentence, by the words of a program that worked in ``place``; None for others."""
    number = _number_in(words)
    return None if number is None else _SENTENCES[number].format(place=place)


def _number(error: BaseException) -> int | None:
    if isinstance(error, MemoryError):
        return errno.ENOMEM
    if isinstance(error, OSError) and error.errno in _SENTENCES:
        return error.errno
    return _number_in(str(error))


def _number_in(words: str) -> int | None:
    return next((number for known, number in _WORDS.items() if known in words), None)


def _place(path: object) -> Path:
    """A file as the user knows it: for what was to be written under a name of ours, the folder around it."""
    if not isinstance(path, str | bytes):
        return _fullest()
    whole = Path(os.fsdecode(path))
    ours = [one for one in (whole, *whole.parents) if one.name.endswith(".partial")]
    return ours[-1].parent.resolve() if ours else whole


def _fullest() -> Path:
    """Of the two folders that are written to, the working and the temporary one: the one with less room."""
    try:
        folders = [Path.cwd(), Path(tempfile.gettempdir())]
    except OSError:
        folders = [Path.cwd()]
    return min(folders, key=lambda folder: shutil.disk_usage(folder).free)


def refuse(faults: list[str], what: str) -> None:
    """Refuse what has faults, with all of them.

    Args:
        faults: sentences, each with its place; without any, nothing happens.
        what: has the faults.

    Raises:
        InputError: There is one.
    """
    if len(faults) == 1:
        raise InputError(faults[0])
    if faults:
        shown = faults[:_FAULTS_SHOWN] + [f"and {len(faults) - _FAULTS_SHOWN} more"] * (len(faults) > _FAULTS_SHOWN)
        raise InputError("\n  ".join([f"{what}: {len(faults)} faults", *shown]))
