"""Streams as py_imageio.c of OpenMV's firmware writes them."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from tinyinspect.errors import InputError
from tinyinspect.recordings.decode import FrameReader
from tinyinspect.recordings.probe import probe

WIDTH, HEIGHT = 40, 24
BINARY, GREY, RGB565, BAYER_RGGB, YUV422, JPEG = 0x08010000, 0x08020001, 0x0C030002, 0x05040301, 0x14050002, 0x06060000
RED, GREY_LEVEL = 0xF800, 200


def frame(pixels: int, content: bytes, elapsed: int = 100) -> bytes:
    header = struct.pack("<5I12x", elapsed, WIDTH, HEIGHT, pixels, len(content))
    return header + content + bytes(-len(content) % 16)


def old_frame(pixels: int, content: bytes) -> bytes:
    return struct.pack("<4I", 100, WIDTH, HEIGHT, pixels) + content + bytes(-len(content) % 16)


def a_jpeg() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (WIDTH, HEIGHT), "blue").save(file, "jpeg")
    return file.getvalue()


@pytest.fixture
def read(tmp_path, settings):
    def read(*frames: bytes, version: bytes = b"2.0", **changes):
        path = tmp_path / "a.bin"
        path.write_bytes(b"OMV IMG STR V" + version + b"".join(frames))
        with FrameReader(path, probe(path), settings(**changes)) as reader:
            return list(reader), reader.complaint

    return read


def middle(jpeg: bytes) -> list[int]:
    picture = Image.open(io.BytesIO(jpeg)).convert("RGB")
    assert picture.size == (WIDTH, HEIGHT)
    return list(picture.getpixel((WIDTH // 2, HEIGHT // 2)))


@pytest.mark.parametrize(
    ("pixels", "content", "expected"),
    [
        pytest.param(GREY, bytes([GREY_LEVEL]) * WIDTH * HEIGHT, [200, 200, 200], id="grey"),
        pytest.param(RGB565, RED.to_bytes(2, "little") * WIDTH * HEIGHT, [255, 0, 0], id="rgb565"),
        pytest.param(BINARY, bytes([0xFF] * 8) * HEIGHT, [255, 255, 255], id="binary, rows of whole words"),
        pytest.param(YUV422, bytes([GREY_LEVEL, 128]) * WIDTH * HEIGHT, [200, 200, 200], id="yuv422"),
        pytest.param(
            BAYER_RGGB, (bytes([255, 0]) * (WIDTH // 2) + bytes(WIDTH)) * (HEIGHT // 2), [255, 0, 0], id="bayer"
        ),
    ],
)
def test_pixels(read, pixels, content, expected):
    [only], complaint = read(frame(pixels, content))
    assert np.abs(np.subtract(middle(only.jpeg), expected)).max() <= 6
    assert complaint == ""


def test_jpeg_files_are_copied_and_times_are_the_cameras(read):
    frames, _ = read(frame(JPEG, a_jpeg(), 7), frame(JPEG, a_jpeg(), 250), frame(GREY, bytes(WIDTH * HEIGHT), 50))
    assert [one.jpeg for one in frames[:2]] == [a_jpeg()] * 2
    assert [one.time for one in frames] == pytest.approx([0, 0.25, 0.3])
    assert [one.number for one in frames] == [0, 1, 2]


@pytest.mark.parametrize(("version", "order"), [(b"1.0", "big"), (b"1.1", "little")])
def test_old_streams(read, version, order):
    frames, _ = read(
        old_frame(2, RED.to_bytes(2, order) * WIDTH * HEIGHT), old_frame(len(a_jpeg()), a_jpeg()), version=version
    )
    assert np.abs(np.subtract(middle(frames[0].jpeg), [255, 0, 0])).max() <= 6
    assert frames[1].jpeg == a_jpeg()


def test_a_cut_stream_gives_the_frames_before_the_cut(read):
    frames, complaint = read(frame(JPEG, a_jpeg()), frame(JPEG, a_jpeg())[:-100])
    assert (len(frames), complaint) == (1, "it ends in the middle of frame 1")


def test_large_and_damaged_frames_are_named(read):
    frames, complaint = read(frame(JPEG, b"no picture"), frame(GREY, bytes(WIDTH * HEIGHT)), max_megapixels=1e-4)
    assert [one.jpeg for one in frames] == [b"", b""]
    assert complaint.startswith("2 of its pictures cannot be read, first frame 0: no picture of a known format")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"OMV IMG STR V2.0" + bytes(1000), "holds no frame"),
        (b"OMV IMG STR V2.0", "holds no frame"),
        (b"OMV IMG STR V3.0" + bytes(1000), "is no stream of OpenMV's ImageIO"),
        (b"firmware", "is no stream of OpenMV's ImageIO"),
    ],
)
def test_what_is_no_stream_is_one_sentence(tmp_path, content, said):
    (tmp_path / "a.bin").write_bytes(content)
    with pytest.raises(InputError, match=said):
        probe(tmp_path / "a.bin")
