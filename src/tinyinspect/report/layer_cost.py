"""Plot: what each layer of a model costs on the camera."""

from pathlib import Path

from matplotlib import colormaps
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from tinyinspect.config.board import Board
from tinyinspect.device.cost import Cost
from tinyinspect.files import complete_file

_INCHES_A_LAYER = 0.24


def plot_layer_cost(cost: Cost, board: Board, target: Path) -> None:
    """Write a bar a layer, from the first to the last, in millions of instructions, at most where estimated, as PNG."""
    kinds = list(dict.fromkeys(layer.operator for layer in cost.layers))
    colours = dict(zip(kinds, colormaps["tab10"].colors, strict=False))  # type: ignore[attr-defined]
    figure = Figure(figsize=(8, 1.6 + _INCHES_A_LAYER * len(cost.layers)), layout="constrained")
    axes = figure.subplots()
    millions = [layer.instructions.high / 1e6 for layer in cost.layers]
    bars = axes.barh(range(len(millions)), millions, color=[colours.get(one.operator, "grey") for one in cost.layers])
    axes.bar_label(bars, labels=[_share(value, sum(millions)) for value in millions], padding=3, fontsize=7)
    axes.set_yticks(range(len(millions)), [_label(index, cost) for index in range(len(millions))], fontsize=7)
    axes.invert_yaxis()
    axes.margins(x=0.12, y=0.01)
    axes.set_xlabel("million instructions (share of the whole)")
    axes.set_title(_title(cost, board), fontsize=10)
    axes.legend(handles=[Patch(color=colours.get(kind, "grey"), label=kind) for kind in kinds], fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    with complete_file(target) as partial:
        figure.savefig(partial, format="png", dpi=120, metadata={"Software": None})


def _title(cost: Cost, board: Board) -> str:
    counted = f"{cost.instructions.scaled(1e-6).text(2)} M instructions on a Cortex-M7, {cost.macs / 1e6:.2f} M MACs"
    time = cost.milliseconds(board)
    if time is None:
        return f"{counted}\n{board.title} has another core"
    rate = f"at {board.mhz} MHz and {board.cycles_per_instruction} cycles per instruction (assumed)"
    return f"{counted}\n{time.text(1)} ms on {board.title} with the resize, {rate}"


def _label(index: int, cost: Cost) -> str:
    layer = cost.layers[index]
    return f"{index}  {layer.operator} -> {'x'.join(str(extent) for extent in layer.shape[1:])}"


def _share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %"
