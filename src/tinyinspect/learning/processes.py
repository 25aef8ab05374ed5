"""A training in several processes of this machine, one a GPU, which share each step.

All run the same function. DistributedDataParallel of PyTorch gives each the mean of their gradients, so that their
weights stay the same. Where one fails or is killed, the others are ended, and the error is raised in the caller.
"""

import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from multiprocessing import parent_process
from signal import SIGTERM
from threading import Thread
from typing import Any

import torch
from torch import distributed, multiprocessing
from torch.multiprocessing.spawn import ProcessException, start_processes

from tinyinspect.errors import InputError, machine_fault

Work = Callable[..., Iterator[float]]  # of a device and what else is given
_SECONDS = 0.1  # between looks after the processes
_START = "forkserver"  # "spawn" would wait for ever where a process is killed as it starts


def place() -> tuple[int, int]:
    """Which one this process is, from 0, and of how many; (0, 1) where a training has one process."""
    return (distributed.get_rank(), distributed.get_world_size()) if distributed.is_initialized() else (0, 1)


def in_processes(work: Work, count: int, device: torch.device, *given: Any) -> Iterator[float]:
    """Yield what ``work(device, *given)`` yields in the first of so many processes.

    Args:
        work: a function of a module; :func:`place` tells it which process it is in.
        count: of processes.
        device: the CPU, which they share, or ``cuda``: each takes a GPU.
        given: what can be pickled. Tensors on the CPU are not copied: what one process writes, all see.

    Raises:
        InputError: There are fewer GPUs than processes, a process was killed, or as ``work``.
    """
    if device.type == "cuda" and torch.cuda.device_count() < count:
        raise InputError(
            f"pretrain.processes is {count}, and each takes a GPU, of which this machine has "
            f"{torch.cuda.device_count()}; lower it, or set train.device to cpu"
        )
    logging.getLogger("torch.multiprocessing.spawn").setLevel(logging.ERROR)  # that it ends the others is no news
    with tempfile.TemporaryDirectory() as folder:
        context = multiprocessing.get_context(_START)
        context.set_forkserver_preload([work.__module__])  # loaded once, and not by one process after the other
        results: Any = context.SimpleQueue()
        task = count, device, f"file://{folder}/meeting", results, work, given
        try:
            running: Any = start_processes(_process, task, count, join=False, daemon=True, start_method=_START)
        except (BrokenPipeError, EOFError):
            raise _killed(count) from None
        try:
            ended = False
            while not ended:
                ended = _ended(running, results)
                yield from _drained(results)
        finally:
            for process in running.processes:
                process.kill()
                process.join()


def _process(
    number: int, count: int, device: torch.device, meeting: str, results: Any, work: Work, given: tuple[Any, ...]
) -> None:
    Thread(target=_end_with_the_caller, daemon=True).start()
    torch.set_num_threads(max(1, torch.get_num_threads() // count))
    mine = torch.device("cuda", number) if device.type == "cuda" else device
    if mine.type == "cuda":
        torch.cuda.set_device(mine)
    try:
        kind = "nccl" if mine.type == "cuda" else "gloo"
        distributed.init_process_group(kind, init_method=meeting, rank=number, world_size=count)
        for result in work(mine, *given):
            if not number:
                results.put(result)
        distributed.destroy_process_group()
    except Exception as error:
        sentence = str(error) if isinstance(error, InputError) else machine_fault(error)
        if sentence is None:
            raise
        results.put(InputError(sentence))
        sys.exit(1)


def _end_with_the_caller() -> None:
    """Where that is killed, nobody else would end this process."""
    caller = parent_process()
    assert caller is not None
    caller.join()
    os._exit(1)


def _ended(running: Any, results: Any) -> bool:
    """Wait a moment; whether all processes have ended well."""
    try:
        return bool(running.join(_SECONDS))
    except ProcessException as error:
        for _ in _drained(results):
            pass
        # Where one was killed, the others raise that they lost it, or are ended by SIGTERM.
        codes = [getattr(error, "exit_code", 0), *(process.exitcode or 0 for process in running.processes)]
        if all(code >= 0 or (place and code == -SIGTERM) for place, code in enumerate(codes)):
            raise
        raise _killed(len(running.processes)) from None


def _killed(count: int) -> InputError:
    return InputError(
        f"one of the {count} processes of pretraining was killed; where the memory was used up, lower "
        "pretrain.batch_size or pretrain.processes, then run `dvc repro` again"
    )


def _drained(results: Any) -> Iterator[float]:
    """What has come by now.

    Raises:
        InputError: That is what came.
    """
    while not results.empty():
        result = results.get()
        if isinstance(result, InputError):
            raise result
        yield result
