"""Embeddings of all frames by an engine: an encoder in this process, or several on a Ray cluster.

On the cluster, workers hold the encoder and read frames from the shards. A task returns the embeddings of some batches,
and the caller writes them: few are in memory, however many frames there are. A task whose worker died is run again.
Batches are those of the local engine, so that the embeddings are the same.
"""

from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from tinyinspect.config.execution import Engine, Execution
from tinyinspect.execution.cluster import cluster, enter, result_of, room
from tinyinspect.learning.encoder import load_encoder
from tinyinspect.recordings.store import FrameStore
from tinyinspect.selection.embeddings import Encoder, batches_of, embed_batches

_BATCHES = 8  # of a task: the encoder decodes the next batch meanwhile
_AHEAD = 2  # tasks for each encoder that the cluster has room for


def embeddings_of(
    store: FrameStore, backbone: Path, device: str, execution: Execution, output: Path
) -> Iterator[NDArray[np.float32]]:
    """Embeddings (b, d) float32 of all frames, some after the others in the order of the index.

    Args:
        store: of the frames.
        backbone: file of the encoder's weights.
        device: ``train.device``, on each machine.
        execution: the section of the parameters.
        output: the folder that the stage writes.

    Raises:
        InputError: A frame cannot be decoded, or the cluster cannot be used.
    """
    match execution.engine:
        case Engine.LOCAL:
            encode, input_size = load_encoder(backbone, device)
            yield from embed_batches(store, encode, input_size, batches_of(len(store)))
        case Engine.RAY:
            yield from _embed_on_cluster(store, backbone, device, execution, output)


def _embed_on_cluster(
    store: FrameStore, backbone: Path, device: str, execution: Execution, output: Path
) -> Iterator[NDArray[np.float32]]:
    batches = batches_of(len(store))
    waiting = iter([batches[start : start + _BATCHES] for start in range(0, len(batches), _BATCHES)])
    given = Path.cwd(), output, store.folder, backbone, device, execution.cores
    cores, gpus = execution.cores, execution.gpus
    with cluster(execution) as ray, tqdm(desc="embed", unit=" frames", total=len(store), disable=None) as progress:
        # Without max_calls, a worker with a GPU would end after each task and load the encoder anew.
        task = ray.remote(num_cpus=cores, num_gpus=gpus, max_retries=execution.retries, max_calls=0)(_embed_in_task)
        ahead = _AHEAD * room(ray, cores, gpus)
        running = deque(task.remote(*given, some) for some in islice(waiting, ahead))
        while running:
            embeddings = result_of(ray, running.popleft(), cores, gpus)
            running.extend(task.remote(*given, some) for some in islice(waiting, 1))
            progress.update(len(embeddings))
            yield embeddings


def _embed_in_task(
    project: Path, output: Path, frames: Path, backbone: Path, device: str, cores: int, batches: list[range]
) -> NDArray[np.float32]:
    enter(project, output)
    store, encode, input_size = _opened(frames, backbone, device, cores)
    return np.concatenate(list(embed_batches(store, encode, input_size, batches)))


@lru_cache(maxsize=1)
def _opened(frames: Path, backbone: Path, device: str, cores: int) -> tuple[FrameStore, Encoder, int]:
    """What a worker keeps from task to task; a stage has workers of its own."""
    torch.set_num_threads(cores)  # it changes no embedding: each output is summed by one thread
    return FrameStore(frames), *load_encoder(backbone, device)
