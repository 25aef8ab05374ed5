"""What may be wrong with a mask.

Each defect changes the mask's colour and coverage in place and returns the region by which it is recognised, as
coverage in [0, 1]. All positions lie inside the body, in millimetres from its middle.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from tinyinspect.simulation.canvas import Canvas, Layer, blend
from tinyinspect.simulation.fabric import Fabric

Rng = np.random.Generator


@dataclass
class Sheet:
    """A mask while it is drawn: colour (rows, columns, 3) linear and coverage (rows, columns)."""

    canvas: Canvas
    fabric: Fabric
    colour: Layer
    coverage: Layer


class Defect(StrEnum):
    """Kinds of defect that are drawn on the body; a missing loop is left out of the drawing instead."""

    CUT = "cut"
    TEAR = "tear"
    NOTCH = "notch"
    HOLE = "hole"
    STAIN = "stain"
    FOLD = "fold"


def damage(kind: Defect, sheet: Sheet, rng: Rng) -> Layer:
    """Draw one defect of random size and place; return where it shows."""
    return _DRAWN_BY[kind](sheet, rng)


def _cut(sheet: Sheet, rng: Rng) -> Layer:
    """A slit: most start at the upper or lower edge and gape there; the tray shows through."""
    x, y = _half(sheet)
    length, gape = rng.uniform(9, 32), rng.uniform(1.2, 4.5)
    edge = rng.choice([-1, 1], p=[0.75, 0.25])
    start = np.array([rng.uniform(-0.9, 0.9) * x, edge * y * (1.02 if rng.random() < 0.6 else rng.uniform(0.4, 0.9))])
    slant = rng.normal(0, 0.35) if rng.random() < 0.6 else rng.uniform(-1.2, 1.2)
    steps = np.linspace(0, 1, 9)
    middle = start + np.stack([np.sin(slant) * steps, -edge * np.cos(slant) * steps], axis=1) * length
    middle[:, 0] += np.cumsum(rng.normal(0, 0.4, 9))
    open_width = gape * np.sqrt(np.clip(1 - steps, 0, 1)) * np.clip(rng.normal(1, 0.25, 9), 0.3, 2) + 0.35
    gap = sheet.canvas.polygon(_ribbon(middle, open_width))
    _tear_open(sheet, gap, rng)
    if rng.random() < 0.5:  # a thread still holds the sides together
        knot = middle[rng.integers(2, 7)]
        fluff = _blob(sheet, knot, rng.uniform(1.2, 2.4), rng)
        sheet.coverage[:] = np.maximum(sheet.coverage, fluff)
        blend(sheet.colour, (0.75, 0.77, 0.8), fluff)
    return gap


def _tear(sheet: Sheet, rng: Rng) -> Layer:
    """The outer layer torn off: the blue layer beneath shows, with a thin line running on."""
    x, y = _half(sheet)
    centre = np.array([rng.uniform(-0.85, 0.85) * x, rng.uniform(-0.7, 0.7) * y])
    size, slant = rng.uniform(3, 8), rng.uniform(0, np.pi)
    patch = _blob(sheet, centre, size, rng, elongation=rng.uniform(1.2, 3), angle=slant)
    length = rng.uniform(0.5, 4) * size
    direction = np.array([np.cos(slant), np.sin(slant)])
    steps = np.linspace(0, 1, 8)[:, None]
    line = centre + direction * length * steps * 1.5 + np.cumsum(rng.normal(0, 0.5, (8, 2)), axis=0)
    crack = sheet.canvas.strokes([line], rng.uniform(0.4, 0.9))
    blue = np.array([rng.uniform(0.12, 0.25), rng.uniform(0.28, 0.42), rng.uniform(0.42, 0.58)])
    blend(sheet.colour, blue, patch * rng.uniform(0.7, 1))
    blend(sheet.colour, blue * 0.6, crack * rng.uniform(0.5, 0.9))
    if rng.random() < 0.6:  # torn through at one end
        _tear_open(sheet, _blob(sheet, centre - direction * size * 0.5, size * rng.uniform(0.2, 0.5), rng), rng)
    return np.maximum(patch, crack)


def _notch(sheet: Sheet, rng: Rng) -> Layer:
    """A small three-cornered snip, mostly beside a pleat, in which the dark inner layer shows."""
    x, y = _half(sheet)
    beside = rng.choice(sheet.fabric.pleats) if rng.random() < 0.7 else rng.uniform(0.15, 0.85)
    base = np.array([rng.uniform(-0.9, 0.9) * x, (beside - 0.5) * 2 * y - rng.uniform(0, 2)])
    width, height = rng.uniform(2.8, 6), rng.uniform(4, 9)
    tip = base + np.array([rng.normal(0, 0.3) * width, -height])
    far = base + np.array([width / 2, rng.normal(0, 0.5)])
    snip = sheet.canvas.polygon([base - np.array([width / 2, 0]), tip, far])
    if rng.random() < 0.4:
        _tear_open(sheet, snip, rng)
    else:
        blend(sheet.colour, (0.06, rng.uniform(0.08, 0.16), rng.uniform(0.14, 0.3)), snip * rng.uniform(0.7, 1))
    return snip


def _hole(sheet: Sheet, rng: Rng) -> Layer:
    """A ragged hole with a frayed white rim."""
    x, y = _half(sheet)
    centre = np.array([rng.uniform(-0.9, 0.9) * x, rng.uniform(-0.85, 0.85) * y])
    size = rng.uniform(2.8, 8)
    shape = {"elongation": rng.uniform(1, 2.2), "angle": rng.uniform(0, np.pi)}
    hole = _blob(sheet, centre, size, rng, **shape)
    _tear_open(sheet, hole, rng)
    if rng.random() < 0.4:
        fluff = _blob(sheet, centre + rng.normal(0, size / 2, 2), size * 0.4, rng)
        sheet.coverage[:] = np.maximum(sheet.coverage, fluff)
        blend(sheet.colour, (0.8, 0.82, 0.84), fluff)
    return hole


def _stain(sheet: Sheet, rng: Rng) -> Layer:
    """A dark spot, soft or with a dark rim, brown, grey or bluish."""
    x, y = _half(sheet)
    centre = np.array([rng.uniform(-0.85, 0.85) * x, rng.uniform(-0.8, 0.8) * y])
    hue = np.array([(0.12, 0.07, 0.04), (0.05, 0.05, 0.05), (0.04, 0.07, 0.14), (0.14, 0.11, 0.03)])[rng.integers(4)]
    size = rng.uniform(2.5, 9)
    spot = _blob(sheet, centre, size, rng, elongation=rng.uniform(1, 1.8), angle=rng.uniform(0, np.pi), ragged=0.3)
    for _ in range(rng.integers(0, 4)):  # splashes around it
        spot = np.maximum(spot, _blob(sheet, centre + rng.normal(0, 1.6 * size, 2), rng.uniform(0.8, 1.8), rng))
    blend(sheet.colour, hue, spot * rng.uniform(0.55, 0.95) * sheet.coverage)
    return spot * sheet.coverage


def _fold(sheet: Sheet, rng: Rng) -> Layer:
    """A corner folded over: it is missing outside, and lies mirrored and shaded inside."""
    x, y = _half(sheet)
    sides = rng.choice([-1, 1], 2)
    corner = sides * [x, y]
    leg = rng.uniform(16, 36, 2) * -sides
    first, second = corner + np.array([leg[0], 0]), corner + np.array([0, leg[1]])
    along = (second - first) / np.hypot(*(second - first))
    foot = first + along * ((corner - first) @ along)
    mirrored = 2 * foot - corner
    gone = sheet.canvas.polygon([corner + sides * 3, first + sides * [0, 3], first, second, second + sides * [3, 0]])
    flap = sheet.canvas.polygon([first, mirrored, second])
    shadow = sheet.canvas.polygon([first, mirrored - sides * 2.2, second])
    tint = np.array([0.62, 0.68, 0.74]) * rng.uniform(0.6, 1.0)
    blend(sheet.colour, sheet.colour * 0.55, shadow * 0.8)
    blend(sheet.colour, tint, flap * 0.92)
    blend(sheet.colour, tint * 0.5, 0.8 * sheet.canvas.strokes([(first, mirrored, second)], 0.6))
    sheet.coverage *= 1 - gone
    return np.maximum(gone, flap)


def _tear_open(sheet: Sheet, gap: Layer, rng: Rng) -> None:
    """Remove the cloth in ``gap``; the cloth around it curls up and catches light or shade."""
    near = np.clip(ndimage.gaussian_filter(gap, 3) * 2.5, 0, 1)
    sheet.colour *= (1 + rng.uniform(-0.3, 0.2) * near)[..., None]
    sheet.coverage *= 1 - gap


def _ribbon(middle: NDArray[np.float64], width: NDArray[np.float64]) -> NDArray[np.float64]:
    direction = np.gradient(middle, axis=0)
    normal = np.stack([-direction[:, 1], direction[:, 0]], axis=1) / np.linalg.norm(direction, axis=1)[:, None]
    half = normal * width[:, None] / 2
    return np.vstack([middle + half, (middle - half)[::-1]])


def _blob(
    sheet: Sheet,
    centre: NDArray[np.float64],
    size: float,
    rng: Rng,
    elongation: float = 1,
    angle: float = 0,
    ragged: float = 0.22,
) -> Layer:
    """A ragged round shape of about ``size`` millimetres across."""
    around = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    radius = size / 2 * np.clip(1 + ragged * rng.standard_normal(28) * 0.7, 0.4, 1.6)
    radius *= 1 + ragged * np.sin(around * rng.integers(2, 5) + rng.uniform(0, 6))
    along, across = radius * np.cos(around) * elongation, radius * np.sin(around)
    turned = np.stack(
        [along * np.cos(angle) - across * np.sin(angle), along * np.sin(angle) + across * np.cos(angle)], 1
    )
    return sheet.canvas.polygon(centre + turned)


def _half(sheet: Sheet) -> tuple[float, float]:
    return sheet.fabric.length / 2, sheet.fabric.height / 2


_DRAWN_BY: dict[Defect, Callable[[Sheet, Rng], Layer]] = {
    Defect.CUT: _cut,
    Defect.TEAR: _tear,
    Defect.NOTCH: _notch,
    Defect.HOLE: _hole,
    Defect.STAIN: _stain,
    Defect.FOLD: _fold,
}
