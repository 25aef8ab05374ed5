"""What a network could do without on the camera: operators that cost much and have a cheaper equal."""

from collections.abc import Iterator

from tinyinspect.device.cost import Cost, Layer
from tinyinspect.device.estimates import Interval, total
from tinyinspect.device.findings import Finding, Kind
from tinyinspect.device.graph import Graph

_FLOATS = ("float16", "float32")
_CHEAPER = {
    "QUANTIZE": "quantize with int8 input and output",
    "DEQUANTIZE": "quantize with int8 input and output",
    "MEAN": "AVERAGE_POOL_2D over the whole picture is the same at a twentieth",
    "PAD": "let the convolution pad (SAME)",
    "PADV2": "let the convolution pad (SAME)",
    "MIRROR_PAD": "let the convolution pad (SAME)",
    "TRANSPOSE": "convert to NHWC",
}
_NORMALISING = ("ADD", "SUB", "MUL", "DIV")


def leftovers(graph: Graph, cost: Cost) -> list[Finding]:
    """A finding for each kind of operator in ``graph`` that has a cheaper equal, with its part of the ``cost``."""
    return list(_findings(graph, cost))


def _findings(graph: Graph, cost: Cost) -> Iterator[Finding]:
    floats = [one for one in cost.layers if one.dtype in _FLOATS and one.operator not in _CHEAPER]
    if floats:
        yield _finding("float operators", floats, cost, "quantize the network to int8 throughout")
    for kind in dict.fromkeys(one.operator for one in cost.layers):
        if kind in _CHEAPER:
            yield _finding(kind, [one for one in cost.layers if one.operator == kind], cost, _CHEAPER[kind])
    if normalising := _on_the_input(graph, cost):
        yield _finding("input arithmetic", normalising, cost, "fold it into the first convolution")


def _on_the_input(graph: Graph, cost: Cost) -> list[Layer]:
    """Element by element on the picture itself, such as a normalisation, one behind the other."""
    pictures, found = set(graph.inputs), []
    for operator, layer in zip(graph.operators, cost.layers, strict=True):
        if operator.kind in _NORMALISING and pictures & set(operator.inputs):
            pictures |= set(operator.outputs)
            found.append(layer)
    return found


def _finding(check: str, layers: list[Layer], cost: Cost, change: str) -> Finding:
    part, whole = total(layer.instructions for layer in layers), cost.instructions
    millions = Interval(part.low, part.high).scaled(1e-6).text(2)
    share = 100 * part.high / max(whole.high, 1)
    found = f"{len(layers)}, {millions} M instructions (up to {share:.0f} % of all)"
    return Finding(check, found, Kind.COSTS, change)
