from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tinyinspect import camera
from tinyinspect.errors import InputError
from tinyinspect.recordings.store import FrameStore
from tinyinspect.selection import embeddings
from tinyinspect.selection.embeddings import Encoder, batches_of, draw_map, embed_batches, map_of, write_embeddings


def colours(views: NDArray[np.uint8]) -> NDArray[np.float32]:
    return views.mean(axis=(1, 2), dtype=np.float32)


def embed(store: FrameStore, encode: Encoder, target: Path) -> None:
    write_embeddings(embed_batches(store, encode, 16, batches_of(len(store))), store, target)


@pytest.mark.parametrize("batch", [1, 7, 26, 256])
def test_each_row_is_the_embedding_of_its_frame(
    store: FrameStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(embeddings, "BATCH", batch)
    embed(store, colours, tmp_path / "e.npy")
    written = np.load(tmp_path / "e.npy")
    views = np.stack([camera.model_view(store.picture(row), 16) for row in range(len(store))])
    assert written.dtype == np.float32
    assert np.array_equal(written, colours(views))


def test_embeddings_that_are_not_finite(store: FrameStore, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"not finite; lower pretrain\.learning_rate"):
        embed(store, lambda views: colours(views) * np.float32(np.nan), tmp_path / "e.npy")


def test_the_map_keeps_neighbourhoods() -> None:
    rng = np.random.default_rng(0)
    group = np.repeat([0, 1, 2], 40)
    points = map_of((rng.normal(size=(120, 16)) + 20 * np.eye(3, 16)[group]).astype(np.float32))
    assert points.shape == (120, 2)
    distances = np.linalg.norm(points[:, None] - points, axis=-1) + 1e9 * np.eye(120)
    assert (group[distances.argmin(axis=1)] == group).mean() > 0.95


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_the_map_of_few_frames(count: int) -> None:
    points = map_of(np.random.default_rng(0).normal(size=(count, 4)).astype(np.float32))
    assert points.shape == (count, 2)
    assert np.isfinite(points).all()


@pytest.mark.parametrize("recordings", [1, 3, 30])
def test_the_map_is_drawn(tmp_path: Path, recordings: int) -> None:
    points = np.random.default_rng(0).normal(size=(90, 2)).astype(np.float32)
    names = np.array([f"{number}.avi" for number in range(recordings)])[np.arange(90) % recordings]
    draw_map(points, names, tmp_path / "map.png")
    with Image.open(tmp_path / "map.png") as drawn:
        pixels = np.array(drawn.convert("RGB"))
    coloured = pixels[np.ptp(pixels, axis=-1) > 60]
    # One recording has one hue; each further one adds others.
    assert len(np.unique(coloured.argmax(axis=-1))) >= min(recordings, 2)
