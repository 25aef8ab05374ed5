"""Two repairs of a float network before it is rounded: its channels share one range, its biases make up for rounding.

Source: Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias Correction", ICCV 2019. A tensor has
one int8 range for all of its channels, so a channel a thousand times smaller than the others is rounded to nothing.
The weights that write a channel have a scale of their own here, so that the range of a channel is what the calibration
frames give it, where the paper takes the weights' range. Every Clip of a ReLU6 stays: a channel that reaches it keeps
its scale, the others stay below it.
"""

from pathlib import Path

import numpy as np
import onnx
import onnx_graphsurgeon as gs
from numpy.typing import NDArray

from tinyinspect.conversion import onnx_file
from tinyinspect.errors import InputError
from tinyinspect.quantization import channels
from tinyinspect.quantization.channels import Group, Statistics

BELOW_LIMIT = 0.8  # of a Clip, that a rescaled channel reaches on the calibration frames
WEIGHT_LEVELS = 127
TOLERANCE = 1e-3  # of the largest output, that equalization may change


def equalize(source: Path, samples: NDArray[np.float32]) -> onnx.ModelProto:
    """The network of an ONNX file, changed so that it computes the same and loses less to int8.

    Args:
        source: the .onnx file.
        samples: (n, size, size, 3) float32 in [0, 1], calibration frames.

    Raises:
        InputError: The file is missing or is no ONNX model, or the network that came out computes something else.
    """
    model = onnx_file.read(source)
    equalized = equalized_channels(model, samples)
    _check_same(model, equalized, samples, source)
    return corrected_biases(equalized, samples)


def equalized_channels(model: onnx.ModelProto, samples: NDArray[np.float32]) -> onnx.ModelProto:
    """Rescale the channels of every group of tensors, so that each gets its part of the int8 range."""
    graph = channels.load(model)
    found = channels.statistics(model, samples)
    rounded = channels.rounded_tensors(graph)
    for group in channels.groups(graph):
        if group.free and group.writers and group.readers:
            rescale(group, _divisors(group, found, rounded))
    return gs.export_onnx(graph)


def corrected_biases(model: onnx.ModelProto, samples: NDArray[np.float32]) -> onnx.ModelProto:
    """Add to every bias what rounding the weights takes from the layer's mean output on the frames."""
    graph = channels.load(model)
    found = channels.statistics(model, samples)
    for node in channels.layers(graph):
        lost = channels.matrix(node) - rounded_weights(node)
        means = found[node.inputs[0].name].mean
        shift = lost.sum(2) @ means if not channels.is_depthwise(node) else lost.sum((1, 2)) * means
        _bias(node).values = (_bias(node).values + shift).astype(np.float32)
    return gs.export_onnx(graph)


def rounded_weights(node: gs.Node) -> NDArray[np.float64]:
    """Weights as int8 holds them, (outputs, inputs, taps): a scale per output channel, of a dense layer one for all."""
    weights = channels.matrix(node).astype(np.float64)
    largest = np.abs(weights).max(None if node.op == "Gemm" else (1, 2), keepdims=True)
    scale = np.where(largest > 0, largest, 1) / WEIGHT_LEVELS
    return np.round(weights / scale) * scale


def _divisors(group: Group, found: dict[str, Statistics], rounded: set[str]) -> NDArray[np.float64]:
    """By how much each channel is divided, (channels,)."""
    ranges = np.max([found[name].largest for name in group.tensors & rounded], axis=0)
    relative = [_share_of_reader(node) for node in group.readers if not channels.is_depthwise(node)]
    # A depthwise layer has a scale per channel, so it takes any range; a dense one shares the loss with the tensor.
    divisors = np.sqrt(ranges / np.maximum(np.max(relative, axis=0), 1e-12)) if relative else ranges.copy()
    fixed = (ranges == 0) | (divisors == 0) | (ranges > BELOW_LIMIT * group.limit)
    if fixed.all():
        return np.ones_like(ranges)
    divisors[fixed] = 1
    highest = min(BELOW_LIMIT * group.limit, float(ranges.max()))
    divisors[~fixed] *= (ranges[~fixed] / divisors[~fixed]).max() / highest
    return divisors


def _share_of_reader(node: gs.Node) -> NDArray[np.float64]:
    """How large the weights of each input channel are beside the largest that share their scale, (inputs,)."""
    weights = np.abs(channels.matrix(node)).max(2).astype(np.float64)
    largest = weights.max() if node.op == "Gemm" else weights.max(1, keepdims=True)
    return (weights / np.maximum(largest, 1e-30)).max(0)


def rescale(group: Group, divisors: NDArray[np.float64]) -> None:
    """Divide the channels of a group's tensors, in place: its writers divide, its readers multiply.

    Args:
        group: of tensors that share their channels; one that is ``free``.
        divisors: positive, (channels,).
    """
    for node in group.writers:
        _multiply(node, outputs=1 / divisors)
        _bias(node).values = (_bias(node).values / divisors).astype(np.float32)
    for node in group.readers:
        _multiply(node, **({"outputs": divisors} if channels.is_depthwise(node) else {"inputs": divisors}))


def _multiply(
    node: gs.Node, outputs: NDArray[np.float64] | None = None, inputs: NDArray[np.float64] | None = None
) -> None:
    weights = channels.matrix(node).astype(np.float64)
    weights *= 1 if outputs is None else outputs[:, None, None]
    weights *= 1 if inputs is None else inputs[None, :, None]
    shape = node.inputs[1].values.shape
    transposed = node.op == "Gemm" and not node.attrs.get("transB", 0)
    made = weights[:, :, 0].T if transposed else weights.reshape(shape)
    node.inputs[1] = gs.Constant(f"{node.inputs[1].name}_of_{node.name}", np.ascontiguousarray(made, np.float32))


def _bias(node: gs.Node) -> gs.Constant:
    """The layer's own bias, made where it has none or shares it."""
    name = f"bias_of_{node.name}"
    if len(node.inputs) < 3:
        node.inputs.append(gs.Constant(name, np.zeros(len(channels.matrix(node)), np.float32)))
    elif node.inputs[2].name != name:
        node.inputs[2] = gs.Constant(name, node.inputs[2].values.copy())
    return node.inputs[2]


def _check_same(before: onnx.ModelProto, after: onnx.ModelProto, samples: NDArray[np.float32], source: Path) -> None:
    outputs = [_outputs(model, samples) for model in (before, after)]
    difference = float(np.abs(outputs[0] - outputs[1]).max())
    if not difference <= TOLERANCE * float(np.abs(outputs[0]).max()):
        raise InputError(
            f"{source}: rescaling its channels changes its outputs by {difference:.2g}; quantize it with method ptq"
        )


def _outputs(model: onnx.ModelProto, samples: NDArray[np.float32]) -> NDArray[np.float32]:
    session = onnx_file.session(model)
    planes = np.ascontiguousarray(samples.transpose(0, 3, 1, 2))
    start = session.get_inputs()[0].name
    batches = [planes[first : first + channels.BATCH] for first in range(0, len(planes), channels.BATCH)]
    return np.concatenate([session.run(None, {start: batch})[0] for batch in batches])
