"""A small dataset of a gate: bars are normal, everything else is not."""

from pathlib import Path

import numpy as np
from PIL import Image

from tests.evaluation.shapes import frames
from tinyinspect.selection.labelled import Labelled, frames_folder
from tinyinspect.tasks.gate.pictures import abnormal_folder


def write(folder: Path, labelled: Labelled) -> None:
    """Write pictures as the stage `dataset` does."""
    folder.mkdir(parents=True, exist_ok=True)
    for picture, name in zip(labelled.pictures, labelled.names, strict=True):
        Image.fromarray(picture).save(folder / name.replace(".png", ".jpg"), quality=95)


def write_gate_tree(dataset: Path, each: int = 12) -> None:
    """Good frames show a bar; blank pictures are trained on, spots validate, both are tested on with frames of bad."""
    for seed, split in enumerate(("train", "validation", "test")):
        bars, spots, blanks = (frames(each, seed).take(np.arange(each) + kind * each) for kind in range(3))
        write(frames_folder(dataset, split) / "good", bars)
        write(frames_folder(dataset, split) / "bad", blanks)
        place = abnormal_folder(dataset, split)
        if split == "train":
            write(place / "photo" / "blank", blanks)
        else:
            write(place / "object" / "spot", spots)
