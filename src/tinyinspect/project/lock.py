"""One command at a time on one project."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from tinyinspect.errors import InputError


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a project, which need not be there yet, for this command.

    Raises:
        InputError: Another command holds it, or no file can be made beside it.
    """
    folder = folder.resolve()
    path = folder.with_name(f".{folder.name}.lock")
    lock = FileLock(path)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        raise InputError(f"another command is at work on {folder}; wait until it has ended") from None
    except OSError as error:
        raise InputError(f"{folder} cannot be made ({error.strerror}); choose a folder that you can write to") from None
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        lock.release()
