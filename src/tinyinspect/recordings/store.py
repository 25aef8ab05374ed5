"""Read frames back: the index as a table, any frame by one seek into its shard.

Example:
    store = FrameStore(Path("frames"))
    store.index.query("recording == 'A.avi'")
    store.picture(0)
"""

from pathlib import Path

import numpy as np
import pandas as pd
import simplejpeg
from numpy.typing import NDArray

from tinyinspect.errors import InputError

INDEX = "index.csv"
COLUMNS = {
    "recording": "str",
    "frame": "int64",  # number in the recording as it was filmed, from 0 in decode order
    "time_s": "float64",
    "width": "int64",
    "height": "int64",
    "sharpness": "float64",  # NaN where quality was not computed
    "hash": "str",  # 16 hex digits; empty where quality was not computed
    "shard": "category",  # each has many frames: a number a frame in place of a name
    "offset": "int64",  # of the JPEG's first byte in the shard
    "size": "int64",  # of the JPEG in bytes
}


class FrameStore:
    """The frames of all recordings, one row of ``index`` a frame, sorted by recording, then frame."""

    def __init__(self, folder: Path):
        """Read ``folder/index.csv``.

        Raises:
            InputError: There is no index, or it is not one that ``extract`` wrote.
        """
        self.folder = folder
        path = folder / INDEX
        try:
            self.index = pd.read_csv(path, dtype=COLUMNS, keep_default_na=False, na_values={"sharpness": [""]})
        except FileNotFoundError:
            raise InputError(f"{path} is missing; run `dvc repro extract`") from None
        except ValueError as error:
            raise InputError(f"{path} cannot be read ({error}); run `dvc repro --force extract`") from None
        if list(self.index.columns) != list(COLUMNS):
            raise InputError(f"{path} has other columns than {', '.join(COLUMNS)}; run `dvc repro --force extract`")
        # Plain arrays: looking a cell up in the table takes as long as reading the frame.
        self._names, self._shards = self.index["shard"].cat.categories, self.index["shard"].cat.codes.to_numpy()
        self._offsets, self._sizes = self.index["offset"].to_numpy(), self.index["size"].to_numpy()

    def __len__(self) -> int:
        return len(self.index)

    def jpeg(self, row: int) -> bytes:
        """The JPEG file of the frame in ``row`` of the index, as it stands in the recording where that is Motion-JPEG.

        Raises:
            InputError: The shard is missing or shorter than the index says.
        """
        shard, size = self.folder / self._names[self._shards[row]], int(self._sizes[row])
        try:
            with shard.open("rb", buffering=0) as file:
                file.seek(int(self._offsets[row]))
                content = file.read(size)
        except FileNotFoundError:
            content = b""
        if len(content) != size:
            raise InputError(f"{shard} is missing or cut short; run `dvc repro --force extract`")
        return content

    def picture(self, row: int) -> NDArray[np.uint8]:
        """The frame in ``row`` of the index as RGB, (height, width, 3) uint8: the pixels that Pillow gives, sooner.

        Raises:
            InputError: As :meth:`jpeg`, or the JPEG is damaged.
        """
        try:
            return simplejpeg.decode_jpeg(self.jpeg(row), "RGB", fastdct=False, fastupsample=False)
        except ValueError as error:
            frame, recording = self.index.at[row, "frame"], self.index.at[row, "recording"]
            raise InputError(
                f"frame {frame} of {recording} does not decode ({error}); set extract.quality to true, which leaves "
                "damaged frames out"
            ) from None
