"""Whole recordings, each frame with its truth and the camera's answer: what a replay is made of."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinyinspect.config.extract import Extract
from tinyinspect.device.microcontroller import MicroRuntime
from tinyinspect.evaluation.replay import Track
from tinyinspect.evaluation.source import Answer, run_over

Judge = Callable[[NDArray[np.float32]], list[Answer]]


def track_of(
    path: Path, name: str, truth: Mapping[int, str], *, extract: Extract, network: MicroRuntime, judge: Judge
) -> Track | None:
    """One recording; None where a frame has no truth, or there is no frame.

    Args:
        path: of the recording.
        name: of the recording.
        truth: by frame number.
        extract: how it is read; every frame is, whatever ``fps`` says.
        network: the int8 file.
        judge: from outputs (n, k) to answers.

    Raises:
        InputError: The recording cannot be read.
    """
    times, truths, said = [], [], []
    whole = extract.model_copy(update={"fps": None})
    for seen in run_over(path, whole, network, judge) if truth else ():
        if seen.frame not in truth:
            return None
        times.append(seen.time)
        truths.append(truth[seen.frame])
        said.append(seen.said.answer if seen.said.counts else None)
    return Track(name, times, truths, said) if times else None
