"""The pictures that an anomaly gate must not let through: a tree of JPEG files, one folder a source.

    abnormal/train/<group>/<source>/*.jpg        trained on
    abnormal/validation/<group>/<source>/*.jpg   sources to choose epoch and threshold by, never trained on
    abnormal/test/<group>/<source>/*.jpg         sources to measure on, in neither of the above
    abnormal/seen/<group>/<source>/*.jpg         test frames of recording classes whose training frames are trained on
"""

from pathlib import Path

import numpy as np

from tinyinspect.errors import InputError
from tinyinspect.selection.labelled import Labelled, read_picture


def read_abnormals(folder: Path) -> tuple[Labelled, list[str]]:
    """Read ``abnormal/<split>``.

    Returns:
        The pictures, labels being the index into the sorted names of the sources, and these ("photo/dress").

    Raises:
        InputError: The folder is missing or empty, or a picture cannot be read.
    """
    paths = sorted(folder.glob("*/*/*.jpg"))
    if not paths:
        raise InputError(f"{folder} is missing or empty; run `dvc repro abnormals`")
    sources = [path.parent.relative_to(folder).as_posix() for path in paths]
    names, labels = np.unique(sources, return_inverse=True)
    pictures = [read_picture(path, "abnormals") for path in paths]
    return Labelled(pictures, labels.astype(np.int64), [path.name for path in paths]), names.tolist()
