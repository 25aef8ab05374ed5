"""Pictures of what int8 loses: each layer's error, and the frames whose answer changed."""

import math
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from tinyinspect.files import complete_file
from tinyinspect.quantization.error_analysis import WEAK_DB, LayerError, worst

COLUMNS, MOST_SHOWN = 6, 24  # of the frames


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


def draw_changed(pictures: list[NDArray[np.uint8]], captions: list[str], total: int, path: Path) -> None:
    """Draw the frames whose answer int8 changed as one JPEG contact sheet.

    Args:
        pictures: as recorded, each (height, width, 3) uint8.
        captions: below each, such as what float and int8 say.
        total: of the frames compared.
        path: the file.
    """
    shown = pictures[:MOST_SHOWN]
    rows = math.ceil(len(shown) / COLUMNS)
    figure = Figure(figsize=(2 * COLUMNS, 0.6 + 2.5 * rows if rows else 0.8), layout="constrained")
    some = f", {len(shown)} of them shown" if len(shown) < len(pictures) else ""
    figure.suptitle(f"int8 answers {len(pictures)} of {total} test frames differently from float{some}", fontsize=12)
    for number in range(rows * COLUMNS):
        axes = figure.add_subplot(rows, COLUMNS, number + 1)
        axes.axis("off")
        if number < len(shown):
            axes.imshow(shown[number])
            axes.text(0.5, -0.03, captions[number], transform=axes.transAxes, ha="center", va="top", fontsize=8)
    with complete_file(path) as target:
        figure.savefig(target, format="jpg", dpi=100, pil_kwargs={"quality": 80})
