"""Small DVC projects to play experiments in, and one whose stage measures at once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.conftest import run_git

GRAPH = """\
stages:
  measure:
    cmd: python measure.py
    deps: [measure.py]
    params: [seed, train, model]
    metrics:
      - metrics.json: {cache: false}
      - device.json: {cache: false}
"""
# With a seed it waits for the file `go`, so that a test sees it running; the third seed fails.
MEASURE = """\
import json, math, time, yaml
from pathlib import Path
params = yaml.safe_load(Path("params.yaml").read_text())
seed, rate, width = params["seed"], params["train"]["rate"], params["model"]["width"]
while seed and not Path(GO).exists():
    time.sleep(0.05)
assert seed < 2
accuracy = 0.9 + seed / 100 - abs(math.log10(rate) + 1) / 10 + width / 1000
Path("metrics.json").write_text(json.dumps({"tflite_micro": {"accuracy": accuracy}, "other": 3}))
Path("device.json").write_text(json.dumps({"file_bytes": 95000 + seed, "milliseconds": width}))
"""
PARAMS = "seed: 0\ntrain: {rate: 0.1}\nmodel: {width: 0}\n"


def made_project(root: Path, files: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A DVC project with these files, run once and committed."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "a")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "a@b")
    root.mkdir()
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    run_git(root, "init", "--quiet")
    for words in (["init", "--quiet"], ["config", "--quiet", "core.analytics", "false"], ["repro", "--quiet"]):
        subprocess.run(["dvc", *words], cwd=root, check=True)
    run_git(root, "add", "--all")
    run_git(root, "commit", "--quiet", "--message", message)
    return root


@pytest.fixture
def measuring_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A commit with the measures of seed 0."""
    measure = f"GO = {str(tmp_path / 'go')!r}\n{MEASURE}"
    files = {"dvc.yaml": GRAPH, "measure.py": measure, "params.yaml": PARAMS, ".gitignore": "/optuna.db\n"}
    return made_project(tmp_path / "project", files, "seed 0", monkeypatch)
