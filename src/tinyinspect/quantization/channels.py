"""Which tensors of an ONNX graph share their channels, and how large each channel gets on real frames.

An activation, an addition and a pooling keep the channels of what goes in. All tensors that such operators join form a
group: a channel can be divided by a number in the layers that write the group, and multiplied by it in those that read
it, and the network computes the same.
"""

import math
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import onnx
import onnx_graphsurgeon as gs
from numpy.typing import NDArray

from tinyinspect.conversion import onnx_file

BATCH = 8  # frames at a time: every activation of them is kept
_KEEP = ("Relu", "Clip", "Add", "AveragePool", "MaxPool", "GlobalAveragePool", "Flatten")


@dataclass(frozen=True)
class Statistics:
    """Of one tensor on the calibration frames, by channel, each (channels,) float64."""

    largest: NDArray[np.float64]  # absolute
    mean: NDArray[np.float64]


@dataclass
class Group:
    """Tensors that share their channels.

    Attributes:
        tensors: their names.
        writers: Conv and Gemm nodes whose output is in the group.
        readers: those whose input is.
        limit: the smallest upper bound of a Clip in the group, infinity without one.
        free: whether its channels may be rescaled: neither input nor output of the network, nor touched by an operator
            that is not known to keep them.
    """

    tensors: set[str] = field(default_factory=set)
    writers: list[gs.Node] = field(default_factory=list)
    readers: list[gs.Node] = field(default_factory=list)
    limit: float = math.inf
    free: bool = True


def load(model: onnx.ModelProto) -> gs.Graph:
    """The graph with the shape of every tensor."""
    return gs.import_onnx(onnx.shape_inference.infer_shapes(model))


def layers(graph: gs.Graph) -> list[gs.Node]:
    """The nodes with weights, in the order in which they run."""
    return [node for node in graph.nodes if node.op in ("Conv", "Gemm") and isinstance(node.inputs[1], gs.Constant)]


def is_depthwise(node: gs.Node) -> bool:
    """Whether each output channel of a layer reads one input channel, its own."""
    weights = node.inputs[1].values
    return node.op == "Conv" and weights.shape[1] == 1 and node.attrs.get("group", 1) == weights.shape[0]


def matrix(node: gs.Node) -> NDArray[np.float32]:
    """A layer's weights as (outputs, inputs, taps), a view of them; a depthwise layer has one input."""
    values = node.inputs[1].values
    if node.op == "Gemm":
        return (values if node.attrs.get("transB", 0) else values.T)[:, :, None]
    return values.reshape(*values.shape[:2], -1)


def groups(graph: gs.Graph) -> list[Group]:
    """All groups of the graph's tensors, in the order in which they are written."""
    joined = _Joined()
    weighted = {id(node) for node in layers(graph)}
    ordinary = [node for node in graph.nodes if id(node) not in weighted]
    for node in ordinary:
        if node.op in _KEEP and _keeps_channels(node):
            for tensor in _activations(node)[1:] + list(node.outputs):
                joined.join(_activations(node)[0].name, tensor.name)
    found: dict[str, Group] = defaultdict(Group)
    for node in graph.nodes:
        for tensor in [*_activations(node), *node.outputs]:
            found[joined.root(tensor.name)].tensors.add(tensor.name)
    for node in ordinary:
        if not (node.op in _KEEP and _keeps_channels(node)):
            for tensor in [*_activations(node), *node.outputs]:
                found[joined.root(tensor.name)].free = False
        if node.op == "Clip":
            group = found[joined.root(node.outputs[0].name)]
            group.limit = min(group.limit, float(node.inputs[2].values))
    for node in layers(graph):
        group_of_input, group_of_output = (found[joined.root(one.name)] for one in (node.inputs[0], node.outputs[0]))
        group_of_input.readers.append(node)
        group_of_output.writers.append(node)
        if node.attrs.get("group", 1) != 1 and not is_depthwise(node):
            group_of_input.free = group_of_output.free = False
    for tensor in [*graph.inputs, *graph.outputs]:
        found[joined.root(tensor.name)].free = False
    return list(found.values())


def statistics(model: onnx.ModelProto, samples: NDArray[np.float32]) -> dict[str, Statistics]:
    """Run the network on frames and look at every tensor that has channels.

    Args:
        model: with an NCHW input.
        samples: (n, size, size, 3) float32 in [0, 1].
    """
    probe = onnx.shape_inference.infer_shapes(model)
    known = {one.name for one in probe.graph.output}
    probe.graph.output.extend(one for one in probe.graph.value_info if one.name not in known)
    session = onnx_file.session(probe)
    names = [one.name for one in session.get_outputs()]
    start = session.get_inputs()[0].name
    largest: dict[str, NDArray] = {}
    total: dict[str, NDArray] = {}
    for first in range(0, len(samples), BATCH):
        batch = np.ascontiguousarray(samples[first : first + BATCH].transpose(0, 3, 1, 2))
        for name, values in [(start, batch), *zip(names, session.run(names, {start: batch}), strict=True)]:
            if values.ndim < 2:
                continue
            rows = values.astype(np.float64).reshape(*values.shape[:2], -1)
            top, mean = np.abs(rows).max((0, 2)), rows.mean(2).sum(0)
            largest[name] = np.maximum(largest.get(name, 0), top)
            total[name] = total.get(name, 0) + mean
    return {name: Statistics(largest[name], total[name] / len(samples)) for name in largest}


def rounded_tensors(graph: gs.Graph) -> set[str]:
    """Tensors that int8 rounds: all but those that only an activation takes, for it joins the layer before."""
    fused = {
        tensor.name
        for node in graph.nodes
        for tensor in node.outputs
        if len(tensor.outputs) == 1 and tensor.outputs[0].op in ("Relu", "Clip")
    }
    return {tensor.name for node in graph.nodes for tensor in node.outputs} - fused


class _Joined:
    """Union-find of names."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}

    def root(self, name: str) -> str:
        while (parent := self._parents.get(name, name)) != name:
            name = parent
        return name

    def join(self, first: str, second: str) -> None:
        self._parents[self.root(second)] = self.root(first)


def _activations(node: gs.Node) -> list[gs.Variable]:
    return [tensor for tensor in node.inputs if isinstance(tensor, gs.Variable) and tensor.name]


def _keeps_channels(node: gs.Node) -> bool:
    if node.op == "Clip" and (len(node.inputs) < 3 or float(node.inputs[1].values) != 0):
        return False
    if node.op == "Add" and len(_activations(node)) != 2:
        return False
    shapes = [tensor.shape for tensor in [*_activations(node), *node.outputs]]
    return all(shape is not None and len(shape) > 1 for shape in shapes) and len({shape[1] for shape in shapes}) == 1
