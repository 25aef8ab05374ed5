import io

import numpy as np
import pytest
from PIL import Image

from tinyinspect.errors import InputError
from tinyinspect.recordings.extract import extract_recordings
from tinyinspect.recordings.store import COLUMNS, FrameStore


@pytest.fixture
def frames(recordings, settings, tmp_path):
    extract_recordings(recordings, tmp_path, settings())
    return tmp_path


def test_index_has_the_columns_and_types(frames):
    store = FrameStore(frames)
    assert len(store) == len(store.index) == 60
    assert list(store.index.columns) == list(COLUMNS)
    assert store.index["sharpness"].dtype == np.float64
    assert store.index["hash"].str.fullmatch("[0-9a-f]{16}").all()


def test_without_quality_its_columns_are_empty(recordings, settings, tmp_path):
    extract_recordings(recordings, tmp_path, settings(quality=False))
    index = FrameStore(tmp_path).index
    assert index["sharpness"].isna().all()
    assert (index["hash"] == "").all()


def test_picture_is_what_pillow_decodes(frames):
    store = FrameStore(frames)
    for row in (0, 29, 30, 59):
        expected = np.asarray(Image.open(io.BytesIO(store.jpeg(row))).convert("RGB"))
        picture = store.picture(row)
        assert picture.dtype == np.uint8
        assert np.array_equal(picture, expected)


def test_no_index_or_a_foreign_one(tmp_path):
    with pytest.raises(InputError, match=r"index.csv is missing; run `dvc repro extract`"):
        FrameStore(tmp_path)
    for content in ("", "a,b\n1,2\n", "recording,frame\nA.avi,x\n", "\0\0\0"):
        (tmp_path / "index.csv").write_text(content)
        with pytest.raises(InputError, match=r"index.csv .*run `dvc repro --force extract`"):
            FrameStore(tmp_path)


def test_missing_and_cut_shards(frames):
    store = FrameStore(frames)
    shard = frames / "line.avi-000000.tar"
    shard.write_bytes(shard.read_bytes()[:2000])
    with pytest.raises(InputError, match=r"line.avi-000000.tar is missing or cut short"):
        store.jpeg(20)
    shard.unlink()
    with pytest.raises(InputError, match="is missing or cut short"):
        store.picture(0)


def test_a_frame_that_does_not_decode_is_named(frames):
    store = FrameStore(frames)
    shard = frames / "line.avi-000000.tar"
    content = bytearray(shard.read_bytes())
    offset, size = store.index.at[3, "offset"], store.index.at[3, "size"]
    content[offset + size // 2 : offset + size] = bytes(size - size // 2)
    shard.write_bytes(content)
    with pytest.raises(InputError, match=r"frame 3 of line.avi does not decode .*; set extract.quality to true"):
        store.picture(3)
