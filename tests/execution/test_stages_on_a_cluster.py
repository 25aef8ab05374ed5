"""`extract` and `embed` on a local cluster of two nodes write what they write without it, byte for byte."""

import filecmp
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import psutil
import pytest
import torch
import yaml

from tinyinspect.config.execution import Engine, Execution
from tinyinspect.errors import InputError
from tinyinspect.execution.cluster import cluster
from tinyinspect.models.checkpoint import build, save_backbone
from tinyinspect.models.resnet9.settings import Model

ray = pytest.importorskip(
    "ray", reason="Ray is not installed: pip install -r requirements-ray.txt -c requirements.lock"
)

from scripts.repeat_on_cluster import added, two_nodes  # noqa: E402 it needs Ray
from tests.experiments import measuring_project  # noqa: E402, F401
from tests.project.conftest import run_git  # noqa: E402

pytestmark = pytest.mark.faults  # minutes long on busy cores

ROOT = Path(__file__).parents[2]
FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
SECONDS = {"a.mp4": 50, "b/c.mp4": 50, "e.mp4": 50, "f.mp4": 50, "d.avi": 2}  # at 15 frames each
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT / "src"), "RAYON_NUM_THREADS": "1"}


@pytest.fixture(scope="module")
def nodes() -> Iterator[Any]:
    """A cluster of two nodes with a core each."""
    with two_nodes() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory, small_model: Model) -> Path:
    """A project after both stages without a cluster: five recordings, one that cannot be read, a backbone."""
    folder = tmp_path_factory.mktemp("local")
    for name, seconds in SECONDS.items():
        film = folder / "data" / "videos" / name
        film.parent.mkdir(parents=True, exist_ok=True)
        source = ["-f", "lavfi", "-i", f"testsrc2=size=160x120:rate=15:duration={seconds}"]
        subprocess.run([FFMPEG, "-loglevel", "error", *source, film], check=True)
    (folder / "data" / "videos" / "bad.avi").write_text("no video")
    torch.manual_seed(0)
    (folder / "models").mkdir()
    save_backbone(build(small_model, 1), small_model, folder / "models" / "backbone.safetensors")
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    params["extract"]["near_duplicate_bits"] = 0
    params["train"]["device"] = "cpu"
    (folder / "params.yaml").write_text(yaml.safe_dump(params))
    for stage in ("extract", "embed"):
        done = run(folder, stage)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def clustered(local: Path, tmp_path: Path, nodes: Any) -> Path:
    """The same project before both stages, with ``execution=ray``."""
    folder = tmp_path / "ray"
    shutil.copytree(local, folder, ignore=shutil.ignore_patterns("frames", "embeddings"))
    choose(folder, engine="ray", address=nodes.address, minutes=0.2)  # films of 50 seconds are cut
    return folder


def choose(folder: Path, **execution: object) -> None:
    params = yaml.safe_load((folder / "params.yaml").read_text())
    params["execution"] |= execution
    (folder / "params.yaml").write_text(yaml.safe_dump(params))


def start(folder: Path, stage: str) -> subprocess.Popen[str]:
    command = [sys.executable, ROOT / "stages" / f"{stage}.py"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, text=True, **pipes)


def ended(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    out, err = process.communicate(timeout=900)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def run(folder: Path, stage: str) -> subprocess.CompletedProcess[str]:
    return ended(start(folder, stage))


def worker_at_work(
    folder: Path, process: subprocess.Popen[str], title: str, raylet: int | None = None
) -> psutil.Process:
    """A worker of the cluster, or of the node with this process, that has begun a task in the folder."""
    while process.poll() is None:
        for worker in psutil.process_iter(["cmdline", "ppid", "cwd"]):
            at_work = (worker.info["cmdline"] or [""])[0].startswith(f"ray::{title}")
            if at_work and worker.info["cwd"] == str(folder) and raylet in (None, worker.info["ppid"]):
                return worker
        time.sleep(0.01)
    raise AssertionError(process.communicate())


def differing(first: Path, second: Path) -> list[str]:
    names = {path.relative_to(folder) for folder in (first, second) for path in folder.rglob("*") if path.is_file()}
    _, wrong, missing = filecmp.cmpfiles(first, second, names, shallow=False)
    assert names
    return [*map(str, wrong), *map(str, missing)]


def test_the_results_are_those_of_one_process(local: Path, clustered: Path) -> None:
    extracted = run(clustered, "extract")
    assert extracted.returncode == 0, extracted.stderr
    assert extracted.stderr.startswith("warning: skipped: data/videos/bad.avi cannot be read as a video")
    assert len(extracted.stderr.splitlines()) == 1
    assert " frames of 5 recordings kept; " in extracted.stdout
    assert differing(local / "frames", clustered / "frames") == []
    embedded = run(clustered, "embed")
    assert embedded.returncode == 0, embedded.stderr
    assert embedded.stderr == ""
    assert differing(local / "embeddings", clustered / "embeddings") == []


def test_a_worker_that_is_killed_changes_nothing(local: Path, clustered: Path) -> None:
    for stage, title, output in [("extract", "_extract", "frames"), ("embed", "_embed_in_task", "embeddings")]:
        process = start(clustered, stage)
        worker_at_work(clustered, process, title).kill()  # as an empty memory or a pulled plug does
        done = ended(process)
        assert done.returncode == 0, done.stderr
        assert differing(local / output, clustered / output) == []


def test_a_node_that_is_lost_changes_nothing(local: Path, clustered: Path, nodes: Any) -> None:
    for stage, title, output in [("extract", "_extract", "frames"), ("embed", "_embed_in_task", "embeddings")]:
        (lost,) = nodes.worker_nodes
        process = start(clustered, stage)
        worker_at_work(clustered, process, title, lost.all_processes["raylet"][0].process.pid)
        nodes.remove_node(lost, allow_graceful=False)
        done = ended(process)
        added(nodes)
        assert done.returncode == 0, done.stderr
        assert differing(local / output, clustered / output) == []


def test_a_worker_that_dies_too_often_is_one_sentence(clustered: Path) -> None:
    choose(clustered, retries=0)
    process = start(clustered, "extract")
    worker_at_work(clustered, process, "_extract").kill()
    done = ended(process)
    assert done.returncode == 1
    assert done.stderr.startswith("error: a worker of the Ray cluster died too often (")
    assert done.stderr.endswith("raise execution.retries\n")
    assert not (clustered / "frames").exists() and not (clustered / ".frames.partial").exists()


def test_a_recording_that_is_refused_is_the_sentence_of_one_process(clustered: Path) -> None:
    params = yaml.safe_load((clustered / "params.yaml").read_text())
    params["extract"] |= {"bad_recording": "refuse", "crop": [0, 0, 500, 500]}
    (clustered / "params.yaml").write_text(yaml.safe_dump(params))
    (clustered / "data" / "videos" / "bad.avi").unlink()
    done = run(clustered, "extract")
    choose(clustered, engine="local", address=None)
    assert done.returncode == 1
    assert done.stderr == run(clustered, "extract").stderr


def test_a_frame_that_does_not_decode_is_the_sentence_of_one_process(local: Path, clustered: Path) -> None:
    shutil.copytree(local / "frames", clustered / "frames")
    shard = next((clustered / "frames").glob("*.tar"))
    shard.write_bytes(shard.read_bytes()[:2000])
    done = run(clustered, "embed")
    assert done.returncode == 1
    assert done.stderr.startswith("error: frames/") and done.stderr.count("\n") == 1
    assert not (clustered / "embeddings").exists()


def test_a_task_for_which_no_machine_has_room_is_one_sentence(clustered: Path) -> None:
    choose(clustered, cores=2)
    done = run(clustered, "extract")
    assert done.returncode == 1
    assert done.stderr.startswith("error: no machine of the Ray cluster has 2 cores and 0 GPUs for a task; lower")


def test_a_first_machine_that_is_lost_is_one_sentence(clustered: Path) -> None:
    with two_nodes() as others:
        head = others.address
        choose(clustered, address=head)
        process = start(clustered, "extract")
        worker_at_work(clustered, process, "_extract")
        for one in ("gcs_server", "raylet"):
            others.head_node.all_processes[one][0].process.kill()
        done = ended(process)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: the first machine of the Ray cluster, {head}, no longer answers")
    assert done.stderr.count("\n") == 1
    assert not (clustered / "frames").exists() and not (clustered / ".frames.partial").exists()


def test_workers_that_fill_the_memory_are_one_sentence(clustered: Path) -> None:
    with two_nodes(memory_usage_threshold=0.01) as full:  # of the machine: all that runs is too much
        choose(clustered, address=full.address, retries=1)
        done = run(clustered, "extract")
    assert done.returncode == 1
    assert done.stderr.startswith("error: a worker of the Ray cluster ran out of memory too often; give a task more")
    assert not (clustered / "frames").exists() and not (clustered / ".frames.partial").exists()


def test_another_version_of_ray_is_one_sentence(nodes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray, "__version__", "2.9.0")
    given = Execution(engine=Engine.RAY, address=nodes.address, cores=1, gpus=0, minutes=10, retries=0)
    with pytest.raises(InputError, match=r"has other versions of Ray or Python \(Version mismatch: .*2\.9\.0"):
        cluster(given).__enter__()


def test_a_sweep_runs_on_all_machines(measuring_project: Path, nodes: Any) -> None:  # noqa: F811
    (measuring_project.parent / "go").touch()  # what its stage waits for
    for key in ("user.name", "user.email"):
        run_git(measuring_project, "config", key, "a@b")  # the workers do not have the environment of the test
    script = [sys.executable, ROOT / "scripts" / "sweep_on_cluster.py", "--address", nodes.address, "--cores", "1"]
    command = [*script, "--name", "rates", "seed=1,2", "train.rate=0.1,0.2"]
    done = subprocess.run(
        command,
        cwd=measuring_project,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines() == [
        "rates.seed=1.rate=0.1: done",
        "rates.seed=1.rate=0.2: done",
        "rates.seed=2.rate=0.1: a stage failed; `dvc exp run` with its settings says why",
        "rates.seed=2.rate=0.2: a stage failed; `dvc exp run` with its settings says why",
    ]
    assert done.returncode == 1
    listed = subprocess.run(
        ["dvc", "exp", "list", "--name-only"], cwd=measuring_project, capture_output=True, text=True
    )
    assert set(listed.stdout.split()) == {"rates.seed=1.rate=0.1", "rates.seed=1.rate=0.2"}


def test_without_an_address_a_cluster_is_started_here(local: Path, clustered: Path) -> None:
    choose(clustered, address=None)
    done = run(clustered, "extract")
    assert done.returncode == 0, done.stderr
    assert differing(local / "frames", clustered / "frames") == []
