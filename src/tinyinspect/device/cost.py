"""What one inference costs on the camera: multiply-accumulates, instructions and, assuming a rate, milliseconds.

The model is built from counted operators (``data/operator_costs.csv``). Each code path of the firmware has its own few
terms, which follow its loops: so many instructions an output, a block of 16 channels, a kernel position copied. Their
prices are fitted to the counts of that path (non-negative least squares of the relative error). What was never counted
gets the dearest price of its like, and is named.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import nnls

from tinyinspect.config.board import Board
from tinyinspect.device.graph import Graph, read_graph
from tinyinspect.device.work import Work, inside, work_of

Terms = tuple[float, ...]


@dataclass(frozen=True)
class Layer:
    """Cost of one operator of a network."""

    name: str  # of the tensor it makes
    operator: str
    shape: tuple[int, ...]  # of the tensor it makes
    macs: int
    instructions: int
    measured: bool  # False: no operator of this kind was counted, the figure is a cautious estimate


@dataclass(frozen=True)
class Cost:
    """Cost of one inference."""

    macs: int
    instructions: int
    layers: tuple[Layer, ...]

    @property
    def estimated(self) -> list[str]:
        """Kinds of operators whose cost was never counted."""
        return sorted({layer.operator for layer in self.layers if not layer.measured})

    def milliseconds(self, board: Board) -> float:
        """Time of one inference, at the board's clock and its assumed cycles per instruction."""
        return self.instructions * board.cycles_per_instruction / (board.mhz * 1e3)


def cost_of(path: Path) -> Cost:
    """Cost of the int8 model in ``path``.

    Raises:
        InputError: The file cannot be read as a model.
    """
    return cost(read_graph(path))


def cost(graph: Graph) -> Cost:
    """Cost of a graph; see :func:`cost_of`."""
    layers = []
    for operator in graph.operators:
        work, made = work_of(graph, operator), graph.output_of(operator)
        counted, measured = instructions(work)
        layers.append(Layer(made.name, operator.kind, made.shape, work.macs, round(counted), measured))
    total = sum(layer.instructions for layer in layers)
    return Cost(sum(layer.macs for layer in layers), total, tuple(layers))


def instructions(work: Work) -> tuple[float, bool]:
    """Instructions of one operator, and whether operators of its kind were counted."""
    path = path_of(work)
    if path is None:
        return _cautious(work), False
    return priced(_prices()[path], work, path), True


def priced(prices: NDArray[np.float64], work: Work, path: str) -> float:
    """Instructions of some work at the prices of its path's terms."""
    return float(np.dot(prices, _TERMS[path](work)))


def path_of(work: Work) -> str | None:
    """The code path of the firmware that runs this work; None when no operator on it was counted."""
    match work.kind:
        case "CONV_2D" if work.plain:
            return "pointwise" if work.kernel == 1 else "convolution"
        case "DEPTHWISE_CONV_2D" if work.plain:
            return "depthwise 3x3" if work.kernel == 9 else "depthwise"
        case "MUL+ADD":
            return "broadcast"
        case "MUL":
            return "broadcast"  # at equal shapes cheaper, but never counted
        case "ADD":
            return "add" if work.plain else "broadcast"
        case "FULLY_CONNECTED" | "AVERAGE_POOL_2D" | "MAX_POOL_2D" | "MEAN" | "PAD" | "SOFTMAX" | "TRANSPOSE":
            return work.kind
        case _:
            return None


def _convolution(work: Work) -> Terms:
    """Windows are copied and widened to int16, two at a time, then multiplied in blocks of four."""
    depth = work.kernel * work.in_channels
    ragged = depth % 4 > 0
    return (
        work.out_elements,
        work.out_elements * (depth // 4),
        work.out_elements * ragged,
        work.taps,
        work.pixels * depth,
        work.pixels * (depth % 16 // 4),
        work.pixels * ragged,
    )


def _pointwise(work: Work) -> Terms:
    """A matrix product, unrolled by 16 channels; with a stride, one product an output row."""
    products = work.rows if work.stride > 1 else 1
    return (
        1,
        products * work.out_channels,
        products * work.out_channels * work.in_channels,
        work.out_elements,
        work.out_elements * (work.in_channels // 16),
        work.out_elements * (work.in_channels % 16 // 4),
        work.out_elements * (work.in_channels % 4),
    )


def _fully_connected(work: Work) -> Terms:
    macs = work.pixels * work.out_channels * (work.in_channels // 16)
    return 1, work.pixels * work.out_channels, macs, work.pixels * work.in_channels


def _average_pool(work: Work) -> Terms:
    return 1, work.taps, work.out_elements, work.taps * work.out_channels


def _pad(work: Work) -> Terms:
    return work.pixels, work.out_elements, work.in_elements


_TERMS: dict[str, Callable[[Work], Terms]] = {
    "convolution": _convolution,
    "pointwise": _pointwise,
    "depthwise 3x3": lambda work: (1, work.pixels, work.out_elements, work.taps * work.out_channels),
    "depthwise": lambda work: (work.macs,),
    "FULLY_CONNECTED": _fully_connected,
    "add": lambda work: (1, work.out_elements),
    "broadcast": lambda work: (work.out_elements,),
    "AVERAGE_POOL_2D": _average_pool,
    "MAX_POOL_2D": lambda work: (1, work.pixels, work.taps * work.out_channels),
    "MEAN": lambda work: (work.out_elements, work.in_elements),
    "PAD": _pad,
    "SOFTMAX": lambda work: (work.pixels, work.out_elements),
    "TRANSPOSE": lambda work: (work.out_elements,),
}

# Reference kernels that only move bytes, and those that compute each element by itself.
_MOVING = {
    "CONCATENATION", "SPLIT", "SPLIT_V", "SLICE", "STRIDED_SLICE", "PACK", "UNPACK", "PADV2", "MIRROR_PAD", "GATHER",
    "BATCH_TO_SPACE_ND", "SPACE_TO_BATCH_ND", "DEPTH_TO_SPACE", "SPACE_TO_DEPTH", "RESIZE_NEAREST_NEIGHBOR",
    "RESHAPE", "SQUEEZE", "EXPAND_DIMS",
}  # fmt: skip
_ELEMENTWISE = {
    "SUB", "QUANTIZE", "DEQUANTIZE", "RELU", "RELU6", "LEAKY_RELU", "PRELU", "HARD_SWISH", "MAXIMUM", "MINIMUM",
    "ABS", "NEG", "SQUARED_DIFFERENCE",
}  # fmt: skip


def _cautious(work: Work) -> float:
    """The dearest price of its like among what was counted: a multiply-accumulate, or an element."""
    if work.macs:
        return work.macs * _dearest("CONV_2D", "DEPTHWISE_CONV_2D", per="macs")
    elements = max(work.in_elements, work.out_elements)
    if work.kind in _MOVING:
        return elements * _dearest("PAD", "TRANSPOSE", per="elements")
    if work.kind in _ELEMENTWISE:
        return elements * _dearest("ADD", "MUL+ADD", per="elements")
    return elements * _dearest(*measured_operators()["operator"], per="elements")


def _dearest(*kinds: str, per: str) -> float:
    rows = measured_operators()
    rows = rows[rows["operator"].isin(kinds) & (rows[per] > 0) & (rows["macs"].gt(0) == (per == "macs"))]
    return float((rows["instructions"] / rows[per]).max())


@cache
def measured_operators() -> pd.DataFrame:
    """The counted operators, one row each, with ``work`` (:class:`Work`) and ``elements`` taken or made, the larger."""
    with (files("tinyinspect.device") / "data" / "operator_costs.csv").open() as table:
        rows = pd.read_csv(table)
    rows["work"] = [work_of_row(row) for _, row in rows.iterrows()]
    rows["elements"] = [max(work.in_elements, work.out_elements) for work in rows["work"]]
    return rows


def work_of_row(row: pd.Series) -> Work:
    """The work of a counted operator; see ``data/README.md`` for the columns."""
    height, width, channels, kernel, stride, made = (
        1 if pd.isna(row[name]) else int(row[name])
        for name in ("height", "width", "in_channels", "kernel", "stride", "out_channels")
    )
    kind = str(row["operator"])
    convolution = kind in ("CONV_2D", "DEPTHWISE_CONV_2D")
    if not convolution and kind != "FULLY_CONNECTED":
        made = channels
    stride = stride if convolution or kind == "MAX_POOL_2D" else kernel
    rows, columns = (1, 1) if kind == "MEAN" else (-(-height // stride), -(-width // stride))
    if kind == "PAD":
        rows, columns = rows + 2, columns + 2
    pixels = rows * columns
    return Work(
        kind,
        macs=int(row["macs"]),
        in_elements=height * width * channels,
        out_elements=pixels * made * (2 if kind == "MUL+ADD" else 1),  # two operators
        pixels=pixels,
        rows=rows,
        in_channels=1 if kind == "DEPTHWISE_CONV_2D" else channels,
        out_channels=made,
        kernel=kernel * kernel,
        stride=stride,
        taps=inside(height, rows, kernel, stride, convolution) * inside(width, columns, kernel, stride, convolution),
    )


def fitted(rows: pd.DataFrame, path: str) -> NDArray[np.float64]:
    """Prices in instructions of a path's terms, fitted to ``rows`` of :func:`measured_operators` on that path."""
    on_path = rows[[path_of(work) == path for work in rows["work"]]]
    terms = np.array([_TERMS[path](work) for work in on_path["work"]], dtype=np.float64)
    relative = terms / on_path["instructions"].to_numpy(np.float64)[:, None]
    return nnls(relative, np.ones(len(relative)), maxiter=10_000)[0]


@cache
def _prices() -> dict[str, NDArray[np.float64]]:
    rows = measured_operators()
    return {path: fitted(rows, path) for path in _TERMS}
