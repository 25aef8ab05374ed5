"""Experiments of a small DVC project, played through its queue: they wait, run, fail and are done."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.running import run
from tests.project.conftest import run_git
from tinyinspect.errors import InputError
from tinyinspect.review.sweeps import chosen, read_sweeps

GRAPH = """\
stages:
  measure:
    cmd: python measure.py
    deps: [measure.py]
    params: [seed, train]
    metrics:
      - metrics.json: {cache: false}
      - device.json: {cache: false}
"""
# It waits for the file `go`, so that the test sees it running.
MEASURE = """\
import json, time, yaml
from pathlib import Path
seed = yaml.safe_load(Path("params.yaml").read_text())["seed"]
while seed and not Path(GO).exists():
    time.sleep(0.05)
assert seed < 2
Path("metrics.json").write_text(json.dumps({"tflite_micro": {"accuracy": 0.9 + seed / 100}, "other": 3}))
Path("device.json").write_text(json.dumps({"file_bytes": 95000 + seed, "milliseconds": None}))
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A commit with the measures of seed 0."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "a")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "a@b")
    root = tmp_path / "project"
    root.mkdir()
    (root / "dvc.yaml").write_text(GRAPH)
    (root / "measure.py").write_text(f"GO = {str(tmp_path / 'go')!r}\n{MEASURE}")
    (root / "params.yaml").write_text("seed: 0\ntrain: {epochs: 3}\n")
    run_git(root, "init", "--quiet")
    for words in (["init", "--quiet"], ["config", "--quiet", "core.analytics", "false"], ["repro", "--quiet"]):
        subprocess.run(["dvc", *words], cwd=root, check=True)
    run_git(root, "add", "--all")
    run_git(root, "commit", "--quiet", "--message", "seed 0")
    return root


def states(root: Path) -> dict[str, str]:
    shown = read_sweeps(root)
    return dict(zip(shown["experiment"], shown["state"], strict=True))


def test_experiments_wait_run_fail_and_are_done(project: Path, tmp_path: Path) -> None:
    done = run("sweep", "seed=1,2", "--name", "luck", folder=project)
    assert done.stdout.split() == ["luck.seed=1", "luck.seed=2"], done.stderr
    assert states(project) == {"luck.seed=1": "queued", "luck.seed=2": "queued"}
    with subprocess.Popen(["dvc", "exp", "run", "--run-all"], cwd=project, stdout=subprocess.DEVNULL) as queue:
        while "running" not in (now := states(project)).values():
            assert set(now.values()) == {"queued"} and queue.poll() is None
            time.sleep(0.2)
        assert "accuracy" not in read_sweeps(project)  # the commit's is 0.9
        (tmp_path / "go").touch()
        queue.wait()
    shown = read_sweeps(project).set_index("experiment")
    assert shown["state"].to_dict() == {"luck.seed=1": "success", "luck.seed=2": "failed"}
    assert list(shown) == ["state", "accuracy", "bytes", "seed"]
    assert shown.loc["luck.seed=1", ["accuracy", "bytes", "seed"]].tolist() == [0.91, 95001, 1]
    assert shown.loc["luck.seed=2", ["accuracy", "bytes"]].isna().all()

    run_git(project, "commit", "--quiet", "--allow-empty", "--message", "a later commit")
    printed = run("sweeps", folder=project, COLUMNS="200").stdout.splitlines()
    assert printed[0].split() == ["experiment", "state", "accuracy", "bytes", "seed"]
    assert sorted(line.split() for line in printed[1:]) == [
        ["luck.seed=1", "success", "0.91", "95001", "1"],
        ["luck.seed=2", "failed", "2"],
    ]
    narrow = run("sweeps", folder=project, COLUMNS="32").stdout
    assert narrow.count("luck.seed=1") > 1 and "95001" in narrow  # no number is broken

    again = run("sweep", "seed=1,2", "--name", "luck", folder=project)
    assert again.returncode == 0 or again.stderr.count("\n") == 1


def test_without_experiments_there_is_one_sentence(project: Path) -> None:
    done = run("sweeps", folder=project)
    assert done.returncode == 1
    assert done.stderr == "error: there is no experiment yet; `tinyinspect sweep seed=0,1` queues two\n"
    with pytest.raises(InputError, match="no experiment yet"):
        chosen([])


def test_outside_of_a_dvc_project_there_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").touch()
    done = run("sweeps", folder=tmp_path)
    assert done.returncode == 1 and done.stderr.startswith("error: ") and done.stderr.count("\n") == 1, done.stderr
