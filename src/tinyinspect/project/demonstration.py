"""What of the repository belongs to its demonstration: recordings, labels, and what was made of them."""

import configparser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tinyinspect.project.git import git, names

_KEPT = {"annotations/README.md", "photos/README.md", "models/.gitignore"}
_REMOTE = "embedded"
_OWN = ["data.dvc", "data", "dvc.lock", "params.yaml", "annotations", "photos", "datastore", ".dvc/config", "conf/line"]


def own_paths(root: Path) -> list[str]:
    """The paths that each project has for itself, whatever another one has there."""
    pipeline = yaml.safe_load((root / "dvc.yaml").read_text(encoding="utf-8"))
    return [*_OWN, *dict.fromkeys(_made(pipeline))]


def remove_demonstration(root: Path, *, files: bool = True) -> None:
    """Take the demonstration out of a clone and commit that.

    Args:
        root: of the clone.
        files: remove the files too, not only what Git knows of them.
    """
    tracked = names(root, "ls-files", "-z", "--", *own_paths(root))
    gone = [name for name in tracked if name not in _KEPT | {"params.yaml", ".dvc/config"}]
    git(root, "rm", "--quiet", "-r", *(() if files else ("--cached",)), "--", *gone)
    _remove_remote(root / ".dvc/config")
    git(root, "add", ".dvc/config")
    git(root, "commit", "--quiet", "--no-verify", "--message", "Without the demonstration")


def _made(pipeline: dict[str, Any]) -> Iterator[str]:
    for stage in pipeline["stages"].values():
        for kind in ("outs", "metrics", "plots"):
            for entry in stage.get(kind, []):
                yield next(iter(entry)) if isinstance(entry, dict) else entry


def _remove_remote(path: Path) -> None:
    """The remote in the repository is for the demonstration's recordings alone; remotes that a person set stay."""
    config = configparser.ConfigParser(interpolation=None)
    config.read(path)
    config.remove_section(f"'remote \"{_REMOTE}\"'")
    if config.get("core", "remote", fallback=None) == _REMOTE:
        config.remove_option("core", "remote")
    with path.open("w") as file:
        config.write(file)
