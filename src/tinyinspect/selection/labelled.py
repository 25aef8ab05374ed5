"""The labelled set: an ImageFolder tree of frames, read into memory and seen as the camera's model sees them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from tinyinspect import camera
from tinyinspect.errors import InputError


@dataclass(frozen=True)
class Labelled:
    """Frames with their classes.

    Attributes:
        pictures: RGB888, each (height, width, 3) uint8, as recorded.
        labels: index into the classes, (n,) int64.
        names: file names, in order.
    """

    pictures: list[camera.Pixels]
    labels: NDArray[np.int64]
    names: list[str]

    def __len__(self) -> int:
        """Number of frames."""
        return len(self.pictures)

    def take(self, rows: NDArray) -> "Labelled":
        """The frames at these rows, or where a mask (n,) is true."""
        chosen = np.arange(len(self))[rows]
        return Labelled(
            [self.pictures[row] for row in chosen], self.labels[chosen], [self.names[row] for row in chosen]
        )

    def views(self, size: int) -> camera.Pixels:
        """All frames through the camera's preprocessing, (n, size, size, 3) uint8."""
        return np.stack([camera.model_view(picture, size) for picture in self.pictures])


def join(sets: list[Labelled], labels: NDArray[np.int64]) -> Labelled:
    """All sets end to end, with labels anew, (n,)."""
    pictures = [picture for one in sets for picture in one.pictures]
    return Labelled(pictures, labels, [name for one in sets for name in one.names])


def read_labelled(folder: Path, classes: list[str]) -> Labelled:
    """Read ``folder/<class>/*.jpg`` in the order of the classes and names.

    Raises:
        InputError: The folder is missing, holds no frame of a class, or a frame cannot be read.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is missing; run the stage `label` first")
    paths = [(path, index) for index, name in enumerate(classes) for path in sorted((folder / name).glob("*.jpg"))]
    for index, name in enumerate(classes):
        if all(label != index for _, label in paths):
            raise InputError(
                f"{folder / name} holds no frame; annotate some as '{name}' or take it out of data.classes"
            )
    return Labelled(
        pictures=[read_picture(path, "label") for path, _ in paths],
        labels=np.array([label for _, label in paths], np.int64),
        names=[path.name for path, _ in paths],
    )


def read_picture(path: Path, stage: str) -> camera.Pixels:
    """A picture that ``stage`` wrote, (height, width, 3) uint8 RGB.

    Raises:
        InputError: It cannot be read.
    """
    try:
        with Image.open(path) as picture:
            return np.asarray(picture.convert("RGB"))
    except (UnidentifiedImageError, OSError) as error:
        raise InputError(f"{path} is no readable picture ({error}); run the stage `{stage}` again") from None
