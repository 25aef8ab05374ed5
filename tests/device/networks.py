"""Small int8 networks as .tflite files, written with the schema itself: no TensorFlow, and every fault at will."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

TYPES = schema.TensorType
SAME, VALID = 0, 1


class Network:
    """One subgraph under construction; a method adds an operator and returns the tensor that it makes."""

    def __init__(self) -> None:
        self.model = schema.ModelT()
        self.model.version = 3
        self.model.description = b"test"
        self.model.operatorCodes = []
        self.model.buffers = [_empty(schema.BufferT(), data=None)]
        self.graph = schema.SubGraphT()
        self.graph.tensors, self.graph.operators = [], []
        self.graph.inputs, self.graph.outputs = [], []
        self.model.subgraphs = [self.graph]
        self._random = np.random.default_rng(0)

    def input(self, *shape: int, scale: float = 1 / 255, zero_point: int = -128, dtype: int = TYPES.INT8) -> int:
        self.graph.inputs.append(self.tensor(shape, dtype, [scale], [zero_point]))
        return self.graph.inputs[-1]

    def tensor(
        self, shape: Any, dtype: int = TYPES.INT8, scales: Any = (0.05,), zero_points: Any = (0,), data: Any = None
    ) -> int:
        tensor = schema.TensorT()
        tensor.shape, tensor.type, tensor.name = list(shape), dtype, f"t{len(self.graph.tensors)}".encode()
        tensor.quantization = schema.QuantizationParametersT()
        tensor.quantization.scale, tensor.quantization.zeroPoint = list(scales), list(zero_points)
        tensor.buffer = 0
        if data is not None:
            tensor.buffer = len(self.model.buffers)
            self.model.buffers.append(_empty(schema.BufferT(), data=np.frombuffer(data.tobytes(), np.uint8)))
        self.graph.tensors.append(tensor)
        return len(self.graph.tensors) - 1

    def constant(self, *shape: int, scales: int = 1, dtype: Any = np.int8) -> int:
        kind = {np.int8: TYPES.INT8, np.int32: TYPES.INT32}[dtype]
        data = self._random.integers(-100, 100, shape).astype(dtype)
        return self.tensor(shape, kind, [0.01] * scales, [0] * scales, data)

    def operator(self, kind: str, inputs: list[int], shape: Any, options: Any = None, **tensor: Any) -> int:
        made = self.tensor(shape, **tensor)
        operator = schema.OperatorT()
        operator.opcodeIndex, operator.inputs, operator.outputs = self._code(kind), inputs, [made]
        if options is not None:
            operator.builtinOptions = options
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, type(options).__name__[:-1])
        self.graph.operators.append(operator)
        return made

    def conv(self, x: int, channels: int, kernel: int = 3, stride: int = 1, padding: int = SAME) -> int:
        _, height, width, depth = self.shape(x)
        weights = self._per_channel(0, channels, kernel, kernel, depth)
        made = self._window(height, width, kernel, stride, padding)
        options = _options(schema.Conv2DOptionsT(), padding, stride)
        return self.operator("CONV_2D", [x, *weights], (1, *made, channels), options)

    def depthwise(self, x: int, kernel: int = 3, stride: int = 1) -> int:
        _, height, width, depth = self.shape(x)
        weights = self._per_channel(3, 1, kernel, kernel, depth)
        options = _options(schema.DepthwiseConv2DOptionsT(), SAME, stride)
        options.depthMultiplier = 1
        made = self._window(height, width, kernel, stride, SAME)
        return self.operator("DEPTHWISE_CONV_2D", [x, *weights], (1, *made, depth), options)

    def add(self, x: int, y: int) -> int:
        return self.operator("ADD", [x, y], self.shape(x), schema.AddOptionsT())

    def add_options(self) -> Any:
        return schema.AddOptionsT()

    def reshape(self, x: int, shape: tuple[int, ...]) -> int:
        wanted = self.tensor([len(shape)], TYPES.INT32, [], [], np.array(shape, np.int32))
        quantization = self.graph.tensors[x].quantization
        same = {"scales": quantization.scale, "zero_points": quantization.zeroPoint}
        return self.operator("RESHAPE", [x, wanted], shape, **same)

    def custom(self, name: str, inputs: list[int], shape: Any) -> int:
        made = self.operator("CUSTOM", inputs, shape)
        self.model.operatorCodes[-1].customCode = name.encode()
        return made

    def average_pool(self, x: int) -> int:
        _, height, width, depth = self.shape(x)
        options = _options(schema.Pool2DOptionsT(), VALID, 1)
        options.filterHeight, options.filterWidth = height, width
        quantization = self.graph.tensors[x].quantization  # TFLite-Micro wants the same before and behind
        same = {"scales": quantization.scale, "zero_points": quantization.zeroPoint}
        return self.operator("AVERAGE_POOL_2D", [x], (1, 1, 1, depth), options, **same)

    def max_pool(self, x: int) -> int:
        _, height, width, depth = self.shape(x)
        options = _options(schema.Pool2DOptionsT(), VALID, 2)
        options.filterHeight = options.filterWidth = 2
        return self.operator("MAX_POOL_2D", [x], (1, height // 2, width // 2, depth), options)

    def softmax(self, x: int) -> int:
        options = schema.SoftmaxOptionsT()
        options.beta = 1.0
        contract = {"scales": [1 / 256], "zero_points": [-128]}
        return self.operator("SOFTMAX", [x], self.shape(x), options, **contract)

    def dense(self, x: int, outputs: int, *, bias: bool = True, per_channel: bool = False) -> int:
        depth = int(np.prod(self.shape(x)))
        weights = self.constant(outputs, depth, scales=outputs if per_channel else 1)
        biases = self.constant(outputs, dtype=np.int32) if bias else -1
        if bias:  # TFLite-Micro compares the scales of a dense layer, with the scale of its weights 0.01
            given = self.graph.tensors[x].quantization.scale[0]
            self.graph.tensors[biases].quantization.scale = [given * 0.01]
        return self.operator("FULLY_CONNECTED", [x, weights, biases], (1, outputs), schema.FullyConnectedOptionsT())

    def narrow(self) -> None:
        """Give all int8 constants 4 bits, two to a byte."""
        for tensor in self.graph.tensors:
            buffer = self.model.buffers[tensor.buffer]
            if tensor.type == TYPES.INT8 and buffer.data is not None:
                nibbles = np.append(buffer.data & 15, np.zeros(len(buffer.data) % 2, np.uint8))
                buffer.data, tensor.type = nibbles[::2] | nibbles[1::2] << 4, TYPES.INT4

    def shape(self, index: int) -> list[int]:
        return self.graph.tensors[index].shape

    def write(self, path: Path, output: int) -> Path:
        self.graph.outputs = [output]
        builder = flatbuffers.Builder(1024)
        builder.Finish(self.model.Pack(builder), file_identifier=b"TFL3")
        path.write_bytes(bytes(builder.Output()))
        return path

    def _per_channel(self, axis: int, *shape: int) -> tuple[int, int]:
        weights = self.constant(*shape, scales=shape[axis])
        self.graph.tensors[weights].quantization.quantizedDimension = axis
        return weights, self.constant(shape[axis], scales=shape[axis], dtype=np.int32)

    def _window(self, height: int, width: int, kernel: int, stride: int, padding: int) -> tuple[int, int]:
        lost = 0 if padding == SAME else kernel - 1
        return -(-(height - lost) // stride), -(-(width - lost) // stride)

    def _code(self, kind: str) -> int:
        number = getattr(schema.BuiltinOperator, kind)
        known = [code.builtinCode for code in self.model.operatorCodes]
        if number not in known:
            code = schema.OperatorCodeT()
            code.builtinCode, code.deprecatedBuiltinCode, code.version = number, min(number, 127), 1
            self.model.operatorCodes.append(code)
            known.append(number)
        return known.index(number)


def resnet9(path: Path, *, size: int = 64, width: int = 8, stem_stride: int = 1) -> Path:
    """The published ResNet-9 without input normalisation and explicit padding, as our own converter writes it."""
    network = Network()
    x = network.conv(network.input(1, size, size, 3), width, stride=stem_stride)
    x = network.add(network.conv(network.conv(x, width), width), x)
    for channels in (2 * width, 4 * width, 8 * width):
        inner = network.conv(network.conv(x, channels, stride=2), channels)
        x = network.add(inner, network.conv(x, channels, kernel=1, stride=2))
    x = network.average_pool(network.conv(x, 16, kernel=1, padding=VALID))
    return network.write(path, network.dense(x, 3, bias=False))


def single(path: Path, shape: tuple[int, ...], build: Callable[[Network, int], int]) -> Path:
    """A network of one operator."""
    network = Network()
    return network.write(path, build(network, network.input(*shape)))


def _options(options: Any, padding: int, stride: int) -> Any:
    options.padding, options.strideH, options.strideW = padding, stride, stride
    if hasattr(options, "dilationHFactor"):
        options.dilationHFactor = options.dilationWFactor = 1
    return options


def _empty(buffer: Any, data: Any) -> Any:
    buffer.data, buffer.offset, buffer.size = data, 0, 0
    return buffer
