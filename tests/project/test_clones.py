"""The tests and the small run in a line: its code, on the demonstration."""

import os
import subprocess
import sys
from pathlib import Path

import yaml

from tests.project.conftest import params, run_git
from tinyinspect.project.clones import clone_for_tests
from tinyinspect.project.compose import composed
from tinyinspect.project.contents import Brought
from tinyinspect.project.line import add_to_line


def test_a_clone_of_a_line_has_its_code_and_the_demonstration(line: Path, origin: Path, tmp_path: Path) -> None:
    add_to_line(line, Brought(overrides=["train.epochs=7"]))
    (line / "src/tinyinspect/mine.py").write_text('"""Not committed yet."""\n')
    clone_for_tests(line, tmp_path / "tested")
    assert (tmp_path / "tested/src/tinyinspect/mine.py").is_file()
    for name in ("annotations/simulated_line.csv", "data.dvc", ".dvc/config"):
        assert (tmp_path / "tested" / name).read_bytes() == (origin / name).read_bytes(), name
    assert not (tmp_path / "tested/annotations/annotations.csv").exists()
    found = params(tmp_path / "tested")
    assert found == composed(origin / "conf", []) and found["train"]["epochs"] != 7
    assert run_git(tmp_path / "tested", "status", "--porcelain") == ""
    assert yaml.safe_load((line / "params.yaml").read_text())["train"]["epochs"] == 7


def test_the_tests_run_in_a_line(line: Path) -> None:
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    command = ["sh", "scripts/test.sh", "tests/test_config.py", "-k", "params_equal", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=line, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "1 passed" in done.stdout, done.stdout + done.stderr
    assert run_git(line, "status", "--porcelain") == ""
