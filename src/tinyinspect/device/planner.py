"""TFLite-Micro's greedy memory planner: where in the arena each activation and scratch buffer stands, and when.

The largest buffer is placed first, each next one into the first gap among the buffers alive at the same time; of equal
sizes, the later one first. Source: ``GreedyMemoryPlanner`` of TFLite-Micro; the tests hold both equal.
"""

from dataclasses import dataclass

from tinyinspect.device.graph import Graph, Operator

_ALIGNMENT = 16


@dataclass(frozen=True)
class Buffer:
    """Bytes that must not move from the ``first`` to the ``last`` operator that uses them."""

    size: int
    first: int
    last: int


def aligned(size: int) -> int:
    """``size`` in bytes, rounded up to the arena's alignment."""
    return -(-size // _ALIGNMENT) * _ALIGNMENT


def planned_size(buffers: list[Buffer]) -> int:
    """Bytes of arena that the planner needs for ``buffers``."""
    placed: list[tuple[int, Buffer]] = []
    for _, buffer in sorted(enumerate(buffers), key=lambda item: (-item[1].size, -item[0])):
        alive = [one for one in placed if one[1].first <= buffer.last and buffer.first <= one[1].last]
        placed.append((_first_gap(alive, buffer.size), buffer))
    return max((offset + buffer.size for offset, buffer in placed), default=0)


def _first_gap(alive: list[tuple[int, Buffer]], size: int) -> int:
    offset = 0
    for start, buffer in sorted(alive, key=lambda one: one[0]):
        if start - offset >= size:
            break
        offset = max(offset, start + buffer.size)
    return offset


def activations(graph: Graph) -> list[Buffer]:
    """The graph's activations with their lifetimes, in operators."""
    first = dict.fromkeys(graph.inputs, 0)
    last = dict.fromkeys(graph.inputs, 0)
    for step, operator in enumerate(graph.operators):
        for index in operator.outputs:
            first.setdefault(index, step)
        last.update((index, step) for index in (*operator.inputs, *operator.outputs) if index in first)
    last.update((index, len(graph.operators) - 1) for index in graph.outputs if index in first)
    return [Buffer(aligned(graph.tensors[index].bytes), first[index], last[index]) for index in sorted(first)]


def kernel_scratch(graph: Graph) -> list[Buffer]:
    """The scratch buffers that CMSIS-NN's kernels ask for on a Cortex-M7, which the host's reference kernels do not."""
    sizes = (_scratch_bytes(graph, operator) for operator in graph.operators)
    return [Buffer(aligned(size), step, step) for step, size in enumerate(sizes) if size]


def _scratch_bytes(graph: Graph, operator: Operator) -> int:
    if operator.kind == "AVERAGE_POOL_2D":
        return 4 * graph.input_of(operator).shape[-1]  # one 32-bit sum a channel
    if operator.kind not in ("CONV_2D", "DEPTHWISE_CONV_2D"):
        return 0
    _, height, width, channels = graph.input_of(operator, 1).shape
    if operator.kind == "CONV_2D":
        return 0 if height == width == 1 else 2 * 2 * height * width * channels  # two unrolled columns of int16
    return 0 if height == width == 3 else 2 * height * width * channels  # one window of int16
