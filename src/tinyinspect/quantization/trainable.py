"""A float ONNX network as a torch module that rounds its tensors as int8 does, so that it can be trained to bear it.

What is rounded, and how, is what TFLite does: an activation has one scale and zero point, the weights of a convolution
a symmetric scale for each output channel, those of a dense layer one for all. Pooling keeps the scale of its input.
Gradients pass the rounding as if it were not there (Bengio et al., "Estimating or Propagating Gradients Through
Stochastic Neurons", 2013), and reach the ends of the ranges (Esser et al., "Learned Step Size Quantization", 2020).

Every trained number is relative to the range that it belongs to, so that one learning rate fits channels of any size.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import cast

import numpy as np
import onnx
import onnx_graphsurgeon as gs
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from tinyinspect.errors import InputError
from tinyinspect.quantization import channels, int4
from tinyinspect.quantization.calibrated import Range

LOWEST, HIGHEST = -128, 127
WEIGHT_LEVELS = 127  # to either side of 0
_SMALLEST = 1e-8  # width of the range of a tensor that is always 0
_SAME_SCALE = ("AveragePool", "MaxPool", "Flatten", "Reshape")


class Rounding(nn.Module):
    """Rounds an activation to int8 between two ends that are trained; 0 is always a level.

    Args:
        low: the lower end, at most 0.
        high: the upper end, at least 0.
        fixed: whether the ends stay, as those of the camera's pixels do.
    """

    start: Tensor

    def __init__(self, low: float, high: float, *, fixed: bool = False) -> None:
        super().__init__()
        self.register_buffer("start", torch.tensor([min(low, 0.0), max(high, 0.0, low + _SMALLEST)]))
        self.growth = nn.Parameter(torch.zeros(2), requires_grad=not fixed)

    def ends(self) -> Tensor:
        """Lower and upper end, (2,)."""
        return self.start * self.growth.exp()

    def forward(self, x: Tensor) -> Tensor:
        """The nearest values that int8 has, of the same shape."""
        low, high = self.ends()
        scale = (high - low) / (HIGHEST - LOWEST)
        zero = _rounded(LOWEST - low / scale)
        levels = (_rounded(x / scale) + zero).clamp(LOWEST, HIGHEST)
        return (levels - zero) * scale


class Layer(nn.Module):
    """Weights and bias of a convolution or a dense layer, which are trained.

    Args:
        node: of the graph.
        levels: that its weights are rounded to, to either side of 0.
    """

    start: Tensor
    start_bias: Tensor
    unit: Tensor
    bias_unit: Tensor

    def __init__(self, node: gs.Node, levels: int) -> None:
        super().__init__()
        values = np.array(node.inputs[1].values, np.float32)
        if node.op == "Gemm" and not node.attrs.get("transB", 0):
            values = np.ascontiguousarray(values.T)
        bias = (
            np.array(node.inputs[2].values, np.float32) if len(node.inputs) > 2 else np.zeros(len(values), np.float32)
        )
        self.node, self._levels = node, levels
        self.register_buffer("start", torch.from_numpy(values))
        self.register_buffer("start_bias", torch.from_numpy(bias))
        self._axes = tuple(range(values.ndim)) if node.op == "Gemm" else tuple(range(1, values.ndim))
        self.register_buffer("unit", self._largest(self.start))
        self.register_buffer("bias_unit", self.unit.flatten().expand(len(values)).clone())
        self.offset = nn.Parameter(torch.zeros_like(self.start))
        self.bias_offset = nn.Parameter(torch.zeros_like(self.start_bias))

    def expect(self, largest: float) -> None:
        """Take note of the largest absolute input: a bias is trained in units of it and of the weights."""
        self.bias_unit *= largest

    def weight(self) -> Tensor:
        """As trained, not rounded."""
        return self.start + self.unit * self.offset

    def bias(self) -> Tensor:
        """As trained; int32 holds it, which rounds next to nothing."""
        return self.start_bias + self.bias_unit * self.bias_offset

    def rounded_weight(self) -> Tensor:
        """The nearest weights that the levels have."""
        weight = self.weight()
        scale = self._largest(weight.detach()) / self._levels
        return _rounded(weight / scale) * scale

    def _largest(self, weight: Tensor) -> Tensor:
        largest = weight.abs().amax(self._axes, keepdim=True)
        return torch.where(largest > 0, largest, 1)


class TrainableNetwork(nn.Module):
    """A network of the ONNX operators that the exported networks hold.

    Args:
        model: with an NCHW input in [0, 1], BatchNorm folded.
        narrow: whether weights have 4 bits instead of 8; those of depthwise convolutions keep 8.

    Raises:
        InputError: It holds an operator that is not known here.
    """

    def __init__(self, model: onnx.ModelProto, *, narrow: bool = False) -> None:
        super().__init__()
        self._graph = channels.load(model)
        for node in self._graph.nodes:
            if node.op not in _OPERATORS:
                raise InputError(f"{node.op} cannot be trained for int8; quantize this network with ptq_equalized")
        self._input, self._output = self._graph.inputs[0].name, self._graph.outputs[0].name
        self.rounded = [self._input, *self._tensors_with_a_scale()]
        self.layers = nn.ModuleDict(
            {
                _key(node.outputs[0].name): Layer(node, _levels(node, narrow=narrow))
                for node in channels.layers(self._graph)
            }
        )
        self.roundings = nn.ModuleDict()

    def observe(self, batches: Iterable[Tensor]) -> dict[str, Range]:
        """Smallest and largest value, 0 among them, of each tensor that is rounded."""
        found: dict[str, Range] = {}
        with torch.no_grad():
            for batch in batches:
                for name, values in self._values(batch, rounding=False).items():
                    low, high = found.get(name, (0.0, 0.0))
                    found[name] = min(low, float(values.min())), max(high, float(values.max()))
        return {name: found[name] for name in self.rounded}

    def values(self, batches: Iterable[Tensor], names: list[str]) -> Iterator[dict[str, NDArray[np.float32]]]:
        """Tensors without rounding, batch by batch."""
        for batch in batches:
            with torch.no_grad():
                values = self._values(batch, rounding=False)
            yield {name: values[name].numpy(force=True) for name in names}

    def begin(self, ranges: dict[str, Range]) -> None:
        """Begin to round, with these ranges; the input's is [0, 1]."""
        for name, (low, high) in (ranges | {self._input: (0.0, 1.0)}).items():
            self.roundings[_key(name)] = Rounding(low, high, fixed=name == self._input)
        for layer in self._layers():
            layer.expect(max(map(abs, ranges[self._scaled(layer.node.inputs[0])])))

    def forward(self, x: Tensor) -> Tensor:
        """Pixels (n, 3, size, size) float32 in [0, 1] to the outputs (n, k) that int8 gives."""
        return self._values(x, rounding=True)[self._output]

    def exact(self, x: Tensor) -> Tensor:
        """The outputs without rounding, of the weights that the network began with."""
        return self._values(x, rounding=False)[self._output]

    def ranges(self) -> dict[str, Range]:
        """The trained ends of each tensor that int8 holds, by name."""
        kept = [node.outputs[0] for node in self._graph.nodes if node.op in _SAME_SCALE]
        sources = {name: name for name in self.rounded} | {one.name: self._scaled(one) for one in kept}
        ends = {name: self._rounding(source).ends().tolist() for name, source in sources.items()}
        return {name: (low, high) for name, (low, high) in ends.items()}

    def model(self) -> onnx.ModelProto:
        """The graph with the trained weights."""
        for layer in self._layers():
            node, weight = layer.node, layer.weight().numpy(force=True)
            if node.op == "Gemm" and not node.attrs.get("transB", 0):
                weight = weight.T
            node.inputs[1] = gs.Constant(f"trained_weight_of_{node.name}", np.ascontiguousarray(weight))
            bias = gs.Constant(f"trained_bias_of_{node.name}", layer.bias().numpy(force=True).copy())
            node.inputs = [*node.inputs[:2], bias]
        return gs.export_onnx(self._graph)

    def _layers(self) -> Iterator[Layer]:
        for layer in self.layers.values():
            yield cast(Layer, layer)

    def _rounding(self, name: str) -> Rounding:
        return cast(Rounding, self.roundings[_key(name)])

    def _tensors_with_a_scale(self) -> list[str]:
        rounded = channels.rounded_tensors(self._graph)
        return [
            tensor.name
            for node in self._graph.nodes
            if node.op not in _SAME_SCALE
            for tensor in node.outputs
            if tensor.name in rounded
        ]

    def _scaled(self, tensor: gs.Variable) -> str:
        """The tensor whose scale this one keeps."""
        while tensor.name not in self.rounded:
            tensor = tensor.inputs[0].inputs[0]
        return tensor.name

    def _values(self, x: Tensor, *, rounding: bool) -> dict[str, Tensor]:
        """All tensors of the graph."""
        values = {self._input: self._rounding(self._input)(x) if rounding else x}
        for node in self._graph.nodes:
            given = [values[one.name] for one in node.inputs if isinstance(one, gs.Variable) and one.name]
            made = _OPERATORS[node.op](node, given, *(self._weights(node, rounding=rounding)))
            name = node.outputs[0].name
            if rounding and (name in self.rounded or node.op == "AveragePool"):
                made = self._rounding(self._scaled(node.outputs[0]))(made)
            values[name] = made
        return values

    def _weights(self, node: gs.Node, *, rounding: bool) -> tuple[Tensor, ...]:
        if node.op not in ("Conv", "Gemm"):
            return ()
        layer = cast(Layer, self.layers[_key(node.outputs[0].name)])
        return (layer.rounded_weight(), layer.bias()) if rounding else (layer.start, layer.start_bias)


def _rounded(x: Tensor) -> Tensor:
    return x + (x.round() - x).detach()


def _levels(node: gs.Node, *, narrow: bool) -> int:
    return int4.LEVELS if narrow and node.attrs.get("group", 1) == 1 else WEIGHT_LEVELS


def _key(name: str) -> str:
    """A tensor's name as a module may be called."""
    return name.replace(".", "_").replace("/", "_")


def _convolution(node: gs.Node, given: list[Tensor], weight: Tensor, bias: Tensor) -> Tensor:
    strides = node.attrs.get("strides", [1, 1])
    groups, dilations = node.attrs.get("group", 1), node.attrs.get("dilations", [1, 1])
    padded = F.pad(given[0], _padding(node, given[0].shape[2:], weight.shape[2:]))
    return F.conv2d(padded, weight, bias, strides, 0, dilations, groups)


def _padding(node: gs.Node, sides: Iterable[int], kernels: Iterable[int]) -> list[int]:
    """What F.pad takes: left, right, top, bottom."""
    if node.attrs.get("auto_pad", "NOTSET") == "NOTSET":
        top, left, bottom, right = node.attrs.get("pads", [0, 0, 0, 0])
        return [left, right, top, bottom]
    found: list[int] = []
    for side, kernel, stride in zip(sides, kernels, node.attrs.get("strides", [1, 1]), strict=True):
        total = max((-(-side // stride) - 1) * stride + kernel - side, 0)
        found = [total // 2, total - total // 2, *found]
    return found


def _clip(node: gs.Node, given: list[Tensor]) -> Tensor:
    low, high = (
        float(node.inputs[place].values) if len(node.inputs) > place and node.inputs[place].name else None
        for place in (1, 2)
    )
    return given[0].clamp(low, high)


def _pooled(pool: Callable[..., Tensor]) -> Callable[[gs.Node, list[Tensor]], Tensor]:
    def run(node: gs.Node, given: list[Tensor]) -> Tensor:
        kernel = node.attrs["kernel_shape"]
        return pool(given[0], kernel, node.attrs.get("strides", [1, 1]))

    return run


_OPERATORS: dict[str, Callable[..., Tensor]] = {
    "Conv": _convolution,
    "Gemm": lambda node, given, weight, bias: F.linear(given[0], weight, bias),
    "Relu": lambda node, given: given[0].relu(),
    "Clip": _clip,
    "Add": lambda node, given: given[0] + given[1],
    "AveragePool": _pooled(F.avg_pool2d),
    "MaxPool": _pooled(F.max_pool2d),
    "GlobalAveragePool": lambda node, given: given[0].mean((2, 3), keepdim=True),
    "Flatten": lambda node, given: given[0].flatten(1),
    "Concat": lambda node, given: torch.cat(given, node.attrs["axis"]),
}
