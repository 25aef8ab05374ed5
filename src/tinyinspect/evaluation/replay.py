"""The camera's program over whole recordings: what a line would see of it, part by part and not frame by frame.

An appearance is a run of frames of one truth, as long as a part or a defect is in view. The program shows a state after
so many frames in a row that agree; an appearance is found where it shows the right one while it lasts.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from tinyinspect.evaluation import intervals


class Appearances(BaseModel):
    """The appearances of one truth in all recordings."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    total: int
    found: int = Field(description="Shown rightly while they lasted")
    found_ci_low: float = Field(description="Of the share that is found, 95 %")
    found_ci_high: float
    median_seconds: float | None = Field(description="From the first frame to the first that is shown rightly")
    false_alarms: int = Field(description="Times that the program went over to showing it where it was not")
    false_alarms_an_hour: float
    false_alarms_an_hour_ci_low: float = Field(description="By Garwood's exact interval of a Poisson count, 95 %")
    false_alarms_an_hour_ci_high: float


class Replay(BaseModel):
    """What the program does on the test recordings."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    recordings: list[str] = Field(description="Every frame is labelled and none was trained on; may be none")
    hours: float
    debounce_frames: int
    of_truth: dict[str, Appearances]


@dataclass(frozen=True)
class Track:
    """One recording, frame by frame.

    Attributes:
        name: of the recording.
        times: seconds, rising, n of them.
        truth: n labels.
        said: n answers; None where one does not count.
    """

    name: str
    times: Sequence[float]
    truth: Sequence[str]
    said: Sequence[str | None]


def replay(tracks: Sequence[Track], truths: Sequence[str], debounce_frames: int) -> Replay:
    """Simulate the program.

    Args:
        tracks: the recordings.
        truths: all labels there are.
        debounce_frames: answers in a row that agree before one is shown.
    """
    hours = sum(track.times[-1] - track.times[0] for track in tracks if len(track.times)) / 3600
    waits: dict[str, list[float | None]] = {name: [] for name in truths}
    alarms = dict.fromkeys(truths, 0)
    for track in tracks:
        shown = list(shown_states(track.said, debounce_frames))
        for start, end in runs(track.truth):
            waits[track.truth[start]].append(_wait(track, shown, start, end))
        for name in _false_alarms(track, shown, debounce_frames):
            alarms[name] += 1
    return Replay(
        recordings=[track.name for track in tracks],
        hours=round(hours, 6),
        debounce_frames=debounce_frames,
        of_truth={name: _appearances(waits[name], alarms[name], hours) for name in truths if waits[name]},
    )


def shown_states(said: Iterable[str | None], debounce_frames: int) -> Iterator[str | None]:
    """What the program shows after each answer, as ``Debounce`` of the camera's ``main.py``; None at first."""
    state, seen, shown = None, 0, None
    for one in said:
        seen = seen + 1 if one == state else 1
        state = one
        if state is not None and seen >= debounce_frames:
            shown = state
        yield shown


def runs(truth: Sequence[str]) -> Iterator[tuple[int, int]]:
    """First and last index, both included, of each run of equal labels."""
    start = 0
    for end in range(len(truth)):
        if end + 1 == len(truth) or truth[end + 1] != truth[start]:
            yield start, end
            start = end + 1


def _wait(track: Track, shown: Sequence[str | None], start: int, end: int) -> float | None:
    """Seconds until an appearance is shown rightly; None where it never is.

    What was shown before it began counts at once: the program shows it still.
    """
    for index in range(start, end + 1):
        if shown[index] == track.truth[start]:
            return float(track.times[index] - track.times[start])
    return None


def _false_alarms(track: Track, shown: Sequence[str | None], debounce_frames: int) -> Iterator[str]:
    """What the program goes over to showing, where that was not in view in any frame that it was decided by."""
    for index, name in enumerate(shown):
        before = shown[index - 1] if index else None
        in_view = track.truth[max(0, index - debounce_frames + 1) : index + 1]
        if name is not None and name != before and name not in in_view:
            yield name


def _appearances(waits: list[float | None], alarms: int, hours: float) -> Appearances:
    found = [wait for wait in waits if wait is not None]
    share = intervals.proportion(len(found), len(waits))
    count = intervals.poisson(alarms)
    rate = [round(value / hours, 3) if hours else 0.0 for value in (alarms, count.low, count.high)]
    return Appearances(
        total=len(waits),
        found=len(found),
        found_ci_low=round(share.low, 6),
        found_ci_high=round(share.high, 6),
        median_seconds=round(float(np.median(found)), 3) if found else None,
        false_alarms=alarms,
        false_alarms_an_hour=rate[0],
        false_alarms_an_hour_ci_low=rate[1],
        false_alarms_an_hour_ci_high=rate[2],
    )
