"""Extraction against the FFmpeg binary alone that writes the same frames as loose JPEG files.

    python benchmarks/extraction.py [--video RECORDING] [--frames 4000] [--runs 5] [--memory]

Takes the recordings under data/videos (or RECORDING), repeated to the number of frames: as Motion-JPEG that is copied,
and coded as H.264. Each run does all the rivals in turn; the table gives medians and FFmpeg's time over ours.
"""

import argparse
import itertools
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg

from tinyinspect.config.extract import BadRecording, Extract
from tinyinspect.recordings.extract import extract_recordings
from tinyinspect.recordings.find import find_recordings

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
GOALS = {("Motion-JPEG", False): 0.5, ("Motion-JPEG", True): 0.25, ("H.264", False): 0.9, ("H.264", True): 0.45}
JPEG_QUALITY = 2


def settings(quality: bool) -> Extract:
    """Every frame, with or without sharpness and hash."""
    return Extract(
        fps=None,
        crop=None,
        near_duplicate_bits=None,
        min_sharpness=0,
        quality=quality,
        jpeg_qscale=JPEG_QUALITY,
        max_megapixels=64,
        bad_recording=BadRecording.REFUSE,
    )


def ffmpeg(*arguments: str | Path) -> None:
    """Run the binary."""
    subprocess.run([FFMPEG, "-loglevel", "error", "-nostdin", "-y", *map(str, arguments)], check=True)


def long_recordings(sources: list[Path], frames: int, folder: Path) -> dict[str, Path]:
    """The sources end to end, over and over, in both codings; made without loss where they are Motion-JPEG."""
    joined, avi, mp4 = folder / "list.txt", folder / "mjpeg" / "line.avi", folder / "h264" / "line.mp4"
    joined.write_text("".join(f"file '{path.resolve()}'\n" for path in sources))
    for path in (avi, mp4):
        path.parent.mkdir()
    looped = ("-stream_loop", "-1", "-f", "concat", "-safe", "0", "-i", joined, "-frames:v", str(frames))
    copies = all(path.suffix.lower() == ".avi" for path in sources)
    ffmpeg(*looped, *(("-c", "copy") if copies else ("-c:v", "mjpeg", "-q:v", "3")), "-an", avi)
    ffmpeg("-i", avi, "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p", mp4)
    return {"Motion-JPEG": avi, "H.264": mp4}


def rivals(recording: Path, coding: str) -> dict[str, Callable[[Path], object]]:
    """What each rival does to fill an empty folder."""
    how = ("-c", "copy") if coding == "Motion-JPEG" else ("-q:v", str(JPEG_QUALITY))
    return {
        "ffmpeg": lambda folder: ffmpeg("-i", recording, *how, folder / "%06d.jpg"),
        "extract": lambda folder: extract_recordings(recording.parent, folder, settings(quality=False)),
        "extract, quality": lambda folder: extract_recordings(recording.parent, folder, settings(quality=True)),
    }


def measure(fillers: dict[str, Callable[[Path], object]], runs: int, folder: Path) -> dict[str, float]:
    """Median seconds of each rival, in turn, so that other load on the machine meets all alike."""
    times: dict[str, list[float]] = {name: [] for name in fillers}
    for _, (name, fill) in itertools.product(range(runs), fillers.items()):
        target = folder / "target"
        target.mkdir()
        start = time.perf_counter()
        fill(target)
        times[name].append(time.perf_counter() - start)
        shutil.rmtree(target)
        os.sync()  # or the next one pays for writing this one's frames to the disk
    return {name: statistics.median(values) for name, values in times.items()}


def main() -> None:
    """Print the table, or the peak memory of one extraction."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--video", type=Path, help="a recording; the default is all under data/videos")
    parser.add_argument("--frames", type=int, default=4000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--memory", action="store_true", help="extract once and print the peak memory")
    arguments = parser.parse_args()
    videos = Path("data/videos")
    sources = [arguments.video] if arguments.video else [videos / name for name in find_recordings(videos)]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        recordings = long_recordings(sources, arguments.frames, folder)
        if arguments.memory:
            (folder / "target").mkdir()
            extract_recordings(recordings["Motion-JPEG"].parent, folder / "target", settings(quality=True))
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"{arguments.frames} frames: peak memory {peak:.0f} MB")
            return
        print(f"{'coding':12} {'rival':18} {'us/frame':>9} {'ratio':>6} {'goal':>5}")
        for coding, recording in recordings.items():
            times = measure(rivals(recording, coding), arguments.runs, folder)
            for name, seconds in times.items():
                goal = GOALS[coding, name.endswith("quality")] if name != "ffmpeg" else 1.0
                ratio = times["ffmpeg"] / seconds
                print(f"{coding:12} {name:18} {seconds / arguments.frames * 1e6:9.0f} {ratio:6.2f} {goal:5.2f}")


if __name__ == "__main__":
    main()
