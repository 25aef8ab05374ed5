"""Frames that show a bar, a spot or nothing, and the model files that were made from such frames."""

from pathlib import Path

import numpy as np

from tinyinspect.selection.labelled import Labelled

MODELS = Path(__file__).parent / "models"
CLASSES = ["bar", "spot", "blank"]
SIZE = 16


def frames(count: int, seed: int) -> Labelled:
    """`count` frames of each class, 48x64, at any place and in noise: not all of them are easy."""
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(3), count)
    pictures = []
    for label in labels:
        picture = random.integers(0, 140, (48, 64, 3), np.uint8)
        row, column, light = random.integers(6, 34), random.integers(12, 40), random.integers(90, 250)
        if CLASSES[label] == "bar":
            picture[row : row + 6, 8:56] = light
        if CLASSES[label] == "spot":
            picture[row : row + 12, column : column + 12] = light
        pictures.append(picture)
    return Labelled(pictures, labels, [f"{number}.jpg" for number in range(len(labels))])
