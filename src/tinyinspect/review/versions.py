"""A model's results as they stand in a commit, a branch, an experiment, or in the working folder.

Everything that is compared stands in Git, so that a fresh clone needs no model and no remote of DVC.
"""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from tinyinspect import git
from tinyinspect.device.device_file import DEVICE, DeviceFile
from tinyinspect.errors import InputError
from tinyinspect.evaluation.predictions import PREDICTIONS, TRAINED_ON, read_predictions, read_trained_on
from tinyinspect.files import Kind, typed
from tinyinspect.registry import task_part
from tinyinspect.selection.annotations import TEST_SET

HERE = "the working folder"
_EXPERIMENTS = "refs/exps"


@dataclass(frozen=True)
class Version:
    """What stands in one version.

    Attributes:
        name: as it was asked for.
        metrics: the content of ``metrics.json``, as its task's part ``metrics`` has it.
        device: the content of ``device.json``.
        params: the content of ``params.yaml``.
        predictions: of the test pictures.
        trained_on: pictures of training and validation.
        labels: rows in all tables of labels.
        recordings: files below ``data/``.
    """

    name: str
    metrics: Any
    device: DeviceFile
    params: dict[str, Any]
    predictions: pd.DataFrame
    trained_on: pd.DataFrame
    labels: int
    recordings: int | None


def read_version(root: Path, revision: str | None) -> Version:
    """Read a version.

    Args:
        root: of the project.
        revision: commit, branch, tag or experiment; None for what stands in the working folder.

    Raises:
        InputError: There is no such revision, or it lacks a file that `dvc repro` writes.
    """
    files = _Files(root, None if revision is None else _commit(root, revision), revision or HERE)
    recorded = yaml.safe_load(files.text(Path("data.dvc")) or "{}") or {}
    params = yaml.safe_load(files.needed(Path("params.yaml")))
    return Version(
        name=files.name,
        metrics=_typed(files, Path("metrics.json"), task_part(params["task"]["name"], "metrics").Metrics),
        device=_typed(files, DEVICE, DeviceFile),
        params=params,
        predictions=read_predictions(io.StringIO(files.needed(PREDICTIONS)), files.place(PREDICTIONS)),
        trained_on=read_trained_on(io.StringIO(files.needed(TRAINED_ON)), files.place(TRAINED_ON)),
        labels=sum(_rows(files.needed(path)) for path in files.below(Path("annotations")) if _holds_labels(path)),
        recordings=recorded.get("outs", [{}])[0].get("nfiles"),
    )


@dataclass(frozen=True)
class _Files:
    """Files of a commit, or of the working folder where there is none."""

    root: Path
    commit: str | None
    name: str

    def place(self, path: Path) -> str:
        return f"{path} of {self.name}"

    def text(self, path: Path) -> str | None:
        if self.commit is not None:
            return git.ask("show", f"{self.commit}:./{path.as_posix()}", folder=self.root)
        found = self.root / path
        return found.read_text(encoding="utf-8") if found.is_file() else None

    def needed(self, path: Path) -> str:
        text = self.text(path)
        if text is None:
            raise InputError(f"{self.name} has no {path}; run `dvc repro` there and commit what it writes")
        return text

    def below(self, folder: Path) -> list[Path]:
        if self.commit is None:
            return sorted(path.relative_to(self.root) for path in (self.root / folder).glob("*"))
        listed = git.ask("ls-tree", "--name-only", self.commit, f"./{folder.as_posix()}/", folder=self.root) or ""
        return [Path(line) for line in listed.splitlines()]


def _typed(files: _Files, path: Path, kind: type[Kind]) -> Kind:
    return typed(
        files.needed(path).encode(), kind, files.place(path), "run `dvc repro` there and commit what it writes"
    )


def _commit(root: Path, revision: str) -> str:
    """The hash of a revision; experiments are known by their names too."""
    found = git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", folder=root)
    if found:
        return found.strip()
    listed = git.ask("for-each-ref", "--format=%(objectname) %(refname)", _EXPERIMENTS, folder=root) or ""
    for line in listed.splitlines():
        commit, _, reference = line.partition(" ")
        if reference.rpartition("/")[2] == revision:
            return commit
    if git.ask("rev-parse", "--git-dir", folder=root) is None:
        raise InputError(f"Git does not work in {root.resolve()}; run `git status` there, which says why")
    raise InputError(
        f"'{revision}' is no commit, branch, tag or experiment of this clone; fetch it with `git fetch` or "
        "`dvc exp pull`"
    )


def _holds_labels(path: Path) -> bool:
    return path.suffix == ".csv" and path.name != TEST_SET


def _rows(text: str) -> int:
    return max(0, sum(bool(line.strip()) for line in text.splitlines()) - 1)
