"""A few frames of each class and recording on one picture, to look at."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from tinyinspect.camera import Pixels
from tinyinspect.files import complete_file

_GAP = 4  # pixels


def save_sheet(path: Path, rows: Sequence[Sequence[Pixels]]) -> None:
    """Save rows of equally large frames as one picture; a short row ends in black."""
    height, width = rows[0][0].shape[:2]
    columns = max(len(row) for row in rows)
    sheet = np.zeros((len(rows) * (height + _GAP), columns * (width + _GAP), 3), np.uint8)
    for i, row in enumerate(rows):
        for j, frame in enumerate(row):
            top, left = i * (height + _GAP), j * (width + _GAP)
            sheet[top : top + height, left : left + width] = frame
    with complete_file(path) as partial:
        Image.fromarray(sheet).save(partial, "PNG")
