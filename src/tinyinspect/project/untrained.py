"""A network with its initial weights, and what its int8 file costs on a board: known before anyone trains it.

The pictures that calibrate are random colours, so the file is of no use but for its cost. Arena, operators and
instructions do not depend on the weights; a trained file may differ by some bytes.
"""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from tinyinspect.config.params import Params
from tinyinspect.conversion.onnx import export
from tinyinspect.device.boards import read_boards
from tinyinspect.device.check import check_file
from tinyinspect.device.verdict import OWN, Verdict
from tinyinspect.registry import architecture_part, task_part

PATCHES = 8  # along a side of a picture, each of one colour


def verdict_of(root: Path, params: Params) -> Verdict:
    """The verdict on an untrained network, on the board of the parameters.

    Args:
        root: of the project.
        params: its network, task, classes, board, accelerator and converter.
    """
    boards = list(read_boards(root / "conf/board").values())
    with tempfile.TemporaryDirectory() as folder:
        file = _int8_file(params, Path(folder))
        (verdict,) = check_file(file, [params.board], boards, root / "conf/accelerator", OWN)
    return verdict


def network_of(params: Params) -> Any:
    """A network with its initial weights."""
    torch.manual_seed(params.seed)
    part = task_part(params.task.name, "objective")
    network = part.network(params.model, classes=params.data.classes, task=params.task)
    architecture_part(params.model.architecture, "network").initialize(network, params.model)
    return network


def _int8_file(params: Params, folder: Path) -> Path:
    views = _pictures(params.model.input_size)
    pixels = views.astype(np.float32) / np.float32(255)
    samples = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
    network = network_of(params)
    network.train()(torch.from_numpy(samples))  # BatchNorm statistics that are not the initial ones
    for name, values in network.named_parameters():
        # All are 0 before a training, and equal ones share their place in the file.
        if name.endswith("bias") and values.requires_grad:
            nn.init.uniform_(values, -0.1, 0.1)
    export(network, samples, folder / "model.onnx")
    # Loaded last: torchvision, which `build` loads, crashes where TensorFlow was loaded before it.
    from tinyinspect.conversion.tensorflow import convert
    from tinyinspect.conversion.tflite import to_int8

    convert(folder / "model.onnx", pixels, folder / "saved_model", params.convert.converter)
    to_int8(folder / "saved_model", views, folder / "model.tflite")
    return folder / "model.tflite"


def _pictures(size: int) -> NDArray[np.uint8]:
    """Eight pictures of random colours, (8, size, size, 3)."""
    small = np.random.default_rng(0).integers(0, 256, (8, PATCHES, PATCHES, 3), np.uint8)
    return small.repeat(size // PATCHES, axis=1).repeat(size // PATCHES, axis=2)
