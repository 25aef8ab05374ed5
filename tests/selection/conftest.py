"""Frames on disk as `extract` leaves them: three recordings of a box that wanders over a textured ground."""

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageDraw

from tinyinspect.recordings.quality import examine
from tinyinspect.recordings.store import COLUMNS, FrameStore

RECORDINGS = {"day/a.avi": 12, "b.avi": 8, "c.avi": 6}


def picture(recording: int, frame: int) -> bytes:
    rng = np.random.default_rng(recording)
    ground = rng.integers(0, 120, (6, 8, 3)).astype(np.uint8)
    image = Image.fromarray(ground).resize((80, 60))
    x = 5 * frame
    ImageDraw.Draw(image).rectangle((x, 10 + 10 * recording, x + 14, 30 + 10 * recording), fill=(250, 240, 230))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


@pytest.fixture
def make_store(tmp_path: Path) -> Callable[..., FrameStore]:
    def make(recordings: dict[str, int] = RECORDINGS, folder: Path = tmp_path / "frames") -> FrameStore:
        folder.mkdir()
        rows = []
        for number, (name, count) in enumerate(recordings.items()):
            shard = f"{number}.tar"
            with tarfile.open(folder / shard, "w") as tar:
                for frame in range(count):
                    jpeg = picture(number, frame)
                    entry = tarfile.TarInfo(f"{frame:06d}.jpg")
                    entry.size = len(jpeg)
                    offset = tar.offset + 512
                    tar.addfile(entry, io.BytesIO(jpeg))
                    quality = examine(jpeg, quality=True).quality
                    assert quality
                    facts = [frame / 2, 80, 60, quality.sharpness, f"{quality.hash:016x}"]
                    rows.append([name, frame, *facts, shard, offset, len(jpeg)])
        pd.DataFrame(rows, columns=list(COLUMNS)).to_csv(folder / "index.csv", index=False)
        return FrameStore(folder)

    return make


@pytest.fixture
def store(make_store: Callable[..., FrameStore]) -> FrameStore:
    return make_store()
