"""The tensor arena a model needs on the camera, in bytes.

The planned half (activations, scratch) is what TFLite-Micro's own allocator plans on the host, plus the scratch of
CMSIS-NN's kernels, which the host does not run; where TFLite-Micro has no package, the planner here works out both. The
persistent half is counted anew, with every structure as a 32-bit compiler lays it out. Both agree with what is used on
the emulated camera (see the tests); ``memory.model_ram`` makes of it what the firmware allocates.
"""

from pathlib import Path

from tinyinspect.device import allocator
from tinyinspect.device.graph import Graph, Operator, read_graph
from tinyinspect.device.microcontroller import STAND_IN
from tinyinspect.device.planner import activations, aligned, kernel_scratch, planned_size

_TENSOR_BYTES = 12  # TfLiteEvalTensor
_NODE_BYTES = 32  # NodeAndRegistration
_INTERPRETER_BYTES = 8, 228  # allocator, planner, input and output tensors: before and behind the operators' state
_SCRATCH_HANDLE_BYTES = 4
_USED_REST_BYTES = 4  # the firmware's figure is always 4 over a multiple of 16

# Parsed options (TfLiteConvParams, ...) and state (OpData, rounded to 16) of the kernels.
_OPTIONS_BYTES = {
    "CONV_2D": 28, "DEPTHWISE_CONV_2D": 28, "FULLY_CONNECTED": 16, "AVERAGE_POOL_2D": 40, "MAX_POOL_2D": 40,
    "ADD": 8, "SUB": 8, "MUL": 4, "MEAN": 4, "SOFTMAX": 4, "PAD": 0, "TRANSPOSE": 0,
}  # fmt: skip
_STATE_BYTES = {"FULLY_CONNECTED": 48, "AVERAGE_POOL_2D": 48, "MAX_POOL_2D": 48, "MUL": 48, "MEAN": 48, "TRANSPOSE": 0}
_USUAL_OPTIONS_BYTES, _USUAL_STATE_BYTES = 16, 64


def arena_of(path: Path) -> int:
    """Arena in bytes that the model in ``path`` uses on the camera (``arena_used_bytes`` there).

    Raises:
        InputError: The file is no model, or TFLite-Micro refuses it.
    """
    return arena_bytes(read_graph(path))


def arena_bytes(graph: Graph, *, run: bool = False) -> int:
    """Arena in bytes of a graph that was read from a file, and is ``run`` once; see :func:`arena_of`."""
    # A graph that was compiled for an NPU holds an operator that TFLite-Micro on the host has not.
    if STAND_IN or graph.offsets:
        return planned_arena_bytes(graph)
    planned = allocator.planned_bytes(graph.path, run=run)
    if any(map(graph.has_int4_weights, graph.operators)):
        return planned_arena_bytes(graph)  # the host's kernels unpack such weights into the arena, CMSIS-NN's do not
    on_host = activations(graph)
    scratch = planned_size(on_host + kernel_scratch(graph)) - planned_size(on_host)
    return planned + scratch + persistent_bytes(graph)


def planned_arena_bytes(graph: Graph) -> int:
    """Arena in bytes by the planner alone: for what TFLite-Micro cannot be asked of, such as a scaled graph.

    A graph that a compiler planned keeps that plan.
    """
    if graph.offsets:
        ends = [
            offset + aligned(one.bytes) for offset, one in zip(graph.offsets, graph.tensors, strict=True) if offset >= 0
        ]
        return max(ends, default=0) + persistent_bytes(graph)
    return planned_size(activations(graph) + kernel_scratch(graph)) + persistent_bytes(graph)


def persistent_bytes(graph: Graph) -> int:
    """Bytes that live as long as the interpreter, on a 32-bit camera."""
    before, behind = _INTERPRETER_BYTES
    parsed = sum(_NODE_BYTES + _OPTIONS_BYTES.get(one.kind, _USUAL_OPTIONS_BYTES) for one in graph.operators)
    state = sum(_STATE_BYTES.get(one.kind, _USUAL_STATE_BYTES) for one in graph.operators)
    channels = sum(_per_channel_bytes(graph, one) for one in graph.operators)
    handles = _SCRATCH_HANDLE_BYTES * len(kernel_scratch(graph))
    fixed = aligned(before + _TENSOR_BYTES * len(graph.tensors) + parsed) + aligned(behind + handles)
    return fixed + state + channels + _USED_REST_BYTES


def _per_channel_bytes(graph: Graph, operator: Operator) -> int:
    if operator.kind not in ("CONV_2D", "DEPTHWISE_CONV_2D", "TRANSPOSE_CONV"):
        return 0
    return 2 * aligned(4 * graph.output_of(operator).shape[-1])  # multiplier and shift
