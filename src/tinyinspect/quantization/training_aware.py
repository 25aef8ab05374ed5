"""Quantization-aware training: the network learns to answer in int8 as it did in float, and the ranges with it.

The float network is the teacher of its rounded copy, so no labels are needed and every task trains alike. Pictures
are those of the training, augmented as there. The network starts from equalized channels and corrected biases; where
the training does not lower the error on the calibration frames, that start is what comes out.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor

from tinyinspect.config.quantize import Ranges
from tinyinspect.config.train import Train
from tinyinspect.learning.augmentation import augment, strength_of
from tinyinspect.learning.devices import device_of
from tinyinspect.learning.frames import Frames, frames_of
from tinyinspect.quantization.calibrated import Range
from tinyinspect.quantization.ranges import narrowed, rule_of
from tinyinspect.quantization.trainable import TrainableNetwork
from tinyinspect.selection.labelled import Labelled

LEARNING_RATE = 5e-4  # of the range that a trained number belongs to; a level of int8 is 8e-3 of it
BATCH = 64  # calibration frames at a time

Outputs = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Trained:
    """A network that bears int8.

    Attributes:
        model: with the trained weights, in float.
        ranges: of each tensor that int8 holds, by its name in the model.
        before: relative squared error of the rounded outputs on the calibration frames, before the training.
        after: the same after it.
    """

    model: onnx.ModelProto
    ranges: dict[str, Range]
    before: float
    after: float


def train(
    model: onnx.ModelProto,
    teacher: onnx.ModelProto,
    views: NDArray[np.uint8],
    labelled: Labelled,
    *,
    steps: int,
    narrow: bool,
    ranges: Ranges,
    settings: Train,
    seed: int,
) -> Trained:
    """Train a network for int8.

    Args:
        model: what the training starts from; BatchNorm folded, NCHW input in [0, 1].
        teacher: the float network whose outputs it learns. Equalization leaves them, corrected biases do not.
        views: (n, size, size, 3) uint8 calibration frames, which the ranges start from.
        labelled: pictures that were trained on, the groups taking turns by their labels.
        steps: batches.
        narrow: whether weights have 4 bits instead of 8.
        ranges: how the ranges start.
        settings: batch size, augmentation and device.
        seed: of all draws.

    Raises:
        InputError: The network holds an operator that cannot be trained.
    """
    device = device_of(settings.device)
    network, exact = TrainableNetwork(model, narrow=narrow).to(device), TrainableNetwork(teacher).to(device).exact
    calibration = [
        torch.from_numpy(views[first : first + BATCH]).permute(0, 3, 1, 2).to(device).float() / 255
        for first in range(0, len(views), BATCH)
    ]
    network.begin(_ranges(network, calibration, ranges))
    network.to(device)
    before = _error(network, exact, calibration)
    start = {name: value.clone() for name, value in network.state_dict().items()}
    _fit(network, exact, frames_of(labelled, views.shape[1], device), steps, settings, seed)
    after = _error(network, exact, calibration)
    if not after < before:
        network.load_state_dict(start)
    return Trained(network.model(), network.ranges(), before, min(before, after))


def _ranges(network: TrainableNetwork, batches: list[Tensor], choice: Ranges) -> dict[str, Range]:
    found, rule = network.observe(batches), rule_of(choice)
    return found if rule is None else found | narrowed(found, lambda names: network.values(batches, names), rule)


def _fit(network: TrainableNetwork, exact: Outputs, frames: Frames, steps: int, settings: Train, seed: int) -> None:
    weights = [one for one in network.parameters() if one.requires_grad]
    optimizer = torch.optim.Adam(weights, LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
    for inputs in _batches(frames, steps, settings, seed):
        with torch.no_grad():
            expected = exact(inputs)
        loss = _relative_error(network(inputs), expected)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()


def _batches(frames: Frames, steps: int, settings: Train, seed: int) -> Iterator[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    labels = frames.labels.cpu()
    shares = 1 / labels.bincount()[labels].double()  # every group alike, however many pictures it has
    strength, size = strength_of(settings), frames.views.shape[-1]
    for _ in range(steps):
        rows = torch.multinomial(shares, settings.batch_size, replacement=True, generator=generator)
        yield augment(frames.pictures(rows), size, strength, generator)


def _relative_error(outputs: Tensor, expected: Tensor) -> Tensor:
    return ((outputs - expected) ** 2).mean() / expected.var().clamp(min=1e-12)


def _error(network: TrainableNetwork, exact: Outputs, batches: list[Tensor]) -> float:
    with torch.no_grad():
        outputs, expected = (torch.cat([run(one) for one in batches]) for run in (network, exact))
        return float(_relative_error(outputs, expected))
