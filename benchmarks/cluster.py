"""Extraction and embedding on a local Ray cluster against one process: seconds, frames a second, ratios.

    python benchmarks/cluster.py [--copies 8] [--runs 3]

Takes the recordings under data/videos, each so many times, and a fresh backbone of params.yaml. The nodes are processes
of this machine, a core each, so that two nodes need two idle cores. One process runs as the stages run it, with its
threads on all cores. Each way runs once before it is timed; that Ray starts workers, some seconds, counts in each run.
At last one process extracts fewer frames a second of the same recordings.
"""

import argparse
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from ray.cluster_utils import Cluster

from tinyinspect.config.execution import Engine, Execution
from tinyinspect.config.loading import load
from tinyinspect.config.params import Params
from tinyinspect.execution.embedding import embeddings_of
from tinyinspect.execution.extraction import extractor
from tinyinspect.models.checkpoint import build, save_backbone
from tinyinspect.recordings.extract import extract_recordings
from tinyinspect.recordings.store import FrameStore
from tinyinspect.selection.embeddings import write_embeddings

LOCAL = Execution(engine=Engine.LOCAL, address=None, cores=1, gpus=0, minutes=10, retries=3)
NODE = {"num_cpus": 1, "object_store_memory": 200 * 2**20}


@contextmanager
def nodes(count: int) -> Iterator[Execution]:
    """A local cluster of so many nodes with a core each; one process where there is none."""
    if not count:
        yield LOCAL
        return
    cluster = Cluster(initialize_head=True, head_node_args=NODE)
    for _ in range(count - 1):
        cluster.add_node(**NODE)
    yield Execution(engine=Engine.RAY, address=cluster.address, cores=1, gpus=0, minutes=10, retries=3)
    cluster.shutdown()


def seconds(work: Callable[[], object], runs: int) -> float:
    """The median of some runs after a first one."""
    times = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def extract(params: Params, execution: Execution) -> None:
    """As the stage does it."""
    shutil.rmtree("frames", ignore_errors=True)
    Path("frames").mkdir()
    extract_recordings(Path("videos"), Path("frames"), params.extract, extractor(execution))


def extract_fewer(params: Params, runs: int) -> None:
    """In one process: frames read a second, by the frames a second of the recording that are kept."""
    read = 0
    for rate in (None, 1.0, 0.1):
        fewer = params.model_copy(update={"extract": params.extract.model_copy(update={"fps": rate})})
        took = seconds(lambda given=fewer: extract(given, LOCAL), runs)
        sizes = FrameStore(Path("frames")).index["size"]
        read = read or len(sizes)
        print(f"extract.fps={rate}: {read / took:.0f} read a second, {len(sizes)} kept, {sizes.mean():.0f} bytes each")


def embed(execution: Execution) -> None:
    """As the stage does it, without the map."""
    store = FrameStore(Path("frames"))
    embeddings = embeddings_of(store, Path("backbone.safetensors"), "cpu", execution, Path("frames"))
    write_embeddings(embeddings, store, Path("embeddings.npy"))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--copies", type=int, default=8)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    params, videos = load(Path("params.yaml"), Params), Path("data/videos").resolve()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for number in range(given.copies):
            shutil.copytree(videos, Path("videos") / str(number))
        save_backbone(build(params.model, 1), params.model, Path("backbone.safetensors"))
        torch.set_num_threads(1)
        alone: dict[str, float] = {}
        for count in (0, 1, 2):
            with nodes(count) as execution:
                for name, work in {
                    "extract": lambda given=execution: extract(params, given),
                    "embed": lambda given=execution: embed(given),
                }.items():
                    took, frames = seconds(work, given.runs), len(FrameStore(Path("frames")))
                    alone.setdefault(name, took)
                    print(
                        f"{name}, {f'{count} nodes' if count else 'one process'}: {frames} frames in {took:.1f} s, "
                        f"{frames / took:.0f} a second, {alone[name] / took:.2f} of one process",
                        flush=True,
                    )
        extract_fewer(params, given.runs)


if __name__ == "__main__":
    main()
