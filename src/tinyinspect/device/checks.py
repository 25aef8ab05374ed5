"""Whether the camera loads and runs a model: the rules of its firmware, one finding each.

TFLite-Micro on the host is newer than the camera's copy and loads what the camera refuses, so every rule is checked in
the file itself.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import isclose

from tinyinspect.device.graph import Graph, Operator, Tensor
from tinyinspect.errors import InputError

SCHEMA_VERSION = 3
_FLOATS = ("float16", "bfloat16", "float32", "float64")
_SCALE, _ZERO_POINT = 1 / 255, -128


@dataclass(frozen=True)
class Finding:
    """One line of the verdict; ``change`` says what to do where it does not pass."""

    check: str
    found: str
    passes: bool = True
    change: str = ""


def refuse_float(graph: Graph) -> None:
    """Refuse a model that was never quantized, where a list of findings would say nothing else.

    Raises:
        InputError: No tensor of the graph is int8.
    """
    kinds = {tensor.dtype for tensor in graph.tensors}
    if "int8" not in kinds and kinds & set(_FLOATS):
        raise InputError(f"{graph.path} is a float model; the camera runs int8, so give the file that `quantize` wrote")


def check_model(graph: Graph) -> list[Finding]:
    """All findings that depend on the model alone."""
    return [finding for check in _CHECKS for finding in check(graph)]


def _schema(graph: Graph) -> Iterator[Finding]:
    version = graph.schema_version
    yield Finding("schema", f"version {version}", version == SCHEMA_VERSION, f"convert to schema {SCHEMA_VERSION}")


def _operators(graph: Graph) -> Iterator[Finding]:
    kinds = sorted({operator.kind for operator in graph.operators})
    missing = [kind for kind in kinds if kind not in supported_operators()]
    if missing:
        change = "leave it out of the graph, or compute it in the program on the camera"
        yield Finding("operators", f"the firmware has no {', '.join(missing)}", passes=False, change=change)
    else:
        yield Finding("operators", f"{len(graph.operators)} of {len(kinds)} kinds, all in the firmware")


def _dense_layers(graph: Graph) -> Iterator[Finding]:
    dense = [operator for operator in graph.operators if operator.kind == "FULLY_CONNECTED"]
    weights = [graph.input_of(operator, 1) for operator in dense if len(operator.inputs) > 1]
    per_channel = [tensor for tensor in weights if len(tensor.scales) > 1]
    if per_channel:
        found = f"FULLY_CONNECTED weights with {len(per_channel[0].scales)} scales (per channel)"
        change = "quantize with _experimental_disable_per_channel_quantization_for_dense_layers = True"
        yield Finding("dense layers", found, passes=False, change=change)
    elif dense:
        yield Finding("dense layers", "weights per tensor")


def _types(graph: Graph) -> Iterator[Finding]:
    unsigned = [tensor for tensor in graph.tensors if tensor.dtype == "uint8"]
    floats = [tensor for tensor in graph.tensors if tensor.dtype in _FLOATS]
    bridges = [operator for operator in graph.operators if _leaves_int8(graph, operator)]
    if unsigned:
        change = "quantize to int8 instead of uint8"
        yield Finding("types", f"{len(unsigned)} uint8 tensors ({unsigned[0].name})", passes=False, change=change)
    if floats or bridges:
        found = f"{len(floats)} float tensors, {len(bridges)} QUANTIZE or DEQUANTIZE left in the graph"
        change = "quantize with TFLITE_BUILTINS_INT8 alone and int8 input and output"
        yield Finding("types", found, passes=False, change=change)
    if not unsigned and not floats and not bridges:
        yield Finding("types", "int8 throughout")


def _buffers(graph: Graph) -> Iterator[Finding]:
    external = [tensor for tensor in graph.tensors if tensor.external]
    if external:
        found = f"{len(external)} tensors stored behind the flatbuffer ({external[0].name}), silently read as nothing"
        yield Finding("buffers", found, passes=False, change="quantize with TFLiteConverter, which stores them inside")
    else:
        yield Finding("buffers", "inside the flatbuffer")


def _input(graph: Graph) -> Iterator[Finding]:
    tensor = graph.tensors[graph.inputs[0]]
    if len(graph.inputs) > 1:
        yield Finding("input", f"{len(graph.inputs)} inputs", passes=False, change="give the network one picture")
    if not _is_picture(tensor):
        change = "make it 1 x height x width x channels (NHWC) with 1 or 3 channels"
        yield Finding("input", f"shape {_shape(tensor)}", passes=False, change=change)
    if tensor.dtype != "int8":
        yield Finding("input", tensor.dtype, passes=False, change="set inference_input_type = tf.int8")
    elif not _is_pixel_minus_128(tensor):
        found = f"scale {_first(tensor.scales)}, zero point {_first(tensor.zero_points)}"
        change = "let the network take pixels in [0, 1], so that the scale is 1/255 and the zero point -128"
        yield Finding("input", found, passes=False, change=change)
    elif _is_picture(tensor) and len(graph.inputs) == 1:
        yield Finding("input", f"int8 {_shape(tensor)}, pixel - 128")


def _output(graph: Graph) -> Iterator[Finding]:
    made = [graph.tensors[index] for index in graph.outputs]
    other = [tensor.dtype for tensor in made if tensor.dtype != "int8"]
    if other:
        yield Finding("output", other[0], passes=False, change="set inference_output_type = tf.int8")
    else:
        yield Finding("output", "int8 " + ", ".join(_shape(tensor) for tensor in made))


_CHECKS: tuple[Callable[[Graph], Iterator[Finding]], ...] = (
    _schema, _operators, _dense_layers, _types, _buffers, _input, _output,
)  # fmt: skip


@cache
def supported_operators() -> frozenset[str]:
    """The operators that the firmware registers on Cortex-M7, as the schema spells them."""
    return frozenset((files("tinyinspect.device") / "data" / "operators.txt").read_text().split())


def _leaves_int8(graph: Graph, operator: Operator) -> bool:
    # A QUANTIZE from int8 to int8 only changes the scale, and runs.
    ends = {graph.input_of(operator).dtype, graph.output_of(operator).dtype} if operator.inputs else set()
    return operator.kind in ("QUANTIZE", "DEQUANTIZE") and ends != {"int8"}


def _is_picture(tensor: Tensor) -> bool:
    return len(tensor.shape) == 4 and tensor.shape[0] == 1 and tensor.shape[3] in (1, 3)


def _is_pixel_minus_128(tensor: Tensor) -> bool:
    # The firmware writes pixel - 128 whatever the scale says; a part in a thousand is a quarter of a pixel's step.
    if len(tensor.scales) != 1 or len(tensor.zero_points) != 1:
        return False
    return isclose(tensor.scales[0], _SCALE, rel_tol=1e-3) and tensor.zero_points[0] == _ZERO_POINT


def _first(values: tuple) -> str:
    return f"{values[0]:.6g}" if values else "none"


def _shape(tensor: Tensor) -> str:
    return "x".join(str(extent) for extent in tensor.shape)
