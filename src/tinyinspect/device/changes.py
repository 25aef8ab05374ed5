"""The nearest changes to a network, or to the board, with which it would fit: planned anew, not guessed."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from math import ceil

from tinyinspect.config.board import Board
from tinyinspect.device.arena import planned_arena_bytes
from tinyinspect.device.graph import Graph, Tensor
from tinyinspect.device.memory import Need, rooms
from tinyinspect.device.sight import is_picture

_SIZE_STEP = 8  # pixels
_WIDTH_STEPS = 8  # eighths of the present width
_SCALE_BYTES = 12  # a float32 scale and an int64 zero point


def changes(graph: Graph, arena_bytes: int, board: Board, boards: Iterable[Board]) -> list[str]:
    """What would make a graph of ``arena_bytes`` fit, the smallest change of each kind: input, stride, width, board."""
    found = [
        change
        for search in (_smaller_input, _larger_stride, _smaller_width)
        if (change := search(graph, lambda scaled: _fits(scaled, board)))
    ]
    others = [other.title for other in boards if other.name != board.name and _runs(arena_bytes, graph, other)]
    return [*found, f"another board: {', '.join(others)}"] if others else found


def _fits(scaled: Graph, board: Board) -> bool:
    return _runs(planned_arena_bytes(scaled), scaled, board)


def _runs(arena_bytes: int, graph: Graph, board: Board) -> bool:
    return any(room.fits for room in rooms(board, Need(arena_bytes, graph.file_bytes)))


def _smaller_input(graph: Graph, fits: Callable[[Graph], bool]) -> str:
    if not is_picture(graph.tensors[graph.inputs[0]]):
        return ""
    side = graph.tensors[graph.inputs[0]].shape[1]
    for smaller in range((side - 1) // _SIZE_STEP * _SIZE_STEP, 0, -_SIZE_STEP):
        scaled = _resized(graph, smaller / side)
        if fits(scaled):
            return f"input of {smaller} instead of {side} pixels (arena {planned_arena_bytes(scaled)} bytes)"
    return ""


def _larger_stride(graph: Graph, fits: Callable[[Graph], bool]) -> str:
    if not is_picture(graph.tensors[graph.inputs[0]]):
        return ""
    scaled = _resized(graph, 1 / 2, keep=graph.inputs)
    return f"stem of twice the stride (arena {planned_arena_bytes(scaled)} bytes)" if fits(scaled) else ""


def _smaller_width(graph: Graph, fits: Callable[[Graph], bool]) -> str:
    for eighths in range(_WIDTH_STEPS - 1, 0, -1):
        scaled = _narrowed(graph, eighths / _WIDTH_STEPS)
        if fits(scaled):
            sizes = f"arena {planned_arena_bytes(scaled)}, file about {scaled.file_bytes} bytes"
            return f"{eighths}/{_WIDTH_STEPS} of the width ({sizes})"
    return ""


def _resized(graph: Graph, ratio: float, keep: tuple[int, ...] = ()) -> Graph:
    """The graph with every picture ``ratio`` times as high and wide, those in ``keep`` apart."""

    def resized(index: int, tensor: Tensor) -> Tensor:
        if tensor.constant or index in keep or len(tensor.shape) != 4:
            return tensor
        batch, height, width, channels = tensor.shape
        return replace(tensor, shape=(batch, ceil(height * ratio), ceil(width * ratio), channels))

    return replace(graph, tensors=tuple(resized(index, tensor) for index, tensor in enumerate(graph.tensors)))


def _narrowed(graph: Graph, ratio: float) -> Graph:
    """The graph with ``ratio`` times the channels, inputs and outputs apart; its weights shrink by the square.

    Each channel of a weight or bias also has its scale and zero point in the file.
    """
    kept = {*graph.inputs, *graph.outputs}

    def narrowed(index: int, tensor: Tensor) -> Tensor:
        if index in kept or not tensor.shape:
            return tensor
        shape = (*tensor.shape[:-1], ceil(tensor.shape[-1] * ratio))
        if tensor.constant and len(shape) > 1:
            shape = (ceil(shape[0] * ratio), *shape[1:])
        return replace(tensor, shape=shape)

    tensors = tuple(narrowed(index, tensor) for index, tensor in enumerate(graph.tensors))
    pairs = [(old, new) for old, new in zip(graph.tensors, tensors, strict=True) if old.constant]
    scales = sum(len(old.scales) for old, _ in pairs if len(old.scales) > 1)
    saved = sum(old.bytes - new.bytes for old, new in pairs) + int(scales * _SCALE_BYTES * (1 - ratio))
    return replace(graph, tensors=tensors, file_bytes=graph.file_bytes - saved)
