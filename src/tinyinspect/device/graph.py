"""Reading a ``.tflite`` flatbuffer into a plain graph, with neither TensorFlow nor torch.

The schema comes with LiteRT's package. Only the first subgraph is read: the one the camera runs.
"""

import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ai_edge_litert import schema_py_generated as schema

from tinyinspect.errors import InputError

_IDENTIFIER = b"TFL3"
_OFFLINE_PLAN = b"OfflineMemoryAllocation"
_LARGEST_EXTENT = 1 << 20  # of a tensor, along one axis: beyond any camera, and short enough to count through
ITEM_BYTES = {
    "bool": 1, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "float16": 2, "bfloat16": 2, "int32": 4, "uint32": 4,
    "float32": 4, "resource": 4, "int64": 8, "uint64": 8, "float64": 8, "complex64": 8,
}  # fmt: skip
_OPERATORS = {code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)}
_TYPES = {code: name.lower() for name, code in vars(schema.TensorType).items() if isinstance(code, int)}
# What reading past the end, or a length that makes no sense, raises in the flatbuffer reader.
_MALFORMED = (struct.error, LookupError, ValueError, TypeError, AttributeError, OverflowError, MemoryError)


@dataclass(frozen=True)
class Tensor:
    """One tensor; ``scales`` and ``zero_points`` are empty when it is not quantized, longer than one per channel."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    scales: tuple[float, ...]
    zero_points: tuple[int, ...]
    constant: bool  # stored in the file
    external: bool  # stored behind the flatbuffer, where TFLite-Micro does not look

    @property
    def elements(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def bytes(self) -> int:
        """Size in memory, in bytes."""
        if self.dtype == "int4":
            return -(-self.elements // 2)  # two to a byte
        return self.elements * ITEM_BYTES.get(self.dtype, 1)


@dataclass(frozen=True)
class Operator:
    """One operator: ``kind`` as the schema spells it (``CONV_2D``), a custom one as ``CUSTOM:name``."""

    kind: str
    inputs: tuple[int, ...]  # tensor indices; -1 for an optional one that is absent
    outputs: tuple[int, ...]
    options: Any  # the schema's options object of this kind, or None


@dataclass(frozen=True)
class Graph:
    """The network in a ``.tflite`` file."""

    path: Path
    file_bytes: int
    schema_version: int
    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]  # in the order in which they run
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    offsets: tuple[int, ...]  # of each tensor in the arena, -1 where the camera plans it; none where it plans all

    def input_of(self, operator: Operator, place: int = 0) -> Tensor:
        """The operator's input tensor at ``place``."""
        return self.tensors[operator.inputs[place]]

    def has_int4_weights(self, operator: Operator) -> bool:
        """Whether an operator reads weights of 4 bits."""
        return any(self.tensors[index].dtype == "int4" for index in operator.inputs[1:] if index >= 0)

    def output_of(self, operator: Operator) -> Tensor:
        """The operator's first output tensor."""
        return self.tensors[operator.outputs[0]]


def read_graph(path: Path) -> Graph:
    """Read a ``.tflite`` file.

    Raises:
        InputError: The file is missing, is no TensorFlow Lite model, or is truncated or corrupt.
    """
    content = _content(path)
    try:
        graph = _graph(path, content)
    except _MALFORMED:
        raise InputError(f"{path} is truncated or corrupt ({len(content)} bytes); convert or copy it again") from None
    _check(graph)
    return graph


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); give an int8 .tflite file") from None
    if content[4:8] != _IDENTIFIER:
        raise InputError(f"{path} is no TensorFlow Lite model (its bytes 4 to 8 are not TFL3); give a .tflite file")
    return content


def _graph(path: Path, content: bytes) -> Graph:
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(content, 0))
    main = model.subgraphs[0]
    return Graph(
        path=path,
        file_bytes=len(content),
        schema_version=model.version,
        tensors=tuple(_tensor(tensor, model.buffers[tensor.buffer]) for tensor in main.tensors),
        operators=tuple(_operator(operator, model.operatorCodes[operator.opcodeIndex]) for operator in main.operators),
        inputs=_integers(main.inputs),
        outputs=_integers(main.outputs),
        offsets=_offsets(model, len(main.tensors)),
    )


def _offsets(model: Any, tensors: int) -> tuple[int, ...]:
    """Where a compiler planned the tensors: the metadata that TFLite-Micro's allocator follows."""
    for entry in _list(model.metadata):
        if entry.name == _OFFLINE_PLAN:
            words = bytes(model.buffers[entry.buffer].data)
            _, _, count, *offsets = struct.unpack(f"<{len(words) // 4}i", words)  # version, subgraph
            if count == len(offsets) == tensors:
                return tuple(offsets)
            raise ValueError("an offline plan of other tensors")
    return ()


def _tensor(tensor: Any, buffer: Any) -> Tensor:
    quantization = tensor.quantization
    external = bool(buffer.size or buffer.offset > 1)  # 0 and 1 stand for "inside"
    result = Tensor(
        name=(tensor.name or b"").decode(errors="replace"),
        shape=_integers(tensor.shape),
        dtype=_TYPES[tensor.type],
        scales=() if quantization is None else tuple(float(scale) for scale in _list(quantization.scale)),
        zero_points=() if quantization is None else _integers(quantization.zeroPoint),
        constant=external or (buffer.data is not None and len(buffer.data) > 0),
        external=external,
    )
    if result.constant and not external and result.dtype in (*ITEM_BYTES, "int4") and len(buffer.data) != result.bytes:
        raise ValueError("a constant's size differs from its shape")
    return result


def _operator(operator: Any, code: Any) -> Operator:
    kind = _OPERATORS[max(code.builtinCode, code.deprecatedBuiltinCode)]
    if kind == "CUSTOM":
        kind = f"CUSTOM:{code.customCode.decode(errors='replace')}"
    return Operator(kind, _integers(operator.inputs), _integers(operator.outputs), operator.builtinOptions)


def _check(graph: Graph) -> None:
    """Everything that later code takes for granted, so that a corrupt file ends here."""
    indices = [*graph.inputs, *graph.outputs, *(i for one in graph.operators for i in (*one.inputs, *one.outputs))]
    sound = (
        graph.operators
        and graph.inputs
        and graph.outputs
        and all(-1 <= index < len(graph.tensors) for index in indices)
        and all(_is_sensible(tensor.shape) for tensor in graph.tensors)
        and all(_is_sound(graph, operator) for operator in graph.operators)
    )
    if not sound:
        raise InputError(f"{graph.path} holds operators or tensors that make no sense; convert it again")


def _is_sensible(shape: tuple[int, ...]) -> bool:
    # Vela puts all weights of a network, megabytes of them, into a tensor of one axis.
    return all(extent > 0 and (extent <= _LARGEST_EXTENT or len(shape) == 1) for extent in shape)


def _is_sound(graph: Graph, operator: Operator) -> bool:
    if not operator.outputs or min(operator.outputs) < 0 or (operator.inputs and operator.inputs[0] < 0):
        return False
    pictures = {"CONV_2D": 2, "DEPTHWISE_CONV_2D": 2, "TRANSPOSE_CONV": 3}.get(operator.kind, 0)
    if operator.kind in ("AVERAGE_POOL_2D", "MAX_POOL_2D", "L2_POOL_2D"):
        pictures = 1
    first = 1 if operator.kind == "TRANSPOSE_CONV" else 0  # its first input is a shape
    given = operator.inputs[first:pictures]
    if not pictures:
        return True
    shapes = [graph.tensors[index].shape for index in (*given, operator.outputs[0])]
    enough = len(given) == pictures - first and min(given) >= 0 and operator.options is not None
    return enough and all(len(shape) == 4 for shape in shapes)


def _list(vector: Any) -> list:
    return [] if vector is None else list(vector)


def _integers(vector: Any) -> tuple[int, ...]:
    return tuple(int(value) for value in _list(vector))
