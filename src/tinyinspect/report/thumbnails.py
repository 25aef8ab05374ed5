"""Small pictures inside the page."""

import base64
import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tinyinspect.camera import Pixels, square_window
from tinyinspect.errors import InputError

SIDE, SIDE_ON_MAP = 112, 56  # pixels


def thumbnail(picture: Pixels, side: int = SIDE) -> str:
    """The square that the model sees of a frame (height, width, 3), as a JPEG file in base64."""
    buffer = io.BytesIO()
    square = Image.fromarray(square_window(picture)).resize((side, side), Image.Resampling.LANCZOS)
    square.save(buffer, "JPEG", quality=72)
    return base64.b64encode(buffer.getvalue()).decode()


def sheet(path: Path, width: int) -> str:
    """A large picture file, scaled down to a width in pixels, as a JPEG file in base64.

    Raises:
        InputError: The file is missing or damaged.
    """
    buffer = io.BytesIO()
    try:
        picture = Image.open(path).convert("RGB")
    except (OSError, ValueError, SyntaxError):
        raise InputError(f"{path} is missing or damaged; run `dvc repro --force select_frames`") from None
    height = round(picture.height * width / picture.width)
    picture.resize((width, height)).save(buffer, "JPEG", quality=75)
    return base64.b64encode(buffer.getvalue()).decode()


def heat(cells: NDArray[np.float32]) -> str:
    """A map of cells (rows, columns) from 0 to 1, as one hexadecimal digit a cell, row by row."""
    return "".join("0123456789abcdef"[level] for level in np.rint(cells * 15).astype(int).ravel())
