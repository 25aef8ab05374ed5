"""How much an operator has to do: the quantities that its cost on the camera depends on."""

from dataclasses import dataclass, replace
from math import prod
from typing import Any

from tinyinspect.device.graph import Graph, Operator, Tensor

_CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D", "TRANSPOSE_CONV")
_POOLS = ("AVERAGE_POOL_2D", "MAX_POOL_2D", "L2_POOL_2D")
_SAME = 0  # schema.Padding


@dataclass(frozen=True)
class Work:
    """Sizes of one operator; what an operator does not have is 1."""

    kind: str
    dtype: str = "int8"  # of its first input
    macs: int = 0
    in_elements: int = 1
    out_elements: int = 1
    pixels: int = 1  # output pixels
    rows: int = 1  # output rows
    in_channels: int = 1  # of one group
    out_channels: int = 1
    kernel: int = 1  # height times width, in pixels
    stride: int = 1
    taps: int = 1  # kernel positions that fall inside the picture, over all output pixels
    int4_weights: bool = False
    plain: bool = True  # no dilation, no group, no broadcast, depth multiplier 1


def work_of(graph: Graph, operator: Operator) -> Work:
    """The work of one operator of a graph."""
    dtype = graph.input_of(operator, _data(operator)).dtype
    return replace(_sizes(graph, operator), dtype=dtype, int4_weights=graph.has_int4_weights(operator))


def _data(operator: Operator) -> int:
    """Which input carries the data: a transposed convolution is first told the shape to make."""
    return 2 if operator.kind == "TRANSPOSE_CONV" else 0


def _sizes(graph: Graph, operator: Operator) -> Work:
    given, made = graph.input_of(operator), graph.output_of(operator)
    if operator.kind in _CONVOLUTIONS:
        return _convolution(operator, given, graph.input_of(operator, 1), made)
    if operator.kind in _POOLS:
        return _pool(operator, given, made)
    if operator.kind in ("FULLY_CONNECTED", "BATCH_MATMUL"):
        return _matrix_product(operator, given, made)
    shapes = {graph.tensors[index].shape for index in operator.inputs if index >= 0}
    return Work(
        operator.kind,
        in_elements=given.elements,
        out_elements=made.elements,
        pixels=prod(made.shape[:-1]),
        out_channels=made.shape[-1] if made.shape else 1,
        plain=len(shapes) == 1,
    )


def _convolution(operator: Operator, given: Tensor, weights: Tensor, made: Tensor) -> Work:
    if operator.kind == "TRANSPOSE_CONV":  # its inputs are the shape made, the weights and the picture
        return Work(operator.kind, macs=prod(weights.shape) * made.elements // made.shape[-1])
    _, height, width, depth = weights.shape
    depthwise = operator.kind == "DEPTHWISE_CONV_2D"
    pixels, taps = _window(given, made, height, width, operator.options)
    grouped = given.shape[-1] != (made.shape[-1] if depthwise else depth)
    return Work(
        operator.kind,
        macs=made.elements * height * width * (1 if depthwise else depth),
        in_elements=given.elements,
        out_elements=made.elements,
        pixels=pixels,
        rows=made.shape[0] * made.shape[1],
        in_channels=1 if depthwise else depth,
        out_channels=made.shape[-1],
        kernel=height * width,
        stride=max(operator.options.strideH, operator.options.strideW),
        taps=taps,
        plain=not grouped and operator.options.dilationHFactor == operator.options.dilationWFactor == 1,
    )


def _pool(operator: Operator, given: Tensor, made: Tensor) -> Work:
    height, width = operator.options.filterHeight, operator.options.filterWidth
    pixels, taps = _window(given, made, height, width, operator.options)
    return Work(
        operator.kind,
        in_elements=given.elements,
        out_elements=made.elements,
        pixels=pixels,
        out_channels=made.shape[-1],
        kernel=height * width,
        taps=taps,
    )


def _matrix_product(operator: Operator, given: Tensor, made: Tensor) -> Work:
    depth, columns = given.shape[-1], made.shape[-1]
    if operator.kind == "FULLY_CONNECTED":  # flattens what comes before the last axis, unless told not to
        depth = given.elements * columns // made.elements
    return Work(
        operator.kind,
        macs=made.elements * depth,
        in_elements=given.elements,
        out_elements=made.elements,
        pixels=made.elements // columns,
        in_channels=depth,
        out_channels=columns,
    )


def _window(given: Tensor, made: Tensor, height: int, width: int, options: Any) -> tuple[int, int]:
    """Output pixels, and kernel positions inside the picture over all of them."""
    same = options.padding == _SAME
    down = inside(given.shape[1], made.shape[1], height, options.strideH, same)
    across = inside(given.shape[2], made.shape[2], width, options.strideW, same)
    return prod(made.shape[:3]), made.shape[0] * down * across


def inside(size: int, outputs: int, kernel: int, stride: int, same: bool) -> int:
    """Kernel positions inside an axis of ``size`` pixels, over all ``outputs``; padded ``SAME`` or not at all."""
    if not same:
        return outputs * kernel
    before = max((outputs - 1) * stride + kernel - size, 0) // 2
    starts = (index * stride - before for index in range(outputs))
    return sum(min(size, start + kernel) - max(0, start) for start in starts)
