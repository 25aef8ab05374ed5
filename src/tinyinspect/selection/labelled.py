"""The labelled set: an ImageFolder tree of frames, read into memory and seen as the camera's model sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from tinyinspect import camera
from tinyinspect.errors import InputError

VALIDATION = "validation"  # held out of training
DATASET_SPLITS = ["train", VALIDATION, "test"]
UNLABELLED = "unlabelled"  # may train, with what a teacher takes them for


def frames_folder(dataset: Path, split: str) -> Path:
    """Where a split's labelled frames are, one folder a class."""
    return dataset / split / "frames"


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
        views = [camera.model_view(picture, size) for picture in self.pictures]
        return np.stack(views) if views else np.zeros((0, size, size, 3), np.uint8)


def join(sets: list[Labelled], labels: NDArray[np.int64]) -> Labelled:
    """All sets end to end, with labels anew, (n,)."""
    pictures = [picture for one in sets for picture in one.pictures]
    return Labelled(pictures, labels, [name for one in sets for name in one.names])


def read_labelled(folders: Path | Sequence[Path], classes: list[str], *, needed: bool = True) -> Labelled:
    """Read ``<class>/*.jpg`` of one folder or of several as one, in the order of the classes and names.

    Args:
        folders: with a folder for each class.
        classes: in the order of the labels.
        needed: whether every class must have a frame.

    Raises:
        InputError: A folder is missing, holds no frame of a class that is needed, or a frame cannot be read.
    """
    places = [folders] if isinstance(folders, Path) else list(folders)
    for place in places:
        if not place.is_dir():
            raise InputError(f"{place} is missing; run the stage `dataset` first")
    paths = []
    for index, name in enumerate(classes):
        mine = sorted((path for place in places for path in (place / name).glob("*.jpg")), key=lambda path: path.name)
        if needed and not mine:
            raise InputError(
                f"{places[0] / name} holds no frame; annotate some as '{name}' or take it out of data.classes"
            )
        paths += [(path, index) for path in mine]
    return Labelled(
        pictures=[read_picture(path, "dataset") for path, _ in paths],
        labels=np.array([label for _, label in paths], np.int64),
        names=[path.name for path, _ in paths],
    )


def read_unlabelled(dataset: Path) -> Labelled:
    """The frames of ``dataset/unlabelled``, in the order of their names, all with the label -1; may be none.

    Raises:
        InputError: A frame cannot be read.
    """
    paths = sorted((dataset / UNLABELLED).glob("*.jpg"))
    pictures = [read_picture(path, "dataset") for path in paths]
    return Labelled(pictures, np.full(len(paths), -1), [path.name for path in paths])


def sample_views(folder: Path, size: int, count: int = 64) -> camera.Pixels:
    """Views of frames of every class to compare runtimes on, (m, size, size, 3) uint8, m <= count.

    Args:
        folder: with a folder of frames for each class.
        size: side of the model's input in pixels.
        count: how many at most, evenly over the classes and frames.

    Raises:
        InputError: The folder holds no frame.
    """
    paths = sorted(folder.glob("*/*.jpg"))
    if not paths:
        raise InputError(f"{folder} holds no frame; run the stage `dataset` first")
    chosen = np.linspace(0, len(paths) - 1, min(len(paths), count)).astype(int)
    return np.stack([camera.model_view(read_picture(paths[row], "dataset"), size) for row in chosen])


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
