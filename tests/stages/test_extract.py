"""The stage as a user meets it: one sentence and a status, complete frames or none."""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import imageio_ffmpeg
import pytest

from tinyinspect.recordings.store import FrameStore

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
ROOT = Path(__file__).parents[2]
STAGE = [sys.executable, str(ROOT / "stages" / "extract.py")]


@pytest.fixture
def workspace(tmp_path) -> Path:
    """A folder with params.yaml and one recording of 1,500 frames."""
    shutil.copy(ROOT / "params.yaml", tmp_path)
    videos = tmp_path / "data" / "videos"
    videos.mkdir(parents=True)
    source = ["-f", "lavfi", "-i", "testsrc2=size=160x120:rate=15:duration=100"]
    options = ["-c:v", "libx264", "-preset", "ultrafast"]
    subprocess.run([FFMPEG, "-loglevel", "error", *source, *options, videos / "line.mp4"], check=True)
    return tmp_path


def run_stage(workspace: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(STAGE, cwd=workspace, capture_output=True, text=True)


def test_killed_and_run_again(workspace):
    process = subprocess.Popen(STAGE, cwd=workspace, stderr=subprocess.DEVNULL)
    partial = workspace / ".frames.partial"
    while not (partial / "line.mp4-000000.tar").exists():
        assert process.poll() is None, "the stage ended before it could be killed"
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (workspace / "frames").exists()
    assert partial.exists()

    (workspace / "data" / "videos" / "bad.avi").write_text("no video")
    done = run_stage(workspace)
    assert done.returncode == 0
    assert done.stdout == "1500 frames of 1 recordings kept; left out: 0 damaged, 0 blurred, 0 near-duplicates\n"
    assert done.stderr.startswith("warning: skipped: data/videos/bad.avi cannot be read as a video")
    assert len(done.stderr.splitlines()) == 1  # no progress bar where nobody watches
    assert not partial.exists()
    assert len(FrameStore(workspace / "frames")) == 1500


def test_no_usable_recording_is_one_sentence(workspace):
    (workspace / "data" / "videos" / "line.mp4").write_bytes(b"")
    done = run_stage(workspace)
    assert done.returncode == 1
    assert done.stderr == (
        "error: no recording in data/videos can be used: data/videos/line.mp4 is empty; record or copy it anew\n"
    )
    assert not (workspace / "frames").exists()
