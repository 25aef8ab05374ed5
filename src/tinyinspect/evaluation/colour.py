"""Whether the frames that a model was trained on are grey, and what a person should know then."""

from pathlib import Path

import numpy as np

from tinyinspect.camera import Pixels
from tinyinspect.selection.labelled import frames_folder, read_picture

LOOKED_AT = 50  # frames, evenly over the classes
TOLERANCE = 8  # levels between red, green and blue that a codec and RGB565 make of grey
COLOURED = 0.001  # share of a frame's pixels; fewer are noise
GREY = (
    "the training frames are grey. The model takes them as red, green and blue that are alike, because the camera's "
    "program gives its frames in colour. Where the camera's sensor sees colour, record with that camera"
)


def grey_notes(dataset: Path) -> list[str]:
    """A sentence where red, green and blue are the same in all training frames that are looked at, else none.

    Raises:
        InputError: A frame cannot be read.
    """
    paths = sorted(frames_folder(dataset, "train").glob("*/*.jpg"))
    some = np.linspace(0, len(paths) - 1, min(len(paths), LOOKED_AT)).astype(int)
    return [GREY] if paths and all(is_grey(read_picture(paths[place], "dataset")) for place in some) else []


def is_grey(picture: Pixels) -> bool:
    """Whether a picture (height, width, 3) uint8 holds no colour, but for what a codec makes."""
    spread = picture.max(axis=2) - picture.min(axis=2)
    return float((spread > TOLERANCE).mean()) < COLOURED
