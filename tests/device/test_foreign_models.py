"""Networks built as those are that OpenMV ships for its boards, each with a convention of theirs: none is refused.

The shipped files themselves are not here (``boards/*/romfs.json`` of OpenMV's source lists them). These have the same
operators in the same places (detectors on a grid, YOLO, MobileNet, MediaPipe), small enough for the smallest board, and
the conventions that such files come with at their ends. TFLite-Micro runs each; Vela compiles each for the AE3.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

from tests.device.networks import TYPES, Network
from tinyinspect.device.boards import read_boards
from tinyinspect.device.check import check_file
from tinyinspect.device.findings import Kind
from tinyinspect.device.storage import Storage
from tinyinspect.device.verdict_text import verdict_text

BOARDS = list(read_boards(Path("conf/board")).values())
ZERO_TO_ONE = {"scales": [1 / 256], "zero_points": [-128]}  # what TFLite-Micro wants behind LOGISTIC and SOFTMAX


def _like(network: Network, x: int) -> dict[str, Any]:
    quantization = network.graph.tensors[x].quantization
    return {"scales": quantization.scale, "zero_points": quantization.zeroPoint}


def _quantized(network: Network, x: int) -> int:
    """From another type at the input to the int8 of the body."""
    return network.operator("QUANTIZE", [x], network.shape(x), scales=[1 / 255], zero_points=[-128])


def _floats(network: Network, x: int) -> int:
    return network.operator("DEQUANTIZE", [x], network.shape(x), dtype=TYPES.FLOAT32)


def _numbers(network: Network, *values: int) -> int:
    return network.tensor([len(values)], TYPES.INT32, [], [], np.array(values, np.int32))


def _concatenated(network: Network, parts: list[int], axis: int) -> int:
    options = schema.ConcatenationOptionsT()
    options.axis = axis
    shape = list(network.shape(parts[0]))
    shape[axis] = sum(network.shape(part)[axis] for part in parts)
    return network.operator("CONCATENATION", parts, shape, options, **_like(network, parts[0]))


def _swish(network: Network, x: int) -> int:
    gate = network.operator("LOGISTIC", [x], network.shape(x), **ZERO_TO_ONE)
    return network.operator("MUL", [x, gate], network.shape(x), schema.MulOptionsT())


def _padded(network: Network, x: int, channels: int) -> int:
    _, height, width, depth = network.shape(x)
    paddings = network.tensor([4, 2], TYPES.INT32, [], [], np.array([[0, 0]] * 3 + [[0, channels - depth]], np.int32))
    shape = (1, height, width, channels)
    return network.operator("PAD", [x, paddings], shape, schema.PadOptionsT(), **_like(network, x))


def _enlarged(network: Network, x: int, kind: str, options: Any) -> int:
    _, height, width, depth = network.shape(x)
    shape = (1, 2 * height, 2 * width, depth)
    wanted = _numbers(network, 2 * height, 2 * width)
    return network.operator(kind, [x, wanted], shape, options, **_like(network, x))


def grid_of_cells(network: Network) -> int:
    """FOMO: a class for each cell of a grid; int8 on both sides, pixels in [0, 1]."""
    x = network.conv(network.input(1, 32, 32, 3), 8, stride=2)
    x = network.conv(network.depthwise(x, stride=2), 8, kernel=1)
    return network.softmax(network.conv(x, 2, kernel=1))


def grey_mobilenet(network: Network) -> int:
    """TensorFlow's person detector: grey, raw pixels."""
    x = network.input(1, 32, 32, 1, scale=1.0, zero_point=-128)
    x = network.conv(x, 8, stride=2)
    x = network.average_pool(network.conv(network.depthwise(x, stride=2), 16, kernel=1))
    return network.softmax(network.reshape(network.conv(x, 2, kernel=1), (1, 2)))


def yolo(network: Network) -> int:
    """YOLO of today: uint8 in, float out, SiLU, feature maps that are enlarged and joined."""
    x = _quantized(network, network.input(1, 32, 32, 3, zero_point=0, dtype=TYPES.UINT8))
    fine = _swish(network, network.conv(x, 8, stride=4))
    coarse = network.max_pool(fine)
    up = _enlarged(network, coarse, "RESIZE_NEAREST_NEIGHBOR", schema.ResizeNearestNeighborOptionsT())
    joined = _concatenated(network, [fine, up], 3)
    return _floats(network, network.reshape(network.conv(joined, 6, kernel=1), (1, 64, 6)))


def older_yolo(network: Network) -> int:
    """YOLO of before: uint8 on both sides."""
    x = _quantized(network, network.input(1, 32, 32, 3, zero_point=0, dtype=TYPES.UINT8))
    x = network.max_pool(network.conv(x, 8, stride=2))
    made = network.operator("LEAKY_RELU", [network.conv(x, 6, kernel=1)], (1, 8, 8, 6), schema.LeakyReluOptionsT())
    return network.operator("QUANTIZE", [made], (1, 8, 8, 6), dtype=TYPES.UINT8, zero_points=[128])


def blazeface(network: Network) -> int:
    """MediaPipe's face detector: int8 pixels in [-1, 1], channels that are padded before they are added."""
    x = network.conv(network.input(1, 32, 32, 3, scale=1 / 127.5, zero_point=-1), 8, kernel=5, stride=2)
    inner = network.conv(network.depthwise(x, kernel=5, stride=2), 16, kernel=1)
    x = network.add(inner, _padded(network, network.max_pool(x), 16))
    x = network.operator("RELU", [x], network.shape(x))
    boxes = [network.reshape(network.conv(x, count, kernel=1), (1, 64 * count)) for count in (2, 6)]
    return _concatenated(network, boxes, 1)


def landmarks(network: Network) -> int:
    """MediaPipe's landmarks: float32 on both sides, PRELU, a bilinear enlargement."""
    x = _quantized(network, network.input(1, 32, 32, 3, dtype=TYPES.FLOAT32))
    x = network.conv(x, 8, stride=2)
    x = network.operator("PRELU", [x, network.constant(1, 1, 8)], network.shape(x))
    x = network.conv(network.depthwise(x, stride=2), 8, kernel=1)
    x = _enlarged(network, x, "RESIZE_BILINEAR", schema.ResizeBilinearOptionsT())
    return _floats(network, network.dense(network.average_pool(x), 6))


@dataclass(frozen=True)
class Case:
    """A network, the pixels that it sees, and the operators at its ends that cost something."""

    build: Callable[[Network], int]
    sees: str
    leftovers: tuple[str, ...] = ()


CASES = [
    Case(grid_of_cells, "RGB: pixels are seen as 0 to 1"),
    Case(grey_mobilenet, "grey: pixels are seen as 0 to 255"),
    Case(yolo, "uint8 1x32x32x3, RGB: pixels are seen as 0 to 1", ("QUANTIZE", "DEQUANTIZE")),
    Case(older_yolo, "uint8 1x32x32x3, RGB: pixels are seen as 0 to 1", ("QUANTIZE",)),
    Case(blazeface, "RGB: pixels are seen as -1 to 1", ("PAD",)),
    Case(landmarks, "float32 1x32x32x3, RGB: pixels are seen as 0 to 1", ("QUANTIZE", "DEQUANTIZE")),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.build.__name__)
def test_it_runs_on_every_board_and_the_rest_is_asked(tmp_path: Path, case: Case) -> None:
    network = Network()
    path = network.write(tmp_path / "net.tflite", case.build(network))
    verdicts = list(check_file(path, BOARDS, BOARDS, Path("conf/accelerator")))
    assert len(verdicts) == 9
    for verdict in verdicts:
        assert verdict.reasons == [] and verdict.storage is Storage.ROMFS, verdict_text(verdict)
        (asked,) = verdict.of_kind(Kind.SEES)
        assert case.sees in asked and "was it trained so?" in asked
        costs = " ".join(verdict.of_kind(Kind.COSTS))
        if verdict.compiler is None:  # as the file stands
            assert all(name in costs for name in case.leftovers)
            assert verdict.milliseconds is not None and 0 < verdict.milliseconds.low <= verdict.milliseconds.high
