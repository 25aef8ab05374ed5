"""The int8 file of a network's initial weights: what it costs on a board is known before anyone trains it.

The pictures that calibrate are random colours, so the file is of no use but for its cost. Arena, operators and
instructions do not depend on the weights; a trained file may differ by some bytes.
"""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from tinyinspect.config.params import Params
from tinyinspect.conversion.onnx import export
from tinyinspect.models.checkpoint import build
from tinyinspect.registry import architecture_part, task_part

PATCHES = 8  # along a side of a picture, each of one colour


def int8_file(params: Params, folder: Path) -> Path:
    """The int8 file of the network's initial weights, in a folder that exists."""
    views = _pictures(params.model.input_size)
    pixels = views.astype(np.float32) / np.float32(255)
    samples = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
    torch.manual_seed(params.seed)
    outputs = task_part(params.task.name, "objective").outputs(classes=params.data.classes, task=params.task)
    network = build(params.model, outputs)
    architecture_part(params.model.architecture, "network").initialize(network, params.model)
    network.train()(torch.from_numpy(samples))  # BatchNorm statistics that are not the initial ones
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
