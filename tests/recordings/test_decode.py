import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tinyinspect.errors import InputError
from tinyinspect.recordings.decode import FrameReader
from tinyinspect.recordings.probe import probe
from tinyinspect.recordings.stream import Frame

VARIABLE = "select='lt(n,10)+gt(mod(n,7),4)'"  # frames 0 to 9, then two of each seven
VARIABLE_NUMBERS = [n for n in range(30) if n < 10 or n % 7 > 4]


@pytest.fixture
def read(settings):
    def read(path, **changes) -> list[Frame]:
        with FrameReader(path, probe(path), settings(**changes)) as frames:
            return list(frames)

    return read


def picture(frame: Frame, mode: str = "RGB") -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(frame.jpeg)).convert(mode)).astype(int)


def difference(one: Frame | np.ndarray, other: Frame | np.ndarray) -> float:
    one, other = (picture(f) if isinstance(f, Frame) else f for f in (one, other))
    assert one.shape == other.shape
    return float(np.abs(one - other).mean())


def test_motion_jpeg_is_copied_bit_for_bit(recordings, read, avi_frames):
    path = recordings / "line.avi"
    content = path.read_bytes()
    frames = read(path)
    assert [frame.jpeg for frame in frames] == [content[at : at + size] for at, size in avi_frames(path)]
    assert [frame.number for frame in frames] == list(range(30))
    assert [frame.time for frame in frames] == pytest.approx([n / 15 for n in range(30)])


@pytest.mark.parametrize("name", ["line.mov", "line.mkv", "line.mjpeg"])
def test_every_container_gives_the_same_motion_jpeg(name, recordings, rewrap, read, tmp_path):
    original = read(recordings / "line.avi")
    copied = read(rewrap(recordings / "line.avi", tmp_path / name))
    assert [frame.jpeg for frame in copied] == [frame.jpeg for frame in original]


def test_raw_motion_jpeg_is_split_at_frames_not_at_thumbnails(recordings, read, tmp_path):
    frames = [frame.jpeg for frame in read(recordings / "line.avi")]
    thumbnail = b"\xff\xe1" + (len(frames[0]) + 2).to_bytes(2, "big") + frames[0]  # a JPEG inside an APP1 segment
    with_thumbnails = [jpeg[:2] + thumbnail + jpeg[2:] for jpeg in frames]
    (tmp_path / "raw.mjpeg").write_bytes(b"".join(with_thumbnails))
    assert [frame.jpeg for frame in read(tmp_path / "raw.mjpeg")] == with_thumbnails


def test_h264_is_decoded_in_order_with_its_times(recordings, read):
    decoded, original = read(recordings / "line.mp4"), read(recordings / "line.avi")
    assert [frame.number for frame in decoded] == list(range(30))
    assert [frame.time for frame in decoded] == pytest.approx([n / 15 for n in range(30)], abs=1e-5)
    assert max(map(difference, decoded, original)) < 3


def test_the_same_recording_gives_the_same_bytes(recordings, read):
    assert read(recordings / "line.mp4") == read(recordings / "line.mp4")


@pytest.mark.parametrize("codec", ["libx264", "mjpeg"])
def test_variable_frame_rate_keeps_real_times(codec, film, read, tmp_path):
    path = film(tmp_path / "vfr.mkv", "-vf", VARIABLE, "-fps_mode", "vfr", "-c:v", codec)
    assert [frame.time for frame in read(path)] == pytest.approx([n / 15 for n in VARIABLE_NUMBERS], abs=1e-3)


@pytest.mark.parametrize("codec", ["libx264", "mjpeg"])
def test_frame_rate_keeps_the_first_frame_of_each_tick(codec, film, read, tmp_path):
    path = film(tmp_path / "vfr.mkv", "-vf", VARIABLE, "-fps_mode", "vfr", "-c:v", codec)
    every = read(path)
    expected, last = [], -1
    for frame in every:
        tick = int((frame.time + 1e-6) * 5)
        if tick > last:
            expected.append((frame.number, frame.time))
        last = max(last, tick)
    assert len(expected) < len(every)
    assert [(frame.number, frame.time) for frame in read(path, fps=5)] == expected


@pytest.mark.parametrize(
    "x", [30, 31]
)  # at odd places colours, sampled at every other pixel, move; brightness does not
@pytest.mark.parametrize("name", ["line.avi", "line.mp4"])
def test_crop_is_the_same_pixels(name, x, recordings, read):
    whole, cropped = read(recordings / name)[7], read(recordings / name, crop=[x, 20, 81, 60])
    assert len(cropped) == 30
    brightness = picture(whole, "L")
    assert difference(brightness[20:80, x : x + 81], picture(cropped[7], "L")) < 2
    assert difference(brightness[20:80, x + 1 : x + 82], picture(cropped[7], "L")) > 4


def test_crop_outside_the_picture(recordings, settings):
    path = recordings / "line.avi"
    with pytest.raises(
        InputError, match=r"extract.crop \[100, 0, 100, 50\] .* leaves the picture of .*line.avi, which is 160x120"
    ):
        FrameReader(path, probe(path), settings(crop=[100, 0, 100, 50]))


def test_rotation_is_carried_out(recordings, rewrap, read, tmp_path):
    upright = picture(read(recordings / "line.avi")[3])
    for name in ("line.avi", "line.mp4"):
        turned = rewrap(recordings / name, tmp_path / f"{name}.mov", "-display_rotation", "90")
        assert difference(np.rot90(upright), read(turned)[3]) < 3


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("ten.mp4", ["-pix_fmt", "yuv420p10le", "-c:v", "libx264"]),
        ("ten.mov", ["-pix_fmt", "yuv420p10le", "-c:v", "libx265", "-x265-params", "log-level=error"]),
        ("lossless.mkv", ["-pix_fmt", "yuv444p", "-c:v", "ffv1"]),
        ("alpha.mov", ["-pix_fmt", "rgba", "-c:v", "png"]),
        ("paletted.gif", []),
        ("hd.mp4", ["-vf", "scale=out_color_matrix=bt709", "-colorspace", "bt709", "-c:v", "libx264"]),
    ],
)
def test_any_pixels_become_plain_8_bit_jpeg(name, options, film, read, recordings, tmp_path):
    frames = read(film(tmp_path / name, *options))
    decoded = Image.open(io.BytesIO(frames[4].jpeg))
    assert (decoded.format, decoded.mode, decoded.size) == ("JPEG", "RGB", (160, 120))
    tolerance = 14 if name.endswith("gif") else 4  # a GIF has 256 dithered colours
    assert difference(frames[4], read(recordings / "line.avi")[4]) < tolerance
    assert len(frames) == 30


@pytest.mark.parametrize("codec", ["ffv1", "mjpeg"])
def test_odd_sizes(codec, film, read, tmp_path):
    source = "testsrc=size=161x119:rate=15:duration=1"
    frames = read(film(tmp_path / "odd.mkv", "-pix_fmt", "yuv444p", "-c:v", codec, "-strict", "-1", source=source))
    assert len(frames) == 15
    assert picture(frames[0]).shape == (119, 161, 3)


def test_cropping_damaged_motion_jpeg_keeps_the_numbers(damaged_avi, read, recordings):
    whole = read(recordings / "line.avi", crop=[0, 0, 80, 80])
    cropped = read(damaged_avi, crop=[0, 0, 80, 80])
    assert cropped == [frame for frame in whole if frame.number != 10]


def test_a_cut_recording_gives_the_frames_before_the_cut(recordings, settings, tmp_path):
    content = (recordings / "line.mp4").read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(content[: len(content) * 2 // 3])
    with FrameReader(path, probe(path), settings()) as reader:
        frames = list(reader)
    assert 10 < len(frames) < 30
    assert reader.complaint


def test_leaving_early_closes_the_recording(recordings, settings):
    path = recordings / "line.mp4"
    with FrameReader(path, probe(path), settings()) as reader:
        next(iter(reader))
    opened = {os.path.realpath(link) for link in Path("/proc/self/fd").iterdir()}
    assert str(path.resolve()) not in opened
