"""Pretraining in two processes on the CPU: the same weights each time, and one sentence where one is lost."""

import copy
import multiprocessing
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, distributed, nn

from tinyinspect.config.pretrain import Pretrain, SslMethod
from tinyinspect.errors import InputError
from tinyinspect.learning.pretraining import _train_together, pretrain
from tinyinspect.learning.processes import in_processes, place
from tinyinspect.learning.sources import Sources

CPU = torch.device("cpu")
SETTINGS = Pretrain(
    method=SslMethod.SIMCLR, frames=None, epochs=2, batch_size=5, learning_rate=0.01, weight_decay=0, processes=2
)


class Store:
    """Ten frames."""

    def __len__(self) -> int:
        return 10

    def picture(self, row: int) -> np.ndarray:
        return np.random.default_rng(row).integers(0, 256, (48, 64, 3), np.uint8)


@pytest.fixture
def frames(tmp_path: Path) -> Sources:
    return Sources(Store(), 32, tmp_path / ".sources.partial")


def each_method(device: torch.device, networks: list[nn.Module], frames: Sources, taught: Tensor) -> Iterator[float]:
    for network, method in zip(networks, SslMethod, strict=True):
        settings = SETTINGS.model_copy(update={"method": method})
        yield from _train_together(device, network.backbone, frames, settings, 0, taught)


def test_the_same_number_of_processes_gives_the_same_weights(small_network: nn.Module, frames: Sources) -> None:
    alone, first, *others = (copy.deepcopy(small_network) for _ in range(5))
    losses = list(pretrain(first.backbone, frames, SETTINGS, CPU, 0))
    taught = nn.functional.normalize(torch.randn(10, 6)).half()
    again = list(in_processes(each_method, 2, CPU, others, frames, taught))
    assert losses == again[:2] and len(again) == 6 and np.isfinite(again).all()
    list(pretrain(alone.backbone, frames, SETTINGS.model_copy(update={"processes": 1}), CPU, 0))
    weights = [torch.cat([one.flatten() for one in network.state_dict().values()]) for network in (first, *others)]
    assert torch.equal(weights[0], weights[1])
    unlike = [
        *weights[1:],
        *(torch.cat([one.flatten() for one in net.state_dict().values()]) for net in (alone, small_network)),
    ]
    assert all(not torch.equal(one, other) for place, one in enumerate(unlike) for other in unlike[:place])


def waiting(_: torch.device) -> Iterator[float]:
    yield 1.0
    distributed.barrier()
    if place()[0] == 1:
        time.sleep(600)
    distributed.barrier()


def refusing(_: torch.device) -> Iterator[float]:
    if place() == (1, 2):
        raise InputError("a frame does not decode")
    distributed.barrier()
    yield 1.0


def test_a_process_that_is_killed_is_one_sentence() -> None:
    results = in_processes(waiting, 2, CPU)
    assert next(results) == 1.0
    max(multiprocessing.active_children(), key=lambda one: one.pid or 0).kill()
    with pytest.raises(InputError, match="one of the 2 processes of pretraining was killed; where the memory"):
        list(results)
    assert multiprocessing.active_children() == []


def test_what_one_process_refuses_is_its_sentence() -> None:
    with pytest.raises(InputError, match=r"^a frame does not decode$"):
        list(in_processes(refusing, 2, CPU))


def test_steps_that_are_too_small_and_too_few_gpus(small_network: nn.Module, frames: Sources) -> None:
    with pytest.raises(InputError, match="takes at least two frames of a step, which has 5; lower it, or raise"):
        next(pretrain(small_network.backbone, frames, SETTINGS.model_copy(update={"processes": 3}), CPU, 0))
    with pytest.raises(
        InputError, match=r"processes is 99, and each takes a GPU, of which this machine has [0-9]+; lower"
    ):
        next(in_processes(refusing, 99, torch.device("cuda")))
