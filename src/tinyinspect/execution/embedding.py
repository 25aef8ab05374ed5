"""Embeddings of all frames by an engine: an encoder in this process, or several on a Ray cluster.

An encoder on the cluster is an actor that reads frames from the shards. It returns the embeddings of some batches at a
time, and the caller writes them: few are in memory, however many frames there are. An actor that died is started again,
and its task with it. Batches are those of the local engine, so that the embeddings are the same.
"""

from collections import deque
from collections.abc import Iterator
from functools import cached_property
from itertools import cycle, islice
from pathlib import Path
from typing import Any

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
_AHEAD = 2  # tasks that wait at each encoder


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
    tasks = [batches[start : start + _BATCHES] for start in range(0, len(batches), _BATCHES)]
    with cluster(execution) as ray, tqdm(desc="embed", unit=" frames", total=len(store), disable=None) as progress:
        actor = ray.remote(
            num_cpus=execution.cores, num_gpus=execution.gpus, max_restarts=-1, max_task_retries=execution.retries
        )(_Encoder)
        given = Path.cwd(), output, store.folder, backbone, device, torch.get_num_threads()
        count = min(room(ray, execution.cores, execution.gpus), len(tasks))
        encoders = [actor.remote(*given) for _ in range(count)]
        for embeddings in _in_order(ray, encoders, tasks, execution):
            progress.update(len(embeddings))
            yield embeddings


def _in_order(
    ray: Any, encoders: list[Any], tasks: list[list[range]], execution: Execution
) -> Iterator[NDArray[np.float32]]:
    waiting = zip(cycle(encoders), tasks, strict=False)
    running = deque(encoder.embed.remote(batches) for encoder, batches in islice(waiting, _AHEAD * len(encoders)))
    while running:
        yield result_of(ray, running.popleft(), execution.cores, execution.gpus)
        running.extend(encoder.embed.remote(batches) for encoder, batches in islice(waiting, 1))


class _Encoder:
    """A backbone on a machine of the cluster, with the frames to read."""

    def __init__(self, project: Path, output: Path, frames: Path, backbone: Path, device: str, threads: int):
        self._project, self._output = project, output
        self._frames, self._backbone, self._device, self._threads = frames, backbone, device, threads

    def embed(self, batches: list[range]) -> NDArray[np.float32]:
        """Embeddings of the rows of some batches, (n, d) float32."""
        store, encode, input_size = self._opened
        return np.concatenate(list(embed_batches(store, encode, input_size, batches)))

    @cached_property
    def _opened(self) -> tuple[FrameStore, Encoder, int]:
        """Opened by the first task: of an error there Ray gives the reason, of one in ``__init__`` a text."""
        enter(self._project, self._output)
        torch.set_num_threads(self._threads)  # as in the stage: it decides in which order numbers are added
        return FrameStore(self._frames), *load_encoder(self._backbone, self._device)
