"""Where each frame stands: from recording and number to its row in the index, and to the frames before and after it."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray


class Frames:
    """The frames of an index that is sorted by recording, then frame.

    Attributes:
        recordings: their names, in order.
        starts: first row of each recording, and the number of all frames last; (r + 1,) int64.
        numbers: each frame's number in its recording, (n,) int64.
        times: seconds from the start of the recording, (n,) float64.
    """

    def __init__(self, index: pd.DataFrame):
        codes, names = pd.factorize(index["recording"])
        self.recordings: list[str] = names.tolist()
        self.starts = np.searchsorted(codes, np.arange(len(self.recordings) + 1)).astype(np.int64)
        self.numbers: NDArray[np.int64] = index["frame"].to_numpy()
        self.times: NDArray[np.float64] = index["time_s"].to_numpy()
        self._places = {name: place for place, name in enumerate(self.recordings)}

    def __len__(self) -> int:
        """Number of frames."""
        return len(self.numbers)

    def row(self, recording: str, frame: int) -> int:
        """The row of a frame, -1 where extract dropped it or knows no such recording."""
        place = self._places.get(recording)
        if place is None:
            return -1
        first, last = self.starts[place], self.starts[place + 1]
        row = int(first + np.searchsorted(self.numbers[first:last], frame))
        return row if row < last and self.numbers[row] == frame else -1

    def frame(self, row: int) -> tuple[str, int]:
        """Recording and number of the frame in a row."""
        return self.recordings[self._place(row)], int(self.numbers[row])

    def neighbours(self, row: int, count: int) -> list[int]:
        """Up to ``count`` rows before and ``count`` after a row, itself included, of the same recording."""
        place = self._place(row)
        first, last = self.starts[place], self.starts[place + 1]
        return list(range(max(int(first), row - count), min(int(last), row + count + 1)))

    def of_recording(self, recording: str) -> NDArray[np.bool_]:
        """Which frames are of a recording, (n,) bool; none of one that is not there."""
        mask = np.zeros(len(self), bool)
        place = self._places.get(recording)
        if place is not None:
            mask[self.starts[place] : self.starts[place + 1]] = True
        return mask

    def _place(self, row: int) -> int:
        return int(np.searchsorted(self.starts, row, side="right")) - 1
