"""Contact sheet: all selected frames on one picture, each with its recording, number and label."""

import io
import math
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw, ImageFont

from tinyinspect.recordings.store import FrameStore

MOST = 600  # thumbnails; of more, evenly spaced ones are shown
CELL = 112  # width of a thumbnail, pixels
CAPTION = 30  # height of the two lines below it
MARGIN = 8
HEADER = 44
PAPER, INK, FAINT = "#ffffff", "#202020", "#8a8a8a"
# Okabe & Ito's colours, told apart by colour-blind eyes too.
COLOURS = ["#009e73", "#d55e00", "#0072b2", "#cc79a7", "#e69f00", "#56b4e9"]


def draw_contact_sheet(store: FrameStore, frames: pd.DataFrame, title: str, classes: list[str], target: Path) -> None:
    """Draw frames as a grid of thumbnails into a PNG file.

    Args:
        store: of the pictures.
        frames: rows of the store's index to show, with the column label ("" where there is none).
        title: of the sheet.
        classes: all labels, for their colours.
        target: the file.
    """
    shown = frames.iloc[np.unique(np.linspace(0, len(frames) - 1, MOST).round().astype(int))]
    columns = min(len(shown), max(8, math.ceil(math.sqrt(1.4 * len(shown)))))
    cell_height = _thumbnail_height(shown) + CAPTION + MARGIN
    width = max(MARGIN + columns * (CELL + MARGIN), 8 * CELL)
    height = HEADER + math.ceil(len(shown) / columns) * cell_height + MARGIN
    sheet = Image.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(sheet)
    _draw_header(draw, _heading(title, frames, len(shown)), frames, classes)
    for place, (row, frame) in enumerate(shown.iterrows()):
        down, across = divmod(place, columns)
        corner = MARGIN + across * (CELL + MARGIN), HEADER + down * cell_height
        _draw_frame(sheet, draw, store, int(str(row)), frame, classes, corner)
    sheet.save(target, format="PNG")


def _heading(title: str, frames: pd.DataFrame, shown: int) -> str:
    part = f", {shown} of them shown" if shown < len(frames) else ""
    return f"{title}: {len(frames)} frames from {frames['recording'].nunique()} recordings{part}"


def _draw_header(draw: ImageDraw.ImageDraw, heading: str, frames: pd.DataFrame, classes: list[str]) -> None:
    draw.text((MARGIN, 6), heading, INK, ImageFont.load_default(16))
    x = float(MARGIN)
    for label in [*classes, ""]:
        count = int((frames["label"] == label).sum())
        if label or count:
            text = f"{label or 'not annotated'}: {count}"
            draw.text((x, 26), text, _colour(label, classes), ImageFont.load_default(12))
            x += draw.textlength(text, ImageFont.load_default(12)) + 3 * MARGIN


def _draw_frame(
    sheet: Image.Image,
    draw: ImageDraw.ImageDraw,
    store: FrameStore,
    row: int,
    frame: pd.Series,
    classes: list[str],
    corner: tuple[int, int],
) -> None:
    x, y = corner
    with Image.open(io.BytesIO(store.jpeg(row))) as picture:
        picture.draft("RGB", (CELL, CELL))
        thumbnail = picture.convert("RGB").resize((CELL, max(1, round(CELL * picture.height / picture.width))))
    sheet.paste(thumbnail, corner)
    colour = _colour(frame["label"], classes)
    y += thumbnail.height
    draw.rectangle((x, y, x + CELL - 1, y + 2), fill=colour)
    font = ImageFont.load_default(11)
    draw.text((x, y + 3), _shortened(draw, frame["recording"], f":{frame['frame']}", font), INK, font)
    draw.text((x, y + 15), _shortened(draw, frame["label"] or "not annotated", "", font), colour, font)


def _thumbnail_height(frames: pd.DataFrame) -> int:
    return math.ceil(CELL * (frames["height"] / frames["width"]).max())


def _colour(label: str, classes: list[str]) -> str:
    return COLOURS[classes.index(label) % len(COLOURS)] if label else FAINT


def _shortened(
    draw: ImageDraw.ImageDraw, name: str, tail: str, font: ImageFont.ImageFont | ImageFont.FreeTypeFont
) -> str:
    """The name with its beginning left out, so that it fits a cell together with the tail."""
    text = name + tail
    while name and draw.textlength(text, font) > CELL:
        name = name[1:]
        text = f"…{name}{tail}"
    return text
