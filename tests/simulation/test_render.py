import subprocess
from pathlib import Path

import imageio_ffmpeg
import pandas as pd
import pytest

from tinyinspect.simulation.render import Line, file_name, render_one, write_truth

LINE = Line(seed=7, recordings=2, frames=40, quality=20)


def rendered(folder: Path, line: Line = LINE, number: int = 0) -> bytes:
    render_one(line, number, folder, count=lambda: None)
    return (folder / file_name(number)).read_bytes()


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("videos")
    rendered(folder)
    return folder / file_name(0)


def test_same_seed_gives_the_same_bytes(tmp_path: Path, video: Path):
    assert rendered(tmp_path) == video.read_bytes()


@pytest.mark.parametrize(("seed", "number"), [(8, 0), (7, 1)])
def test_another_seed_or_number_gives_another_recording(tmp_path: Path, video: Path, seed: int, number: int):
    line = Line(seed, LINE.recordings, LINE.frames, LINE.quality)
    assert rendered(tmp_path, line, number) != video.read_bytes()


def test_video_is_motion_jpeg_of_qvga_at_15_frames_per_second(video: Path):
    frames = imageio_ffmpeg.read_frames(str(video))
    about = next(frames)
    assert (about["codec"], about["size"], about["fps"]) == ("mjpeg", (320, 240), 15)
    assert sum(1 for _ in frames) == LINE.frames
    assert video.read_bytes()[8:12] == b"AVI "


def test_ffmpeg_reads_every_frame_without_a_complaint(video: Path):
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "warning", "-i", str(video), "-f", "null", "-"]
    assert subprocess.run(command, capture_output=True, check=True, text=True).stderr == ""


def test_truth_names_every_frame_once(tmp_path: Path):
    recordings = [render_one(LINE, number, tmp_path, lambda: None) for number in range(LINE.recordings)]
    write_truth(tmp_path / "truth.csv", recordings)
    truth = pd.read_csv(tmp_path / "truth.csv")
    assert list(truth.columns) == ["video", "frame", "label"]
    assert not truth.duplicated(["video", "frame"]).any()
    assert truth.groupby("video").frame.agg(["min", "max", "count"]).values.tolist() == [[0, 39, 40]] * 2
    assert truth.label.tolist() == [str(label) for recording in recordings for label in recording.labels]
