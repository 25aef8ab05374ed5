"""What Git and DVC refuse is one sentence: whose command, where, in whose words; or what the machine lacks."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.project.conftest import run_git
from tinyinspect.errors import InputError
from tinyinspect.project.git import dvc, git
from tinyinspect.review.sweeps import read_sweeps
from tinyinspect.review.versions import read_version


def test_a_refusal_names_the_command_the_folder_and_the_reason(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        git(tmp_path, "log", "-1")
    said = f"git log, in {tmp_path}, says: fatal: not a git repository"
    assert str(error.value).startswith(said) and "\n" not in str(error.value)
    run_git(tmp_path, "init", "--quiet")
    subprocess.run(["dvc", "init", "--quiet"], cwd=tmp_path, check=True)
    with pytest.raises(InputError) as error:
        dvc(tmp_path, "add", "gone")
    assert str(error.value).startswith(f"dvc add, in {tmp_path}, says: ") and "gone" in str(error.value)
    assert "troubles" not in str(error.value)


def test_what_the_machine_lacks_is_said_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "bin" / "git"
    tool.parent.mkdir()
    tool.write_text(
        "#!/bin/sh\necho \"fatal: Unable to create '.git/index.lock': Read-only file system\" >&2\nexit 128\n"
    )
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(InputError, match=f"^{tmp_path} is on a read-only disk; "):
        git(tmp_path, "add", "a")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a folder to another user")
def test_the_clone_of_another_user_is_told(tmp_path: Path) -> None:
    run_git(tmp_path, "init", "--quiet")
    run_git(tmp_path, "commit", "--quiet", "--allow-empty", "--message", "one")
    subprocess.run(["dvc", "init", "--quiet"], cwd=tmp_path, check=True)
    subprocess.run(["chown", "-R", "12345", tmp_path], check=True)
    for call in (
        lambda: git(tmp_path, "status"),
        lambda: read_version(tmp_path, "HEAD"),
        lambda: read_sweeps(tmp_path),
    ):
        with pytest.raises(InputError, match=r"dubious ownership|Git does not work in|not owned by current user"):
            call()
