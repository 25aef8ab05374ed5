"""Extraction of recordings by an engine: threads of this process, or tasks on a Ray cluster.

A task writes the shards of a recording into the stage's folder, as a thread does. A long recording is cut: a task reads
each part, and one more joins them. A task whose worker died is run again and writes the same files; the outcomes keep
the order of the recordings, whichever ends first.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from tqdm import tqdm

from tinyinspect.config.execution import Engine, Execution
from tinyinspect.config.extract import Extract
from tinyinspect.execution.cluster import cluster, enter, result_of, room
from tinyinspect.recordings.cuts import parts_of
from tinyinspect.recordings.extract import ExtractAll, Outcome, extract_in_threads, extract_recording
from tinyinspect.recordings.parts import extract_part, join_parts, remove_parts
from tinyinspect.recordings.stream import Part

Result = TypeVar("Result")


def extractor(execution: Execution) -> ExtractAll:
    """What :func:`~tinyinspect.recordings.extract.extract_recordings` is to extract all recordings with."""
    match execution.engine:
        case Engine.LOCAL:
            return extract_in_threads
        case Engine.RAY:
            return partial(_extract_on_cluster, execution)


@dataclass(frozen=True, slots=True)
class _Job:
    """What all tasks of the stage are given; the paths are relative to the project."""

    project: Path
    videos: Path
    folder: Path
    settings: Extract
    cores: int


def _extract_on_cluster(
    execution: Execution, videos: Path, folder: Path, settings: Extract, probed: list[Outcome]
) -> list[Outcome]:
    job = _Job(Path.cwd(), videos, folder, settings, execution.cores)
    with cluster(execution) as ray, tqdm(desc="extract", unit=" frames", disable=None) as progress:
        room(ray, job.cores)
        # One function for all steps: to send a new one out, Ray would wait for a first machine that is gone.
        step = ray.remote(num_cpus=job.cores, max_retries=execution.retries)(_extract_step)
        cuts = [step.remote(_cut, job, one, 60 * execution.minutes) for one in probed]
        running = [
            _tasks_of(step, job, one, result_of(ray, parts, job.cores)) for one, parts in zip(probed, cuts, strict=True)
        ]
        outcomes = [_outcome_of(ray, job, tasks, progress.update) for tasks in running]
    remove_parts(folder)
    return outcomes


def _tasks_of(step: Any, job: _Job, probed: Outcome, parts: list[Part]) -> list[Any]:
    """Start the tasks of a recording; the last one gives its outcome."""
    if not parts:
        return [step.remote(_extract, job, probed)]
    read = [step.remote(_extract_part, job, probed, part) for part in parts]
    return [*read, step.remote(_join, job, probed, parts, *read)]


def _outcome_of(ray: Any, job: _Job, tasks: list[Any], count: Callable[[int], object]) -> Outcome:
    *reading, last = tasks
    for part in reading:
        read: Outcome | None = result_of(ray, part, job.cores)
        count(read.read if read else 0)
    outcome: Outcome = result_of(ray, last, job.cores)
    count(0 if reading else outcome.read)
    return outcome


def _extract_step(step: Callable[..., Result], job: _Job, *given: Any) -> Result:
    """One of the steps below, as a task."""
    enter(job.project, job.folder)
    return step(job, *given)


def _cut(job: _Job, probed: Outcome, length: float) -> list[Part]:
    return parts_of(job.videos / probed.recording, probed.stream, length) if probed.stream else []


def _extract(job: _Job, probed: Outcome) -> Outcome:
    with ThreadPoolExecutor(job.cores) as measuring:
        return extract_recording(job.videos, job.folder, job.settings, measuring, lambda: None, probed)


def _extract_part(job: _Job, probed: Outcome, part: Part) -> Outcome | None:
    with ThreadPoolExecutor(job.cores) as measuring:
        return extract_part(job.videos, job.folder, job.settings, measuring, probed, part)


def _join(job: _Job, probed: Outcome, parts: list[Part], *read: Outcome | None) -> Outcome:
    with ThreadPoolExecutor(job.cores) as measuring:
        found = list(zip(parts, read, strict=True))
        return join_parts(job.videos, job.folder, job.settings, measuring, probed, found)
