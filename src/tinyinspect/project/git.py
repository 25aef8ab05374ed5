"""Git and DVC, called in a project; what they refuse is one sentence with their own words."""

import os
import subprocess
import sys
from pathlib import Path

from tinyinspect.errors import InputError, fault_in

_NOBODY = ("-c", "user.name=tinyinspect", "-c", "user.email=tinyinspect@localhost")  # where Git knows no name
_ADVERTISEMENT = "Having any troubles?"  # DVC's last line below an error


def git(root: Path, *words: str | Path, check: bool = True) -> str:
    """What a Git command prints.

    Args:
        root: of the project.
        words: of the command.
        check: raise where it fails; else what it printed until then.

    Raises:
        InputError: Git is missing or refuses.
    """
    command = ["git", *(() if _has_identity(root) else _NOBODY), *map(str, words)]
    return _run(command, f"git {words[0]}", root, check)


def dvc(root: Path, *words: str) -> str:
    """What a DVC command prints; see :func:`git`."""
    called = words[: 2 if words[0] == "exp" else 1]
    return _run([sys.executable, "-m", "dvc", *words], " ".join(["dvc", *called]), root, check=True)


def names(root: Path, *words: str | Path, check: bool = True) -> list[str]:
    """The paths that a Git command prints with ``-z``; see :func:`git`."""
    return [name for name in git(root, *words, check=check).split("\0") if name]


def commit(root: Path, message: str, *paths: str | Path) -> bool:
    """Commit these paths as they are, and nothing else that is staged; whether there was a change.

    Paths that are neither there nor known to Git, and those that it ignores, are passed over.
    """
    known = names(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *paths)
    if not known:
        return False
    git(root, "add", "--all", "--", *known)
    if not git(root, "diff", "--cached", "--name-only", "--", *known):
        return False
    git(root, "commit", "--quiet", "--no-verify", "--only", "--message", message, "--", *known)
    return True


def environment() -> dict[str, str]:
    """The environment in which DVC's stages find the Python that runs this."""
    return os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def _has_identity(root: Path) -> bool:
    asked = subprocess.run(["git", "config", "user.email"], cwd=root, capture_output=True, check=False)
    return asked.returncode == 0


def _run(command: list[str], name: str, root: Path, check: bool) -> str:
    try:
        done = subprocess.run(command, cwd=root, env=environment(), capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise InputError(f"{command[0]} is not on the PATH; install it") from None
    if check and done.returncode:
        raise InputError(_refusal(name, done.stderr, root.resolve()))
    return done.stdout


def _refusal(name: str, said: str, root: Path) -> str:
    if fault := fault_in(said, root):
        return fault
    lines = [line.strip() for line in said.splitlines() if line.strip() and _ADVERTISEMENT not in line]
    words = " ".join(lines[:4]) or "it gives no reason"
    return f"{name}, in {root}, says: {words}; do as it says, then run the same command again"
