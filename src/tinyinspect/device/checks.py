"""Whether the camera's firmware loads a model: its rules, one finding each.

Each rule names the file of OpenMV's source, or the measurement, that it comes from. All of them hold for firmware 4.5.6
to 5.0.0. TFLite-Micro on the host is newer than the camera's copy and loads what the camera refuses, so what the two
differ in is checked in the file itself; what both refuse is left to TFLite-Micro (see ``trial``).
"""

from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files

from tinyinspect.config.board import Npu
from tinyinspect.device.findings import Finding, Kind
from tinyinspect.device.graph import Graph, Tensor

SCHEMA_VERSION = 3
VELA_OPERATOR = "CUSTOM:ethos-u"
_INTERFACE = ("int8", "uint8", "int16", "uint16", "float32")
_MOST_DIMENSIONS = 4


def check_model(graph: Graph, npu: Npu | None = None) -> list[Finding]:
    """All findings that depend on the file alone, for a board with this NPU."""
    return [*_operators(graph, npu), *(finding for check in _CHECKS for finding in check(graph))]


# lib/tflm/tflm_backend.cc, ml_backend_init_model: another version raises "Unsupported model schema".
def _schema(graph: Graph) -> Iterator[Finding]:
    if graph.schema_version == SCHEMA_VERSION:
        yield Finding("schema", f"version {SCHEMA_VERSION}")
    else:
        change = f"convert to schema {SCHEMA_VERSION}"
        yield Finding("schema", f"version {graph.schema_version}", Kind.REFUSED, change)


# lib/tflm/tflm_backend.cc, ml_backend_init_ops_resolver: what is registered, the Ethos-U's under `#ifdef ETHOS_U`.
def _operators(graph: Graph, npu: Npu | None) -> Iterator[Finding]:
    known = supported_operators() | ({VELA_OPERATOR} if npu is Npu.ETHOS_U55 else set())
    kinds = sorted({operator.kind for operator in graph.operators})
    missing = [kind for kind in kinds if kind not in known]
    if missing:
        change = "leave it out of the graph, or compute it in the program on the camera"
        if missing == [VELA_OPERATOR]:
            change = "the file was compiled for a board with an Ethos-U; give the file before Vela"
        yield Finding("operators", f"the firmware has no {', '.join(missing)}", Kind.REFUSED, change)
    else:
        yield Finding("operators", f"{len(graph.operators)} of {len(kinds)} kinds, all in the firmware")


# Measured on 4.8.1 (emulated Cortex-M7): "Failed to allocate tensors". TFLite-Micro takes it since 2024.
def _dense_layers(graph: Graph) -> Iterator[Finding]:
    dense = [operator for operator in graph.operators if operator.kind == "FULLY_CONNECTED"]
    weights = [graph.input_of(operator, 1) for operator in dense if len(operator.inputs) > 1]
    per_channel = [tensor for tensor in weights if len(tensor.scales) > 1]
    if per_channel:
        found = f"FULLY_CONNECTED weights with {len(per_channel[0].scales)} scales (per channel)"
        change = "quantize with _experimental_disable_per_channel_quantization_for_dense_layers = True"
        yield Finding("dense layers", found, Kind.REFUSED, change)
    elif dense:
        yield Finding("dense layers", "weights per tensor")


# TFLite-Micro, cmsis_nn/conv.cc and fully_connected.cc, of 2024 (8c458fc, the commit that openmv/tflite-micro builds).
# Read, not run: the host has other kernels.
def _int4_weights(graph: Graph) -> Iterator[Finding]:
    found = [operator for operator in graph.operators if graph.has_int4_weights(operator)]
    if found:
        yield Finding(
            "int4 weights",
            f"in {len(found)} layers; no camera was seen to compute what the host does: run `make device-check`",
        )


# TFLite-Micro's micro_allocator.cc takes a constant from the flatbuffer's own vector and knows no offset behind it.
def _buffers(graph: Graph) -> Iterator[Finding]:
    external = [tensor for tensor in graph.tensors if tensor.external]
    if external:
        found = f"{len(external)} tensors stored behind the flatbuffer ({external[0].name}), silently read as nothing"
        yield Finding("buffers", found, Kind.REFUSED, "quantize with TFLiteConverter, which stores them inside")
    else:
        yield Finding("buffers", "inside the flatbuffer")


# lib/tflm/tflm_backend.cc, ml_backend_valid_dataype: others raise "Unsupported input data type", or output.
# modules/py_ml.c: no dimension raises "Unexpected tensor shape", more than ulab's four "too many dimensions".
def _interface(graph: Graph) -> Iterator[Finding]:
    for what, indices in (("input", graph.inputs), ("output", graph.outputs)):
        for tensor in (graph.tensors[index] for index in indices):
            if tensor.dtype not in _INTERFACE:
                change = f"cast it to one of {', '.join(_INTERFACE)}"
                yield Finding(f"{what} type", f"{tensor.dtype} ({tensor.name})", Kind.REFUSED, change)
            too_many = what == "output" and len(tensor.shape) > _MOST_DIMENSIONS
            if not tensor.shape or too_many:
                found = f"{len(tensor.shape)} dimensions ({tensor.name})"
                yield Finding(f"{what} shape", found, Kind.REFUSED, f"reshape it to 1 to {_MOST_DIMENSIONS} dimensions")


_CHECKS: tuple[Callable[[Graph], Iterator[Finding]], ...] = (
    _schema,
    _dense_layers,
    _int4_weights,
    _buffers,
    _interface,
)


@cache
def supported_operators() -> frozenset[str]:
    """The operators that the firmware registers on every board, as the schema spells them."""
    return frozenset((files("tinyinspect.device") / "data" / "operators.txt").read_text().split())


def shape_text(tensor: Tensor) -> str:
    """A tensor's shape for people: 1x64x64x3."""
    return "x".join(str(extent) for extent in tensor.shape)
