"""A clone to make lines of, and a line."""

import subprocess
from pathlib import Path

import pytest
import yaml

from tinyinspect.project.clones import clone_as_it_stands
from tinyinspect.project.contents import Brought
from tinyinspect.project.line import new_line

ROOT = Path(__file__).parents[2]
CLASSES = ["no_mask", "good", "defective"]


def run_git(folder: Path, *words: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A clone of the repository as it stands, changes that are not committed yet included."""
    folder = tmp_path / "clone"
    clone_as_it_stands(ROOT, folder)
    return folder


def rows(*recordings: str) -> str:
    """Labels of forty frames of each recording."""
    named = [f"{name},{frame},{CLASSES[frame % 3]}" for name in recordings for frame in range(40)]
    return "\n".join(["video,frame,label", *named]) + "\n"


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """Two recordings in a sub-folder, named without it in their labels."""
    folder = tmp_path / "it's mine"
    (folder / "videos/monday").mkdir(parents=True)
    for name in ("line_00.avi", "line_01.avi"):
        (folder / "videos/monday" / name).write_bytes(f"RIFF {name}".encode())
    (folder / "annotations.csv").write_text(rows("line_00.avi", "line_01.avi"))
    return folder


@pytest.fixture
def line(tmp_path: Path, origin: Path, recordings: Path) -> Path:
    folder = tmp_path / "line"
    new_line(folder, origin, Brought(recordings / "videos", annotations=[recordings / "annotations.csv"]))
    return folder


def labels(line: Path) -> set[str]:
    return {row for path in (line / "annotations").glob("*.csv") for row in path.read_text().splitlines()[1:]}


def params(line: Path) -> dict:
    return yaml.safe_load((line / "params.yaml").read_text())


def status(line: Path) -> str:
    return run_git(line, "status", "--porcelain")


def change_upstream(origin: Path) -> None:
    for name in ("metrics.json", "dvc.lock", "annotations/simulated_line.csv", "params.yaml", "data.dvc"):
        with (origin / name).open("a") as file:
            file.write("# changed\n")
    (origin / "annotations/second.csv").write_text("video,frame,label\nline_00.avi,1,good\n")
    train = origin / "conf/train/classifier.yaml"
    train.write_text(train.read_text() + "# changed\n")
    run_git(origin, "add", "--all")
    run_git(origin, "commit", "--quiet", "--no-verify", "--message", "Another result")
