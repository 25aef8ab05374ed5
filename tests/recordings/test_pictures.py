import io

import pytest
from PIL import Image

from tinyinspect.errors import InputError
from tinyinspect.recordings.extract import extract_recordings
from tinyinspect.recordings.probe import probe
from tinyinspect.recordings.store import FrameStore

ORIENTATION, LEFT_IS_UP = 0x0112, 6


@pytest.fixture
def day(tmp_path):
    """A folder of three pictures: a plain JPEG file, one to be turned, a PNG file with 16 bits."""
    folder = tmp_path / "videos" / "day"
    folder.mkdir(parents=True)
    exif = Image.Exif()
    exif[ORIENTATION] = LEFT_IS_UP
    Image.new("RGB", (64, 48), "red").save(folder / "p2.jpg")
    Image.new("RGB", (64, 48), "red").save(folder / "p10.jpg", exif=exif)
    Image.new("I;16", (64, 48), 0x8000).save(folder / "p9.png")
    return folder


@pytest.fixture
def frames(tmp_path):
    folder = tmp_path / "frames"
    folder.mkdir()
    return folder


def test_pictures_in_natural_order(day, frames, settings):
    [outcome] = extract_recordings(day.parent, frames, settings())
    store = FrameStore(frames)
    assert list(store.index["width"]) == [64, 64, 48]
    assert store.jpeg(0) == (day / "p2.jpg").read_bytes()
    assert abs(int(store.picture(1)[24, 32, 0]) - 128) < 3
    assert outcome.warnings == [f"{day} holds no timestamps; its times assume 25 frames per second"]


def test_a_picture_that_cannot_be_read_keeps_its_number(day, frames, settings):
    (day / "p3.jpg").write_bytes(b"no picture")
    [outcome] = extract_recordings(day.parent, frames, settings())
    assert list(FrameStore(frames).index["frame"]) == [0, 2, 3]
    assert "1 of its pictures cannot be read, first p3.jpg: no picture of a known format" in outcome.warnings[0]


def test_pictures_are_cropped(day, frames, settings):
    extract_recordings(day.parent, frames, settings(crop=[0, 0, 40, 40]))
    assert [Image.open(io.BytesIO(FrameStore(frames).jpeg(row))).size for row in range(3)] == [(40, 40)] * 3


def test_no_picture_at_all_is_one_sentence(tmp_path):
    (tmp_path / "day").mkdir()
    (tmp_path / "day" / "a.jpg").write_bytes(b"no picture")
    with pytest.raises(InputError, match="holds no picture that can be read"):
        probe(tmp_path / "day")
