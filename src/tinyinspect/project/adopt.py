"""A workspace that an earlier version made beside the repository becomes a line, with its labels and its history."""

import shutil
from pathlib import Path
from typing import Any

import yaml

from tinyinspect.errors import InputError
from tinyinspect.project.compose import composed
from tinyinspect.project.demonstration import own_paths
from tinyinspect.project.git import commit, dvc, git, names
from tinyinspect.project.line import finish_line, start_line
from tinyinspect.project.merges import UPSTREAM
from tinyinspect.project.overrides import Settings
from tinyinspect.project.own import write_own
from tinyinspect.project.root import is_own_line


def is_old_workspace(folder: Path) -> bool:
    """Whether a folder is a workspace of an earlier version: a Git and DVC project without a repository behind it."""
    return (folder / ".git").is_dir() and (folder / "dvc.yaml").is_file() and not is_own_line(folder)


def adopt(folder: Path, origin: Path) -> list[str]:
    """Join a workspace with the repository's history: the code is the repository's from now on, the rest stays.

    Args:
        folder: of the workspace.
        origin: the clone whose code it gets.

    Returns:
        Sentences on what was taken over.

    Raises:
        InputError: Its recordings are gone, or Git refuses.
    """
    _require_recordings(folder)
    old = yaml.safe_load((folder / "params.yaml").read_text(encoding="utf-8"))
    commit(folder, "Labels, as they stood", "annotations")
    before = git(folder, "rev-parse", "HEAD").strip()
    kept = names(folder, "ls-files", "-z", "--", "annotations")
    if UPSTREAM not in git(folder, "remote").split():
        git(folder, "remote", "add", UPSTREAM, origin.resolve())
    git(folder, "fetch", "--quiet", UPSTREAM, "HEAD")
    _own_recordings(folder)
    # The old code was a copy: its paths go, the repository's come, and both histories are parents.
    git(folder, "rm", "--quiet", "-r", "--cached", "--ignore-unmatch", "--", ".")
    git(folder, "read-tree", "FETCH_HEAD")
    tree = git(folder, "write-tree").strip()
    joined = git(
        folder, "commit-tree", tree, "-p", before, "-p", "FETCH_HEAD", "-m", "Joined with the repository"
    ).strip()
    git(folder, "update-ref", "HEAD", joined, before)
    _check_out_code(folder)
    start_line(folder, link=True, files=False)
    if kept:
        git(folder, "checkout", before, "--", *kept)
    notes = _settings(folder, old)
    dvc(folder, "add", "data")
    finish_line(folder, "Labels and settings of the workspace")
    return [f"{folder} of an earlier version is a line of its own now; its labels and history stayed", *notes]


def _require_recordings(folder: Path) -> None:
    gone = [path for path in (folder / "data").rglob("*") if path.is_symlink() and not path.exists()]
    if gone:
        raise InputError(
            f"{gone[0]} points to {gone[0].readlink()}, which is gone; put the recordings back there first"
        )


def _own_recordings(folder: Path) -> None:
    """The workspace held links to recordings and photos; a line holds them."""
    for link in [path for place in ("data", "photos") for path in (folder / place).rglob("*") if path.is_symlink()]:
        partial = link.with_name(f".{link.name}.partial")
        shutil.copy2(link, partial)
        partial.replace(link)


def _check_out_code(folder: Path) -> None:
    """Write the repository's files, but not where the workspace has its own."""
    own = own_paths(folder)
    code = [
        name
        for name in names(folder, "ls-files", "-z")
        if not any(name == one or name.startswith(f"{one}/") for one in own)
    ]
    git(folder, "checkout", "--force", "HEAD", "--", *code)


def _settings(folder: Path, old: dict[str, Any]) -> list[str]:
    """Take over every parameter that was set otherwise than by default, and say which no longer exists."""
    default = composed(folder / "conf", [])
    was, now = _leaves(old), _leaves(default)
    board = old.get("board", {}).get("name")
    choices = (
        {"board": board}
        if (folder / "conf/board" / f"{board}.yaml").is_file() and board != default["board"]["name"]
        else {}
    )
    values = {
        name: was[name] for name in was if name in now and was[name] != now[name] and not name.startswith("board.")
    }
    write_own(folder, Settings(choices, values))
    gone = [name for name in was if name not in now and not name.startswith("board.")]
    notes = [f"its settings stay: {', '.join([*choices.values(), *values])}"] if choices or values else []
    return notes + ([f"these parameters no longer exist: {', '.join(gone)}"] if gone else [])


def _leaves(content: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in content.items():
        found |= _leaves(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return found
