"""What is said around a run: labels that Git does not know, and the summary after the last stage."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.conftest import ROOT, run_git
from tinyinspect.project.last_word import LATER, labels_left_out


@pytest.fixture
def project(tmp_path: Path) -> Path:
    run_git(tmp_path, "init", "--quiet")
    (tmp_path / "annotations").mkdir()
    for name in ("known.csv", "first.csv"):
        (tmp_path / "annotations" / name).write_text("video,frame,label\n")
    run_git(tmp_path, "add", "annotations/known.csv")
    return tmp_path


def test_labels_that_git_does_not_know_are_told_in_the_project_and_in_its_experiment(project: Path) -> None:
    assert "Git does not know annotations/first.csv, so experiments" in labels_left_out(project)
    experiment = project / ".dvc/tmp/exps/tmp1"
    (experiment / "annotations").mkdir(parents=True)
    run_git(experiment, "init", "--quiet")
    assert "has labels that this experiment lacks" in labels_left_out(experiment)
    run_git(project, "add", "annotations")
    assert labels_left_out(project) is None and labels_left_out(experiment) is None


def test_without_git_nothing_is_said(tmp_path: Path) -> None:
    assert labels_left_out(tmp_path) is None


@pytest.mark.parametrize("later", [True, False])
def test_the_last_stage_ends_with_the_summary(project: Path, later: bool) -> None:
    (project / "stages").mkdir()
    (project / "stages/accept.py").write_text("print('accepted')\n")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), **({LATER: "1"} if later else {})}
    command = [sys.executable, "-P", "-m", "tinyinspect.stage", "stages/accept.py"]
    said = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=True).stdout
    assert said.startswith("accepted\n") and ("next" in said and "dvc repro" in said) != later
