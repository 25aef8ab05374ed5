"""The verdict at the top of the report: green, amber or red, with the reasons."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tinyinspect.device.device_file import DeviceFile


class Colour(StrEnum):
    """Of the verdict."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True)
class Headline:
    """The one measure that a model is known by.

    Attributes:
        name: of the measure.
        value: on the camera, from 0 to 1.
        low: of its 95 % interval.
        high: of its 95 % interval.
        lost: what int8 costs, in words.
        lost_interval: the interval of that, in words; may be empty.
    """

    name: str
    value: float
    low: float
    high: float
    lost: str
    lost_interval: str


@dataclass(frozen=True)
class Verdict:
    """What the reader learns first.

    Attributes:
        colour: of the whole.
        title: in two or three words.
        reasons: sentences; empty where all is well.
    """

    colour: Colour
    title: str
    reasons: list[str]


def verdict(refused: list[str], warnings: list[str], metrics: dict[str, Any], device: DeviceFile) -> Verdict:
    """Red where a limit is broken, amber where something should be known first, else green.

    Args:
        refused: from :func:`tinyinspect.tasks.limits.refusals`.
        warnings: of the task's part ``report``.
        metrics: the content of ``metrics_full.json``.
        device: the content of ``device.json``.
    """
    if refused:
        return Verdict(Colour.RED, "Refused", refused)
    found = list(warnings)
    if "stand_in" in metrics:
        found.append(f"{metrics['stand_in']} stand in for the camera's runtime; its own figures need Linux on x86-64")
    if device.milliseconds is None:
        found.append(f"no time is known for {device.board}; measure it there")
    if found:
        return Verdict(Colour.AMBER, "Accepted, with reservations", found)
    return Verdict(Colour.GREEN, "Accepted", [])
