"""What one inference costs on the camera: multiply-accumulates, instructions and, assuming a rate, milliseconds.

The model is built from counted operators (``data/operator_costs.csv``). Each code path of the firmware has its own few
terms, which follow its loops: so many instructions an output, a block of 16 channels, a kernel position copied. Their
prices are fitted to the counts of that path (non-negative least squares of the relative error). What was never counted
is an interval, from the structure of its kernel (see ``estimates``), and so is then the total.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import nnls

from tinyinspect.config.board import Board
from tinyinspect.device.estimates import Interval, estimated, total
from tinyinspect.device.graph import Graph, Operator, Tensor, read_graph
from tinyinspect.device.sight import is_picture
from tinyinspect.device.work import Work, inside, work_of

Terms = tuple[float, ...]
# Measured on firmware 4.8.1: what predict([image]) from 240x240 pixels counts more than the network.
_RESIZE = Interval(390_000, 630_000)
# Of each float: ml/preprocessing.py multiplies, then adds, over the whole array. Estimated.
_NORMALISE = Interval(6, 60)
# Times the instructions with int8 weights. The inner loops of CMSIS-NN's int4 kernels, compiled for a Cortex-M7, take
# 1.7 (convolution), 1.9 (1x1) and 2.3 (dense) times those of the int8 kernels; what surrounds them is the same.
_INT4_WEIGHTS = Interval(1.1, 2.6)
_RESIZED_PIXELS = 128 * 128  # the largest input that it was measured with; beyond, its upper end grows with the pixels


@dataclass(frozen=True)
class Layer:
    """Cost of one operator of a network."""

    name: str  # of the tensor it makes
    operator: str
    shape: tuple[int, ...]  # of the tensor it makes
    dtype: str  # of what it takes
    macs: int
    instructions: Interval

    @property
    def measured(self) -> bool:
        """Whether operators of its kind were counted; else the figure is an estimate."""
        return self.instructions.exact


@dataclass(frozen=True)
class Cost:
    """Cost of one inference.

    Attributes:
        layers: of the network, as they run.
        resize: instructions of writing the picture into the input, which ``predict([image])`` does first.
    """

    layers: tuple[Layer, ...]
    resize: Interval

    @property
    def macs(self) -> int:
        """Multiply-accumulates of the network."""
        return sum(layer.macs for layer in self.layers)

    @property
    def instructions(self) -> Interval:
        """Of the network; exact only where all of its operators were counted."""
        return total(layer.instructions for layer in self.layers)

    @property
    def estimated(self) -> list[str]:
        """Kinds of operators whose cost was never counted."""
        return sorted({layer.operator for layer in self.layers if not layer.measured})

    def milliseconds(self, board: Board) -> Interval | None:
        """Time of ``predict([image])`` at the board's assumed cycles per instruction; None where none is assumed."""
        if board.cycles_per_instruction is None:
            return None
        rate = board.cycles_per_instruction / (board.mhz * 1e3)
        return total((self.instructions, self.resize)).scaled(rate)


def cost_of(path: Path) -> Cost:
    """Cost of the model in ``path``.

    Raises:
        InputError: The file cannot be read as a model.
    """
    return cost(read_graph(path))


def cost(graph: Graph) -> Cost:
    """Cost of a graph; see :func:`cost_of`."""
    return Cost(tuple(_layer(graph, operator) for operator in graph.operators), _resize(graph))


def _layer(graph: Graph, operator: Operator) -> Layer:
    work, made = work_of(graph, operator), graph.output_of(operator)
    return Layer(made.name, operator.kind, made.shape, work.dtype, work.macs, instructions(work))


def _resize(graph: Graph) -> Interval:
    pictures = [tensor for tensor in map(graph.tensors.__getitem__, graph.inputs) if is_picture(tensor)]
    return total(_resize_into(tensor) for tensor in pictures)


def _resize_into(picture: Tensor) -> Interval:
    grown = max(1, picture.shape[1] * picture.shape[2] / _RESIZED_PIXELS)
    floats = _NORMALISE.scaled(picture.elements if picture.dtype == "float32" else 0)
    return total((Interval(_RESIZE.low, round(_RESIZE.high * grown)), floats))


def instructions(work: Work) -> Interval:
    """Instructions of one operator; exact where operators of its kind were counted."""
    if work.int4_weights:
        wide = instructions(replace(work, int4_weights=False))
        return Interval(round(wide.low * _INT4_WEIGHTS.low), round(wide.high * _INT4_WEIGHTS.high))
    path = path_of(work)
    if path is None:
        return estimated(work)
    counted = round(priced(_prices()[path], work, path))
    return Interval(counted, counted)


def priced(prices: NDArray[np.float64], work: Work, path: str) -> float:
    """Instructions of some work at the prices of its path's terms."""
    return float(np.dot(prices, _TERMS[path](work)))


def path_of(work: Work) -> str | None:
    """The code path of the firmware that runs this work; None when no operator on it was counted."""
    if work.dtype != "int8":
        return None
    match work.kind:
        case "CONV_2D" if work.plain:
            return "pointwise" if work.kernel == 1 else "convolution"
        case "DEPTHWISE_CONV_2D" if work.plain and work.kernel in (9, 25):
            return "depthwise 3x3" if work.kernel == 9 else "depthwise 5x5"
        case "MUL+ADD":
            return "broadcast"
        case "MUL" if not work.plain:
            return "broadcast"
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
    "depthwise 5x5": lambda work: (work.macs,),
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


@cache
def measured_operators() -> pd.DataFrame:
    """The counted operators, one row each, with their ``work`` (:class:`Work`)."""
    with (files("tinyinspect.device") / "data" / "operator_costs.csv").open() as table:
        rows = pd.read_csv(table)
    rows["work"] = [work_of_row(row) for _, row in rows.iterrows()]
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
