"""How the scores are distributed: where normal and abnormal, or right and wrong, lie apart."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from tinyinspect.device.microcontroller import STAND_IN
from tinyinspect.evaluation.scored import FLOAT, INT8, Scored
from tinyinspect.files import complete_file

BINS = 50
Groups = dict[str, tuple[NDArray[np.bool_], Any]]  # which pictures, and their colour
TITLES = {FLOAT: "PyTorch, float32", INT8: f"{STAND_IN}, int8" if STAND_IN else "TFLite Micro, int8 (camera)"}
_GREEN, _RED = "#009e73", "#d55e00"  # Okabe & Ito's, told apart by colour-blind eyes too
# Without a second green.
_OTHERS = [colormaps["tab20"](place) for place in range(20) if place not in (4, 5)]


def draw_scores(scored: Scored, target: Path) -> None:
    """Write histograms of the scores in float and on the camera as PNG."""
    groups = _coloured(scored)
    figure = Figure(figsize=(9, 5.6), dpi=110, layout="constrained")
    panels = figure.subplots(2, 1, sharex=True)
    for axes, (runtime, title) in zip(panels, TITLES.items(), strict=True):
        _draw(axes, scored.scores[runtime], groups)
        axes.set_title(title, fontsize=10, loc="left")
    if scored.threshold is not None:
        panels[1].axvline(scored.threshold, color="black", linewidth=1, linestyle="--")
        panels[1].annotate(
            f"threshold {scored.threshold:.3f} ",
            (scored.threshold, 0.99),
            xycoords=("data", "axes fraction"),
            ha="right",
            va="top",
        )
    panels[1].set_xlabel(scored.score_name)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right upper", frameon=False, fontsize=8)
    with complete_file(target) as partial:
        figure.savefig(partial, format="png", metadata={"Software": None})


def _draw(axes: Axes, scores: NDArray[np.float32], groups: Groups) -> None:
    low, high = float(scores.min()), float(scores.max())
    edges = np.linspace(low, high if high > low else low + 1, BINS + 1)
    axes.hist(
        [scores[mine] for mine, _ in groups.values()],
        edges.tolist(),
        stacked=True,
        color=[colour for _, colour in groups.values()],
        label=[f"{name} ({mine.sum()})" for name, (mine, _) in groups.items()],
    )
    axes.set_ylabel("pictures (log)")
    axes.set_yscale("symlog", linthresh=1)
    axes.yaxis.set_major_formatter("{x:g}")
    axes.ticklabel_format(axis="x", useOffset=False)
    axes.spines[["top", "right"]].set_visible(False)


def _coloured(scored: Scored) -> Groups:
    """The first group is good news; where there are only two, the other is bad."""
    (first, good), *others = scored.groups.items()
    colours = [_RED] if len(others) == 1 else [_OTHERS[number % len(_OTHERS)] for number in range(len(others))]
    rest = {name: (mine, colour) for (name, mine), colour in zip(others, colours, strict=True)}
    return {first: (good, _GREEN), **rest}
