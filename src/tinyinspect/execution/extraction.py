"""Extraction of recordings by an engine: threads of this process, or a task a recording on a Ray cluster.

Each task writes the shards of its recording into the stage's folder, as a thread does. A task whose worker died is run
again and writes the same files; the outcomes keep the order of the recordings, whichever ends first.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tqdm import tqdm

from tinyinspect.config.execution import Engine, Execution
from tinyinspect.config.extract import Extract
from tinyinspect.execution.cluster import cluster, enter, result_of, room
from tinyinspect.recordings.extract import ExtractAll, Outcome, extract_in_threads, extract_recording


def extractor(execution: Execution) -> ExtractAll:
    """What :func:`~tinyinspect.recordings.extract.extract_recordings` is to extract all recordings with."""
    match execution.engine:
        case Engine.LOCAL:
            return extract_in_threads
        case Engine.RAY:
            return partial(_extract_on_cluster, execution)


def _extract_on_cluster(
    execution: Execution, videos: Path, folder: Path, settings: Extract, probed: list[Outcome]
) -> list[Outcome]:
    with cluster(execution) as ray, tqdm(desc="extract", unit=" frames", disable=None) as progress:
        room(ray, execution.cores)
        task = ray.remote(num_cpus=execution.cores, max_retries=execution.retries)(_extract_in_task)
        project = Path.cwd()
        running = [task.remote(project, videos, folder, settings, execution.cores, one) for one in probed]
        outcomes = []
        for one in running:
            outcomes.append(result_of(ray, one, execution.cores))
            progress.update(outcomes[-1].read)
        return outcomes


def _extract_in_task(
    project: Path, videos: Path, folder: Path, settings: Extract, cores: int, probed: Outcome
) -> Outcome:
    enter(project, folder)
    with ThreadPoolExecutor(cores) as measuring:
        return extract_recording(videos, folder, settings, measuring, lambda: None, probed)
