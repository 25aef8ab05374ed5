"""Experiments of a small DVC project, played through its queue: they wait, run, fail and are done."""

import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.running import run
from tests.experiments import measuring_project  # noqa: F401
from tests.project.conftest import run_git
from tinyinspect.errors import InputError
from tinyinspect.review.sweeps import chosen, read_sweeps


def states(root: Path) -> dict[str, str]:
    shown = read_sweeps(root)
    return dict(zip(shown["experiment"], shown["state"], strict=True))


def test_experiments_wait_run_fail_and_are_done(measuring_project: Path, tmp_path: Path) -> None:  # noqa: F811
    done = run("sweep", "seed=1,2", "--name", "luck", folder=measuring_project)
    assert done.stdout.split() == ["luck.seed=1", "luck.seed=2"], done.stderr
    assert states(measuring_project) == {"luck.seed=1": "queued", "luck.seed=2": "queued"}
    queue = subprocess.Popen(["dvc", "exp", "run", "--run-all"], cwd=measuring_project, stdout=subprocess.DEVNULL)
    try:
        while "running" not in states(measuring_project).values():
            assert queue.poll() is None
            time.sleep(0.2)
        assert "accuracy" not in read_sweeps(measuring_project)  # the commit's is 0.9
    finally:
        (tmp_path / "go").touch()
        queue.wait()
    shown = read_sweeps(measuring_project).set_index("experiment")
    assert shown["state"].to_dict() == {"luck.seed=1": "success", "luck.seed=2": "failed"}
    assert list(shown) == ["state", "accuracy", "ms", "bytes", "seed"]
    assert shown.loc["luck.seed=1", ["accuracy", "bytes", "seed"]].tolist() == [0.91, 95001, 1]
    assert shown.loc["luck.seed=2", ["accuracy", "bytes"]].isna().all()

    run_git(measuring_project, "commit", "--quiet", "--allow-empty", "--message", "a later commit")
    printed = run("sweeps", folder=measuring_project, COLUMNS="200").stdout.splitlines()
    assert printed[0].split() == ["experiment", "state", "accuracy", "ms", "bytes", "seed"]
    assert sorted(line.split() for line in printed[1:]) == [
        ["luck.seed=1", "success", "0.91", "0", "95001", "1"],
        ["luck.seed=2", "failed", "2"],
    ]
    narrow = run("sweeps", folder=measuring_project, COLUMNS="32").stdout
    assert narrow.count("luck.seed=1") > 1 and "95001" in narrow  # no number is broken

    again = run("sweep", "seed=1,2", "--name", "luck", folder=measuring_project)
    assert again.returncode == 0 or again.stderr.count("\n") == 1


def test_without_experiments_there_is_one_sentence(measuring_project: Path) -> None:  # noqa: F811
    done = run("sweeps", folder=measuring_project)
    assert done.returncode == 1
    assert done.stderr == "error: there is no experiment yet; `tinyinspect sweep seed=0,1` queues two\n"
    with pytest.raises(InputError, match="no experiment yet"):
        chosen([])


def test_outside_of_a_dvc_project_there_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").touch()
    done = run("sweeps", folder=tmp_path)
    assert done.returncode == 1 and done.stderr.startswith("error: ") and done.stderr.count("\n") == 1, done.stderr
