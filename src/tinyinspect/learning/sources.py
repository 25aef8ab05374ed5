"""Frames to draw views from in pretraining: the first ones decoded once and kept on disk, the others decoded each time.

Memory and disk do not grow with the number of frames beyond those that are kept.
"""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import reduction
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from tinyinspect import camera
from tinyinspect.errors import InputError
from tinyinspect.files import allocate
from tinyinspect.recordings.store import FrameStore
from tinyinspect.selection.spread import spread

DETAIL = 2  # source pixels per model pixel and axis
KEPT_BYTES = 20_000_000_000  # on disk, for decoded frames
DECODERS = 2  # threads
CHUNK = 256  # frames decoded at a time


class Sources:
    """Frames by row: ``sources[rows]`` is (b, 3, side, side) uint8.

    Attributes:
        side: pixels, DETAIL times the side of the model's input.
        rows: (n,) of the store, where these frames are.
    """

    def __init__(self, store: FrameStore, size: int, file: Path, most: int | None = None):
        """Decode the frames that are kept.

        Args:
            store: of the frames.
            size: pixels, the side of the model's input.
            file: to map, on a disk with room; whatever ends the process, it is gone afterwards.
            most: frames, evenly spread; None takes all.

        Raises:
            InputError: There are fewer than two frames, or the disk has too little room.
        """
        if len(store) < 2:
            raise InputError(
                f"pretraining takes at least two frames, and there is {len(store) or 'none'}; record more, raise "
                "extract.fps, or set pretrain.epochs to 0"
            )
        self.side = size * DETAIL
        self.rows = spread(len(store), most or len(store))
        self._store = store
        self._pool = ThreadPoolExecutor(DECODERS)
        kept = min(len(self), max(1, KEPT_BYTES // (3 * self.side**2)))
        self._file, self._kept = _mapped(file, (kept, 3, self.side, self.side), len(self))
        with tqdm(total=kept, desc="decode", unit=" frames", disable=None) as progress:
            for start in range(0, kept, CHUNK):  # a chunk at a time keeps memory flat
                rows = np.arange(start, min(start + CHUNK, kept))
                self._kept[start : start + CHUNK] = self._decoded(rows)
                progress.update(len(rows))

    def __len__(self) -> int:
        return len(self.rows)

    def __getstate__(self) -> dict[str, Any]:
        """For another process, which maps the same file: it has no name to open it by."""
        return vars(self) | {"_pool": None, "_file": reduction.DupFd(self._file.fileno()), "_kept": self._kept.shape}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """What another process has decoded."""
        vars(self).update(state)
        self._pool = ThreadPoolExecutor(DECODERS)
        self._file = os.fdopen(state["_file"].detach(), "rb")
        self._kept = np.memmap(self._file, np.uint8, "r", shape=state["_kept"])

    def __getitem__(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        kept = rows < len(self._kept)
        if kept.all():
            return self._kept[rows]
        pictures = np.empty((len(rows), *self._kept.shape[1:]), np.uint8)
        pictures[kept] = self._kept[rows[kept]]
        pictures[~kept] = self._decoded(rows[~kept])
        return pictures

    def _decoded(self, rows: NDArray[np.int64]) -> list[NDArray[np.uint8]]:
        return list(self._pool.map(self._source, self.rows[rows].tolist()))

    def _source(self, row: int) -> NDArray[np.uint8]:
        return camera.model_view(self._store.picture(row), self.side).transpose(2, 0, 1)


def _mapped(path: Path, shape: tuple[int, ...], frames: int) -> tuple[BinaryIO, NDArray[np.uint8]]:
    """A file without a name, and a uint8 array in it: the system frees it when the process ends, killed or not."""
    needed = int(np.prod(shape))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    free = shutil.disk_usage(path.parent).free
    others = f" and decodes the other {frames - shape[0]} in each epoch" if frames > shape[0] else ""
    print(
        f"pretraining keeps {shape[0]} frames in {path.parent.resolve()}: {needed / 1e9:.2f} GB until it ends{others}"
    )
    if needed > free:
        raise InputError(
            f"pretraining needs {needed / 1e9:.2f} GB for its copy of {shape[0]} frames, and the disk that holds "
            f"{path.parent.resolve()} has {free / 1e9:.2f} GB left; make room, take fewer frames with pretrain.frames, "
            "or set pretrain.epochs to 0"
        )
    file = path.open("w+b")
    try:
        sources = np.memmap(file, np.uint8, "w+", shape=shape)
        allocate(path)
    finally:
        path.unlink()
    return file, sources
