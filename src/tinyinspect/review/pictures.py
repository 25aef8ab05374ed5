"""The frames that two models judge differently, as a contact sheet; from the dataset, else from the recordings."""

from pathlib import Path

import numpy as np
import pandas as pd
import simplejpeg
from PIL import Image, ImageDraw, ImageFont

from tinyinspect.camera import Pixels, square_window
from tinyinspect.config.extract import Extract
from tinyinspect.errors import InputError
from tinyinspect.files import complete_file
from tinyinspect.recordings.decode import FrameReader
from tinyinspect.recordings.probe import probe

SIDE, COLUMNS, MOST, CAPTION, HEADING = 144, 8, 32, 34, 28  # pixels; pictures of each kind
FEWEST = 3  # columns, for the heading's sake


def find_pictures(root: Path, rows: pd.DataFrame, extract: Extract) -> dict[str, Pixels]:
    """Pictures by their keys, (height, width, 3) uint8; those that are nowhere are left out.

    Args:
        root: of the project; its ``dataset`` is looked through first, then ``data/videos``.
        rows: of the predictions.
        extract: how recordings are read.
    """
    there = {path.name: path for path in (root / "dataset" / "test").rglob("*.jpg")}
    found: dict[str, Pixels] = {}
    for key in rows["picture"]:
        path = there.get(Path(key).name)
        if path is not None:
            with Image.open(path) as picture:
                found[key] = np.asarray(picture.convert("RGB"))
    rest = rows[~rows["picture"].isin(list(found)) & (rows["recording"] != "")]
    for recording, wanted in rest.groupby("recording"):
        found |= _filmed(root / "data" / "videos" / str(recording), wanted, extract)
    return found


def _filmed(path: Path, wanted: pd.DataFrame, extract: Extract) -> dict[str, Pixels]:
    """Frames of one recording; none where it is not here."""
    keys = dict(zip(wanted["frame"].astype(int), wanted["picture"], strict=True))
    found: dict[str, Pixels] = {}
    if not path.exists():
        return found
    try:
        with FrameReader(path, probe(path), extract) as frames:
            for frame in frames:
                if frame.number in keys and frame.jpeg:
                    found[keys[frame.number]] = simplejpeg.decode_jpeg(frame.jpeg, "RGB")
                if len(found) == len(keys):
                    break
    except InputError:
        return found  # the sheet is for people; the comparison stands without this recording
    return found


def write_sheet(path: Path, groups: dict[str, pd.DataFrame], pictures: dict[str, Pixels]) -> int:
    """Write a JPEG file of the groups of rows, each under its heading; return how many pictures are on it.

    Args:
        path: of the file; without any picture nothing is written.
        groups: rows of the later predictions.
        pictures: by key.
    """
    shown = {name: rows[rows["picture"].isin(list(pictures))].head(MOST) for name, rows in groups.items()}
    shown = {name: rows for name, rows in shown.items() if len(rows)}
    count = sum(len(rows) for rows in shown.values())
    if not count:
        return 0
    lines = {name: -(-len(rows) // COLUMNS) for name, rows in shown.items()}
    height = sum(HEADING + number * (SIDE + CAPTION) for number in lines.values())
    width = min(COLUMNS, max(FEWEST, *(len(rows) for rows in shown.values()))) * SIDE
    sheet = Image.new("RGB", (width, height), "white")
    draw, font, top = ImageDraw.Draw(sheet), ImageFont.load_default(12), 0
    for name, rows in shown.items():
        draw.text((6, top + 6), f"{name}: {len(groups[name])}", "black", ImageFont.load_default(15))
        top += HEADING
        for place, row in enumerate(rows.itertuples()):
            left, upper = place % COLUMNS * SIDE, top + place // COLUMNS * (SIDE + CAPTION)
            square = Image.fromarray(square_window(pictures[str(row.picture)])).resize((SIDE - 4, SIDE - 4))
            sheet.paste(square, (left + 2, upper))
            draw.text((left + 4, upper + SIDE - 3), f"{row.answer_camera}, is {row.truth}", "black", font)
            draw.text((left + 4, upper + SIDE + 11), Path(str(row.picture)).stem[-22:], "grey", font)
        top += lines[name] * (SIDE + CAPTION)
    with complete_file(path) as target:
        sheet.save(target, "JPEG", quality=82)
    return count
