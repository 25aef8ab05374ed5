"""Small recordings, made by FFmpeg's test pictures."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg
import pytest

from tinyinspect.config.extract import Extract

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
TEST_PICTURE = "testsrc2=size=160x120:rate=15:duration=2"


def run_ffmpeg(*arguments: str | Path) -> None:
    subprocess.run([FFMPEG, "-loglevel", "error", "-nostdin", "-y", *map(str, arguments)], check=True)


@pytest.fixture(scope="session")
def film() -> Callable[..., Path]:
    """film(path, *options, source=...): 30 frames of a moving test picture, coded as the options say."""

    def film(path: Path, *options: str, source: str = TEST_PICTURE) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        run_ffmpeg("-f", "lavfi", "-i", source, *options, path)
        return path

    return film


@pytest.fixture(scope="session")
def rewrap() -> Callable[..., Path]:
    """rewrap(recording, path, *input_options): the same packets in another container."""

    def rewrap(recording: Path, path: Path, *input_options: str) -> Path:
        run_ffmpeg(*input_options, "-i", recording, "-c", "copy", path)
        return path

    return rewrap


@pytest.fixture(scope="session")
def recordings(tmp_path_factory, film) -> Path:
    """A folder with the same 30 frames as Motion-JPEG and as H.264."""
    folder = tmp_path_factory.mktemp("recordings")
    film(folder / "line.avi", "-c:v", "mjpeg", "-q:v", "4")
    film(folder / "line.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-movflags", "+faststart")
    return folder


@pytest.fixture(scope="session")
def settings() -> Callable[..., Extract]:
    """settings(**changes): a section `extract` that keeps everything, with changes."""

    def settings(**changes: object) -> Extract:
        everything = {
            "fps": None,
            "crop": None,
            "near_duplicate_bits": None,
            "min_sharpness": 0,
            "quality": True,
            "jpeg_qscale": 2,
            "max_megapixels": 64,
            "bad_recording": "skip",
        }
        return Extract.model_validate({**everything, **changes})

    return settings


@pytest.fixture(scope="session")
def avi_frames() -> Callable[[Path], list[tuple[int, int]]]:
    """avi_frames(path): (offset, size) of each picture chunk of an AVI, found without FFmpeg."""

    def avi_frames(path: Path) -> list[tuple[int, int]]:
        content = path.read_bytes()
        chunks = []
        position = content.index(b"movi") + 4
        while content[position : position + 4] == b"00dc":
            size = int.from_bytes(content[position + 4 : position + 8], "little")
            chunks.append((position + 8, size))
            position += 8 + size + size % 2
        return chunks

    return avi_frames


@pytest.fixture
def damaged_avi(recordings, avi_frames, tmp_path) -> Path:
    """The Motion-JPEG recording with the second half of frame 10 zeroed."""
    content = bytearray((recordings / "line.avi").read_bytes())
    offset, size = avi_frames(recordings / "line.avi")[10]
    content[offset + size // 2 : offset + size] = bytes(size - size // 2)
    path = tmp_path / "videos" / "damaged.avi"
    path.parent.mkdir()
    path.write_bytes(content)
    return path
