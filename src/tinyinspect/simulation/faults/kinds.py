"""Kinds of camera fault, each a ladder from a fault that is bad enough to be told to one that leaves nothing to see."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import numpy as np

from tinyinspect.camera import Pixels
from tinyinspect.simulation.faults import light, optics, transfer, view

Made = Callable[[Pixels, Any, np.random.Generator], Pixels]


class Fault(StrEnum):
    """Kinds of camera fault. Kinds of one sort (light, optics, transfer, view) stand together."""

    UNIFORM_GREY = "uniform_grey"
    UNIFORM_COLOUR = "uniform_colour"
    GRADIENT = "gradient"
    DARK = "dark"
    OVEREXPOSED = "overexposed"
    DEFOCUSED = "defocused"
    MOTION_BLUR = "motion_blur"
    HALF_COVERED = "half_covered"
    COVERED = "covered"
    SMEARED = "smeared"
    WET = "wet"
    FOGGED = "fogged"
    NOISE = "noise"
    JPEG_RUINED = "jpeg_ruined"
    FROZEN_STRIPES = "frozen_stripes"
    HALF_TRANSFERRED = "half_transferred"
    OUT_OF_VIEW = "out_of_view"
    RED_BLUE_SWAPPED = "red_blue_swapped"
    INVERTED = "inverted"


# What makes a fault, and its ladder of severities; what a number means, the function says.
_MADE_BY: dict[Fault, tuple[Made, tuple[Any, ...]]] = {
    Fault.UNIFORM_GREY: (light.uniform_grey, ((0, 64), (64, 128), (128, 192), (192, 256))),
    Fault.UNIFORM_COLOUR: (light.uniform_colour, ((0.05, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1))),
    Fault.GRADIENT: (light.gradient, (30, 80, 150, 255)),
    Fault.DARK: (light.dark, (0.2, 0.12, 0.06, 0.02)),
    Fault.OVEREXPOSED: (light.overexposed, (0.5, 0.7, 0.85, 0.95)),
    Fault.DEFOCUSED: (optics.defocused, (0.03, 0.045, 0.07, 0.11)),
    Fault.MOTION_BLUR: (optics.motion_blur, (0.15, 0.22, 0.32, 0.45)),
    Fault.HALF_COVERED: (optics.half_covered, (0.35, 0.45, 0.55, 0.7)),
    Fault.COVERED: (optics.covered, (90, 60, 30, 8)),
    Fault.SMEARED: (optics.smeared, (0.5, 0.65, 0.8, 0.95)),
    Fault.WET: (optics.wet, (8, 14, 22, 34)),
    Fault.FOGGED: (optics.fogged, (0.12, 0.06, 0.03, 0.0)),
    Fault.NOISE: (transfer.noise, (40, 60, 90, 140)),
    Fault.JPEG_RUINED: (transfer.jpeg_ruined, (0.5, 0.3, 0.15, 0.05)),
    Fault.FROZEN_STRIPES: (transfer.frozen_stripes, (0.4, 0.6, 0.8, 1)),
    Fault.HALF_TRANSFERRED: (transfer.half_transferred, (0.65, 0.5, 0.35, 0.2)),
    Fault.OUT_OF_VIEW: (view.out_of_view, (0.6, 0.75, 0.9, 1)),
    Fault.RED_BLUE_SWAPPED: (view.red_blue_swapped, (1,)),
    Fault.INVERTED: (view.inverted, (1,)),
}
STEPS = {kind: len(ladder) for kind, (_, ladder) in _MADE_BY.items()}


SAME = 6  # mean difference of the pixels, of 255, below which a change leaves a frame as it was


def differs(made: Pixels, frame: Pixels) -> bool:
    """Whether a change to a frame, both (h, w, 3) uint8, can be seen."""
    return bool(np.abs(made.astype(np.int16) - frame).mean() >= SAME)


def fault(kind: Fault, step: int, frame: Pixels, rng: np.random.Generator) -> Pixels:
    """The frame as a camera with this fault would have taken it.

    Args:
        kind: of fault.
        step: of its ladder, from 0, the mildest, to ``STEPS[kind] - 1``.
        frame: (h, w, 3) uint8 RGB.
        rng: of what differs from frame to frame.
    """
    make, ladder = _MADE_BY[kind]
    return make(frame, ladder[step], rng)
