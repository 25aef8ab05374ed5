"""Weights of 4 bits in an int8 .tflite file: two to a byte, the first in the low half, as TFLite Micro unpacks them."""

from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from tinyinspect.files import complete_file
from tinyinspect.quantization.calibrated import content_of, model_of

LEVELS = 7  # to either side of 0
_KINDS = (schema.BuiltinOperator.CONV_2D, schema.BuiltinOperator.FULLY_CONNECTED)


def narrow(int8_path: Path, float_path: Path) -> None:
    """Round the weights of an int8 file's convolutions and dense layers anew, to 4 bits, in place.

    Depthwise convolutions keep 8: they have few weights, and each channel of them only nine.

    Args:
        int8_path: the .tflite file.
        float_path: the float .tflite file of what was rounded: the same layers in the same order.
    """
    model, exact = (model_of(one.read_bytes()) for one in (int8_path, float_path))
    for (given, weights, bias), (_, expected, _) in zip(_layers(model), _layers(exact), strict=True):
        values = np.frombuffer(_buffer(exact, expected).tobytes(), np.float32).reshape(expected.shape)
        _narrow_layer(model, given, weights, bias, values)
    with complete_file(int8_path) as target:
        target.write_bytes(content_of(model))


def packed(levels: NDArray[np.int8]) -> NDArray[np.uint8]:
    """Levels in -8..7, of any shape, as bytes of two each; an odd one leaves the last high half 0."""
    nibbles = levels.astype(np.uint8).ravel() & 15
    nibbles = np.append(nibbles, np.zeros(len(nibbles) % 2, np.uint8))
    return np.bitwise_or(nibbles[::2], nibbles[1::2] << np.uint8(4))


def _layers(model: Any) -> list[tuple[Any, Any, Any]]:
    """Input, weights and bias of each layer that is rounded to 4 bits; a bias may be missing."""
    main, found = model.subgraphs[0], []
    for operator in main.operators:
        code = model.operatorCodes[operator.opcodeIndex]
        if max(code.builtinCode, code.deprecatedBuiltinCode) in _KINDS:
            given, weights, bias = (main.tensors[place] if place >= 0 else None for place in [*operator.inputs, -1][:3])
            found.append((given, weights, bias))
    return found


def _buffer(model: Any, tensor: Any) -> NDArray[np.uint8]:
    return np.asarray(model.buffers[tensor.buffer].data, np.uint8)


def _narrow_layer(model: Any, given: Any, weights: Any, bias: Any, values: NDArray[np.float32]) -> None:
    """Weights to int4, the bias to the scale that follows from theirs."""
    quantization = weights.quantization
    per_channel = len(quantization.scale) > 1
    axes = tuple(range(1, values.ndim)) if per_channel else tuple(range(values.ndim))
    largest = np.abs(values).max(axes, keepdims=True)
    scale = np.where(largest > 0, largest, 1) / LEVELS
    levels = np.clip(np.round(values / scale), -LEVELS, LEVELS).astype(np.int8)
    weights.type = schema.TensorType.INT4
    model.buffers[weights.buffer].data = packed(levels)
    if bias is not None:
        exact = np.frombuffer(_buffer(model, bias).tobytes(), np.int32) * np.asarray(bias.quantization.scale, float)
        bias.quantization.scale = (given.quantization.scale[0] * scale.ravel()).tolist()
        rounded = np.round(exact / bias.quantization.scale).astype(np.int32)
        model.buffers[bias.buffer].data = np.frombuffer(rounded.tobytes(), np.uint8)
    quantization.scale = scale.ravel().tolist()
    quantization.min = quantization.max = None
