"""Bad days of a machine, for every stage of every task: killed, interrupted, no room, no TMPDIR, a store that is held.

It takes about an hour, so it runs at night: make test-faults.
"""

import contextlib
import hashlib
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from tests.test_graph import ENVIRONMENT, ROOT, reproduced, run

pytestmark = pytest.mark.faults
STAGES = list(yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"])
PRESETS = {"classifier": "smoke", "gate": "smoke_gate"}
MOUNTS = os.geteuid() == 0 and shutil.which("mount") is not None
# They fit into the last page of a disk that is full.
SMALL_OUTPUTS = ("accept", "compile", "check", "settings", "teach")


@pytest.fixture(scope="module", params=PRESETS)
def project(request, tmp_path_factory) -> Path:
    """A clone in which the whole graph of a task has run."""
    return reproduced(tmp_path_factory.mktemp(request.param) / "clone", PRESETS[request.param])


def started(project: Path, stage: str, limit: Callable[[], None] | None = None, **variables: str) -> subprocess.Popen:
    command = [sys.executable, "-P", "-m", "tinyinspect.stage", f"stages/{stage}.py"]
    environment = ENVIRONMENT | {"PYTHONPATH": "src", "PYTHONDONTWRITEBYTECODE": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    return subprocess.Popen(
        command,
        cwd=project,
        env=environment | variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limit,
    )


def outputs(project: Path, stage: str) -> dict[str, str]:
    """Hashes of a stage's output files; of a training's curves none, which grow while it runs."""
    locked = yaml.safe_load((project / "dvc.lock").read_text())["stages"][stage]
    paths = [project / out["path"] for out in locked.get("outs", []) if out["path"] != "plots/train"]
    found = [one for path in paths for one in ([path] if path.is_file() else path.rglob("*")) if one.is_file()]
    return {str(one.relative_to(project)): hashlib.md5(one.read_bytes()).hexdigest() for one in found}


def require_a_sentence(words: str) -> None:
    told = [line for line in words.splitlines() if not line.startswith(("note: ", "warning: "))]
    assert len(told) == 1 and told[0].startswith("error: "), words


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_that_is_killed_comes_out_the_same(project, stage):
    start = time.monotonic()
    whole = started(project, stage)
    _, words = whole.communicate()
    assert whole.returncode == 0, words
    before = outputs(project, stage)
    half = (time.monotonic() - start) / 2
    # Where the interrupt passes through a library's own call of Python, Python ends by the signal, after our line.
    for kind, statuses in ((signal.SIGINT, (130, -signal.SIGINT)), (signal.SIGKILL, (-signal.SIGKILL,))):
        process = started(project, stage)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(half)
        process.send_signal(kind)
        _, words = process.communicate()
        assert process.returncode in (0, *statuses), words
        if process.returncode and kind == signal.SIGINT:
            assert words.splitlines()[-1] == "interrupted; run the same command again to go on"
            assert "Traceback" not in words
        left = outputs(project, stage)
        assert all(before[name] == content for name, content in left.items()), "an output is half-written"
    run(project, "dvc", "repro", "--force", "--single-item", stage)
    assert outputs(project, stage) == before


@contextlib.contextmanager
def mounted(folder: Path, size: str) -> Iterator[Path]:
    """A disk of its own."""
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture(scope="module")
def full(project, tmp_path_factory) -> Iterator[tuple[Path, Callable[[], None] | None]]:
    """The project on a disk without room, or, where nobody may mount one, with a limit of a byte a file."""
    if not MOUNTS:
        yield project, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))
        return
    with mounted(tmp_path_factory.mktemp("disk") / "clone", "400m") as clone:
        shutil.copytree(
            project, clone, dirs_exist_ok=True, ignore=lambda folder, _: ["cache"] if ".dvc" in folder else []
        )
        yield clone, None


def fill(disk: Path) -> None:
    """Take all the room that is left."""
    with contextlib.suppress(OSError), (disk / "filler").open("ab", buffering=0) as filler:
        while filler.write(bytes(1 << 16)):
            pass


@pytest.mark.parametrize("stage", STAGES)
def test_without_room_a_stage_says_so_and_leaves_what_was_there(full, stage):
    clone, limit = full
    before = outputs(clone, stage)
    if limit is None:
        fill(clone)  # a stage before may have made room
    process = started(clone, stage, limit)
    _, words = process.communicate()
    if process.returncode or stage not in SMALL_OUTPUTS:
        assert process.returncode == 1
        require_a_sentence(words)
    assert outputs(clone, stage) == before
    assert not list(clone.rglob(".*.partial"))


@pytest.mark.skipif(not MOUNTS, reason="only root may mount a small disk")
@pytest.mark.parametrize("stage", STAGES)
def test_a_small_folder_for_temporary_files_is_enough_or_told(project, stage, tmp_path):
    with mounted(tmp_path / "small", "8k") as small:
        process = started(project, stage, TMPDIR=str(small))
        _, words = process.communicate()
    if process.returncode:
        assert process.returncode == 1
        require_a_sentence(words)


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage in ("train", "evaluate", "track")])
def test_a_store_that_is_held_is_waited_for_and_told(project, stage):
    with sqlite3.connect(project / "mlflow.db") as database:
        database.execute("BEGIN EXCLUSIVE")
        _, words = started(project, stage).communicate()
        database.rollback()
    if words:  # a stage that does not use the store ends well
        require_a_sentence(words)
        assert "another program holds it" in words
