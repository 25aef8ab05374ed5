"""What a teacher sees in the frames of a dataset: the stage `teach` writes it once, trainings read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinyinspect.errors import InputError
from tinyinspect.files import complete_file

FEATURES = Path("models/teacher_features.npz")
ENOUGH = 100  # labels from which on a teacher brought nothing
_MOST = 0.5  # of the batches


def taught_share(labels: int) -> float:
    """Share of a training's batches that are frames without a label: half with up to 50 labels, none from 100 on."""
    return min(_MOST, max(0.0, 1 - labels / ENOUGH))


@dataclass(frozen=True)
class Features:
    """A teacher's features of frames; of none where there is no teacher, or nothing to teach.

    Attributes:
        names: file names of the frames.
        values: (n, d) float32.
        labels: how many of the frames have one.
    """

    names: Sequence[str]
    values: NDArray[np.float32]
    labels: int

    @property
    def share(self) -> float:
        """Of a training's batches that are the other frames; none where there are no features."""
        return taught_share(self.labels) if self.names else 0.0

    def of(self, names: Sequence[str]) -> NDArray[np.float32]:
        """Those of some frames, (m, d).

        Raises:
            InputError: A frame is not among them.
        """
        places = {name: place for place, name in enumerate(self.names)}
        missing = [name for name in names if name not in places]
        if missing:
            raise InputError(f"{FEATURES} lacks the frame {missing[0]}; run `dvc repro --force teach`")
        return self.values[[places[name] for name in names]]

    def write(self, path: Path) -> None:
        """Write them in half precision."""
        with complete_file(path) as target, target.open("wb") as file:
            names = np.array(self.names, np.str_)
            np.savez(file, names=names, values=self.values.astype(np.float16), labels=self.labels)


NO_FEATURES = Features([], np.zeros((0, 0), np.float32), 0)


def read_features(path: Path) -> Features:
    """Read what :meth:`Features.write` wrote.

    Raises:
        InputError: The file is missing or damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as held:
            return Features(held["names"].tolist(), held["values"].astype(np.float32), int(held["labels"]))
    except Exception as error:  # of zip files, NumPy and the disk
        raise InputError(f"{path} is missing or damaged ({error}); run `dvc repro --force teach`") from None
