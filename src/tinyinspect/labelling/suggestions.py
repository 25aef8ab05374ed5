"""What the present model says of every frame, worked out by a process of its own while somebody labels.

The int8 file runs in TFLite Micro, so a suggestion is what the camera would say. Suggestions live in memory alone: no
file that a person's labels go to ever holds one.
"""

import multiprocessing
import os
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinyinspect.errors import InputError
from tinyinspect.labelling.judged import by_class

_BATCH = 32


class Suggestions:
    """Probabilities of the classes for each frame, as far as they are known.

    Attributes:
        classes: k names, in the order of the model's outputs.
        probabilities: (n, k) float32, NaN where not known yet.
        note: why there are none, "" where there are or will be some.
    """

    def __init__(self, frames: int, classes: list[str], note: str = ""):
        """Of so many frames nothing is known yet."""
        self.classes, self.note = classes, note
        self.probabilities = np.full((frames, len(classes)), np.nan, np.float32)
        self.scored = 0

    def start(self, store: Path, model: Path, order: NDArray[np.int64]) -> None:
        """Begin to score all frames of a store in this order, in the background."""
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe(duplex=False)
        process = context.Process(
            target=_score_all, args=(there, store, model, len(self.classes), order), daemon=True, name="suggestions"
        )
        process.start()
        there.close()
        threading.Thread(target=self._receive, args=(here,), daemon=True, name="suggestions").start()

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which frames are scored, (n,) bool."""
        return ~np.isnan(self.probabilities[:, 0])

    @property
    def answers(self) -> NDArray[np.object_]:
        """The likeliest class of each frame, "" where it is not scored, (n,) object."""
        names = np.array([*self.classes, ""], object)
        known = self.known
        best = np.full(len(known), len(self.classes))
        best[known] = self.probabilities[known].argmax(1)
        return names[best]

    @property
    def margins(self) -> NDArray[np.float32]:
        """By how much the likeliest class leads, (n,), from 0, no lead, to 1; NaN where not scored."""
        if len(self.classes) < 2:
            return self.probabilities[:, 0]
        first, second = np.partition(self.probabilities, -2, axis=1)[:, [-1, -2]].T
        return first - second

    def of(self, row: int) -> dict[str, float] | None:
        """Probability by class of a frame, the likeliest first; None where it is not scored."""
        values = self.probabilities[row]
        return None if np.isnan(values[0]) else by_class(self.classes, values)

    def _receive(self, connection: Connection) -> None:
        try:
            while True:
                message = connection.recv()
                if isinstance(message, str):
                    self.note = message
                else:
                    rows, values = message
                    self.probabilities[rows] = values
                    self.scored += len(rows)
        except EOFError:
            connection.close()


def _score_all(connection: Connection, store: Path, model: Path, classes: int, order: NDArray[np.int64]) -> None:
    os.nice(10)  # a person is labelling
    try:
        for rows, values in _scores(store, model, classes, order):
            connection.send((rows, values))
    except InputError as error:
        connection.send(f"no suggestions: {error}")
    except (BrokenPipeError, KeyboardInterrupt):
        pass  # the page was closed


def _scores(
    store: Path, model: Path, classes: int, order: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    from scipy.special import softmax

    from tinyinspect import camera
    from tinyinspect.device.microcontroller import MicroRuntime
    from tinyinspect.recordings.store import FrameStore

    runtime, frames = MicroRuntime(model), FrameStore(store)
    if runtime.output_count != classes:
        raise InputError(
            f"{model} gives {runtime.output_count} numbers, and data.classes names {classes} classes; run `dvc repro`"
        )
    for start in range(0, len(order), _BATCH):
        rows = order[start : start + _BATCH]
        views = np.stack([camera.model_view(frames.picture(int(row)), runtime.input_size) for row in rows])
        inputs = (views.astype(np.int16) - 128).astype(np.int8)
        yield rows, softmax(runtime.outputs(inputs), axis=1).astype(np.float32)
