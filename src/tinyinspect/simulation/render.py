"""Render all recordings of a line, on as many cores as there are, with their truth."""

import csv
import multiprocessing
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from tinyinspect.camera import Pixels
from tinyinspect.files import complete_file
from tinyinspect.simulation.recording import Recording
from tinyinspect.simulation.sensor import jpeg
from tinyinspect.simulation.truth import Label
from tinyinspect.simulation.writer import write_avi

_PER_CLASS = 3  # frames of each class and recording on the contact sheet
_rendered: "Synchronized[int]"


@dataclass(frozen=True)
class Line:
    """What to render: so many ``recordings`` of so many ``frames``, from ``seed``, at a JPEG ``quality`` in 1..95."""

    seed: int
    recordings: int
    frames: int
    quality: int


@dataclass(frozen=True)
class Rendered:
    """Labels of a recording's frames, in order, and a few of its frames of each class."""

    labels: list[Label]
    samples: dict[Label, list[Pixels]]


def file_name(number: int) -> str:
    """File name of a recording."""
    return f"line_{number:02d}.avi"


def render(line: Line, folder: Path, workers: int | None = None) -> list[Rendered]:
    """Write every recording of ``line`` into ``folder``; the result is in their order.

    Raises:
        InputError: A recording cannot be written.
    """
    context = multiprocessing.get_context("spawn")
    counter = context.Value("i", 0)
    processes = min(line.recordings, workers or multiprocessing.cpu_count())
    total = line.recordings * line.frames
    with (
        ProcessPoolExecutor(processes, context, _share, (counter,)) as pool,
        tqdm(total=total, desc="frames", unit="frame") as bar,
    ):
        futures = [pool.submit(_render_in_worker, line, number, folder) for number in range(line.recordings)]
        running = set(futures)
        while running:
            running = wait(running, timeout=0.2).not_done
            bar.update(counter.value - bar.n)
        return [future.result() for future in futures]


def write_truth(path: Path, recordings: list[Rendered]) -> None:
    """Write the labels as CSV with columns video, frame and label."""
    with complete_file(path) as partial, partial.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["video", "frame", "label"])
        for number, recording in enumerate(recordings):
            writer.writerows([file_name(number), frame, label] for frame, label in enumerate(recording.labels))


def _share(counter: "Synchronized[int]") -> None:
    global _rendered
    _rendered = counter
    torch.set_num_threads(1)  # the recordings are what runs in parallel


def _render_in_worker(line: Line, number: int, folder: Path) -> Rendered:
    def count() -> None:
        with _rendered.get_lock():
            _rendered.value += 1

    return render_one(line, number, folder, count)


def render_one(line: Line, number: int, folder: Path, count: Callable[[], None]) -> Rendered:
    """Write one recording of ``line`` into ``folder``; ``count`` is called after every frame."""
    jpegs: list[bytes] = []
    labels: list[Label] = []
    kept: dict[Label, list[Pixels]] = defaultdict(list)
    draw = np.random.default_rng([line.seed, number, 1])
    for shot in Recording(line.seed, number, line.recordings).shots(line.frames):
        jpegs.append(jpeg(shot.pixels, line.quality))
        labels.append(shot.label)
        _keep(kept[shot.label], shot.pixels, labels.count(shot.label), draw)
        count()
    write_avi(folder / file_name(number), jpegs)
    return Rendered(labels, dict(kept))


def _keep(reservoir: list[Pixels], pixels: Pixels, seen: int, rng: np.random.Generator) -> None:
    """Reservoir sampling: every frame of a class is as likely to be kept."""
    if len(reservoir) < _PER_CLASS:
        reservoir.append(pixels)
    elif (place := int(rng.integers(seen))) < _PER_CLASS:
        reservoir[place] = pixels
