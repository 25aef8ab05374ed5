"""How masks come and go: pushed in, left lying, nudged, turned and pulled out, with empty line between."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

_OUT = 235.0  # millimetres from the middle at which neither mask nor loops are in view


@dataclass(frozen=True)
class Passage:
    """One mask's way through the view.

    Attributes:
        start: frame in which it begins.
        track: (n, 3), x and y of the mask's middle in millimetres and its angle in degrees, one row a frame.
    """

    start: int
    track: NDArray[np.float64]


def timetable(frames: int, rng: np.random.Generator) -> list[Passage]:
    """The passages of one recording, in order and never two at once."""
    passages: list[Passage] = []
    now = int(rng.integers(5, 25))
    while now < frames:
        track = _track(rng)[: frames - now]
        passages.append(Passage(now, track))
        now += len(track) + int(rng.integers(8, 52))
    return passages


def _track(rng: np.random.Generator) -> NDArray[np.float64]:
    """Key positions through which the mask moves without overshoot."""
    enters, leaves = rng.choice([-1, 1], 2)
    stays = int(rng.integers(1, 3))
    places = rng.uniform(-38, 38, stays)
    askew = rng.normal(0, 12) if rng.random() < 0.3 else rng.normal(0, 2.0)
    times, x, y, angle = [0.0], [enters * _OUT], [rng.normal(0, 3)], [askew + rng.normal(0, 2)]
    for number, place in enumerate(places):
        duration = rng.uniform(12, 30) if number == 0 else rng.uniform(6, 16)
        lie = rng.uniform(3, 12)
        turn = rng.normal(0, 1.8) if rng.random() < 0.8 else askew
        across = rng.normal(0, 2.2)
        times += [times[-1] + duration, times[-1] + duration + lie]
        x += [place, place + rng.normal(0, 1)]
        y += [across, across + rng.normal(0, 0.4)]
        angle += [turn, turn + rng.normal(0, 0.4)]
    pulled = rng.normal(0, 10) if rng.random() < 0.4 else rng.normal(0, 2)
    times.append(times[-1] + rng.uniform(12, 30))
    x.append(leaves * _OUT)
    y.append(rng.normal(0, 5))
    angle.append(pulled)
    track: NDArray[np.float64] = PchipInterpolator(times, np.stack([x, y, angle], axis=1))(np.arange(int(times[-1])))
    track[:, :2] += rng.normal(0, 0.12, (len(track), 2))  # the belt shakes
    return track
