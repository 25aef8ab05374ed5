"""Pictures of what int8 loses: each layer's error, and the frames whose answer changed."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure, FigureBase
from numpy.typing import NDArray

from tinyinspect.files import complete_file
from tinyinspect.quantization.error_analysis import WEAK_DB, LayerError, worst

COLUMNS, MOST_SHOWN = 6, 12  # of the frames of a class


def draw_layers(layers: list[LayerError], path: Path) -> None:
    """Draw the error of every layer, in total and its own two parts, as PNG."""
    figure = Figure(figsize=(max(9.0, 3.5 + 0.32 * len(layers)), 5.2), layout="constrained")
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
    places = range(len(layers))
    weighted = [(place, layer.weight_sqnr_db) for place, layer in enumerate(layers) if layer.weight_sqnr_db is not None]
    top.plot(places, [layer.sqnr_db for layer in layers], "o-", color="#0072b2", label="output, all errors before it")
    top.plot(*zip(*weighted, strict=True), "s", color="#d55e00", label="its weights alone")
    top.plot(
        places, [layer.activation_sqnr_db for layer in layers], "^", color="#009e73", label="its output's rounding"
    )
    top.axhline(WEAK_DB, color="grey", linewidth=0.8, linestyle=":")
    top.set_ylabel("SQNR (dB), higher is better")
    top.set_title(f"weakest by itself: layer {worst(layers).layer} ({worst(layers).own_sqnr_db:.1f} dB)", fontsize=11)
    top.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    bottom.bar(places, [100 * layer.range_used for layer in layers], color="#c8d8e4", label="whole tensor")
    bottom.bar(
        places, [100 * layer.channel_range_used for layer in layers], 0.4, color="#0072b2", label="median channel"
    )
    bottom.plot(places, [100 * layer.saturated for layer in layers], "x", color="#d55e00", label="saturated values")
    bottom.set_ylabel("% of int8 range")
    bottom.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    bottom.set_xticks(list(places), [layer.layer for layer in layers], rotation=90, fontsize=7)
    with complete_file(path) as target:
        figure.savefig(target, format="png", dpi=110)


@dataclass(frozen=True)
class Changed:
    """The frames of one class whose answer int8 changed.

    Attributes:
        name: of the class.
        frames: how many of the class were compared.
        pictures: as recorded, each (height, width, 3) uint8.
        captions: below each, such as what float and int8 say.
    """

    name: str
    frames: int
    pictures: list[NDArray[np.uint8]]
    captions: list[str]


def draw_changed(classes: list[Changed], path: Path) -> None:
    """Draw a contact sheet for each class as one JPEG; a class without a changed frame is a line.

    Args:
        classes: in the order in which they are drawn.
        path: the file.
    """
    rows = [math.ceil(min(len(one.pictures), MOST_SHOWN) / COLUMNS) for one in classes]
    heights = [0.5 + 2.5 * count for count in rows]
    figure = Figure(figsize=(2 * COLUMNS, sum(heights)), layout="constrained")
    parts = figure.subfigures(len(classes), 1, height_ratios=heights, squeeze=False)
    for part, one, count in zip(parts[:, 0], classes, rows, strict=True):
        _draw_class(part, one, count)
    with complete_file(path) as target:
        figure.savefig(target, format="jpg", dpi=100, pil_kwargs={"quality": 80})


def _draw_class(figure: FigureBase, one: Changed, rows: int) -> None:
    shown = one.pictures[:MOST_SHOWN]
    some = f", {len(shown)} of them shown" if len(shown) < len(one.pictures) else ""
    figure.suptitle(
        f"{one.name}: int8 answers {len(one.pictures)} of {one.frames} frames differently{some}", fontsize=11
    )
    for number in range(rows * COLUMNS):
        axes = figure.add_subplot(rows, COLUMNS, number + 1)
        axes.axis("off")
        if number < len(shown):
            axes.imshow(shown[number])
            axes.text(0.5, -0.03, one.captions[number], transform=axes.transAxes, ha="center", va="top", fontsize=8)
