"""A clone to make lines of."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run_git(folder: Path, *words: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A clone of the repository as it stands, changes that are not committed yet included."""
    folder = tmp_path / "clone"
    run_git(tmp_path, "clone", "--quiet", str(ROOT), str(folder))
    changed = run_git(ROOT, "ls-files", "-z", "--modified", "--others", "--exclude-standard").split("\0")
    for name in filter(None, changed):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_file():
            target.write_bytes((ROOT / name).read_bytes())
        else:
            target.unlink(missing_ok=True)
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--allow-empty", "--no-verify", "--message", "As it stands")
    return folder
