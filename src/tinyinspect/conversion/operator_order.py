"""The operators of a .tflite file in an order that needs less memory, where there is one.

TFLite-Micro runs them as they stand in the file. A side branch that reads the input, and that the converter puts behind
everything else, holds the input in memory all along.
"""

import math
from collections import Counter
from collections.abc import Iterator

import numpy as np
from ai_edge_litert import schema_py_generated as schema

_OPERATORS = 10  # of the field in the table of a subgraph
_BYTES = {schema.TensorType.INT8: 1, schema.TensorType.INT32: 4, schema.TensorType.FLOAT32: 4}


def in_lean_order(content: bytes) -> bytes:
    """The same file with that operator first, of those that can run, which adds least to what memory holds.

    It is returned as it is where that lowers the most that memory ever holds by nothing.
    """
    graph = _Graph(schema.Model.GetRootAsModel(content, 0).Subgraphs(0))
    order = list(graph.lean_order())
    if graph.peak(order) >= graph.peak(sorted(order)):
        return content
    # Only the list of operators changes, a vector of offsets: a file that is packed anew aligns its weights otherwise.
    places = graph.list_start + 4 * np.arange(len(order))
    offsets = np.frombuffer(content, "<u4", len(order), graph.list_start)
    changed = ((places + offsets)[order] - places).astype("<u4").tobytes()
    return content[: graph.list_start] + changed + content[graph.list_start + len(changed) :]


class _Graph:
    """What the operators make and need, by their places, and the bytes of what they make.

    Attributes:
        list_start: of the list of operators, in bytes from the start of the file.
    """

    def __init__(self, graph: schema.SubGraph) -> None:
        operators = [graph.Operators(place) for place in range(graph.OperatorsLength())]
        self.list_start = graph._tab.Vector(graph._tab.Offset(_OPERATORS))
        self._inputs = set(graph.InputsAsNumpy().tolist())
        self._made = [set(one.OutputsAsNumpy().tolist()) for one in operators]
        variable = self._inputs.union(*self._made)
        self._needed = [variable & set(one.InputsAsNumpy().tolist()) for one in operators]
        self._size = {one: _bytes_of(graph.Tensors(one)) for one in variable}
        # The caller reads the outputs last.
        self._readers = Counter([*graph.OutputsAsNumpy().tolist(), *(one for some in self._needed for one in some)])

    def lean_order(self) -> Iterator[int]:
        """The places of the operators."""
        known, waiting, readers = set(self._inputs), set(range(len(self._made))), self._readers.copy()
        while waiting:
            ready = [place for place in sorted(waiting) if self._needed[place] <= known]
            best = min(ready, key=lambda place: self._sum(self._made[place]) - self._freed(place, readers))
            yield best
            waiting.remove(best)
            known |= self._made[best]
            readers.subtract(self._needed[best])

    def peak(self, order: list[int]) -> int:
        """The most bytes that memory holds while they run in this order."""
        readers, held, most = self._readers.copy(), self._sum(self._inputs), 0
        for place in order:
            held += self._sum(self._made[place])
            most = max(most, held)
            held -= self._freed(place, readers)
            readers.subtract(self._needed[place])
        return most

    def _freed(self, place: int, readers: Counter[int]) -> int:
        return self._sum({one for one in self._needed[place] if readers[one] == 1})

    def _sum(self, tensors: set[int]) -> int:
        return sum(self._size[one] for one in tensors)


def _bytes_of(tensor: schema.Tensor) -> int:
    return math.prod(tensor.ShapeAsNumpy().tolist()) * _BYTES.get(tensor.Type(), 4)
