"""Kinds of object that do not belong on the line, each drawn anew with every draw.

An object lies along u, from -1 to 1, in the plane of :class:`Solid`.
"""

from collections.abc import Callable
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage
from scipy.spatial.transform import Rotation

from tinyinspect.simulation.canvas import spline
from tinyinspect.simulation.solid import Solid, circle

Rng = np.random.Generator
Colour = NDArray[np.float64]
Points = NDArray[np.float64]

# Linear reflectances, RGB.
_METALS = [(0.42, 0.42, 0.44), (0.5, 0.49, 0.46), (0.5, 0.36, 0.13), (0.5, 0.24, 0.12), (0.1, 0.1, 0.11)]
_PAPERS = [(0.75, 0.75, 0.74), (0.72, 0.73, 0.75), (0.7, 0.62, 0.2), (0.7, 0.42, 0.45), (0.35, 0.24, 0.14)]
_LEAVES = [(0.05, 0.2, 0.03), (0.12, 0.3, 0.05), (0.5, 0.36, 0.04), (0.4, 0.09, 0.03), (0.2, 0.1, 0.04)]
_FOILS = [(0.6, 0.62, 0.64), (0.58, 0.6, 0.6), (0.2, 0.35, 0.6), (0.55, 0.3, 0.3)]
# The head on a coin, in profile.
_FACE = [(0.3, 1), (0.25, 0.6), (0.5, 0.55), (0.5, 0.35), (0.65, 0.15), (0.5, -0.2), (0.4, -0.7), (0, -0.95)]
_HEAD = np.array([*_FACE, (-0.5, -0.7), (-0.65, -0.1), (-0.5, 0.4), (-0.55, 1)])
# The fingers of a glove: place on the palm, length, angle.
_FINGERS = ((-0.33, 0.6, -0.25), (-0.11, 0.72, -0.07), (0.11, 0.68, 0.07), (0.32, 0.52, 0.24))
_BARS = (0.02, 0.04, 0.06)  # widths in a bar code


class Kind(StrEnum):
    """Kinds of foreign object."""

    BALL = "ball"
    BOLT = "bolt"
    BOTTLE_CAP = "bottle_cap"
    CABLE = "cable"
    COINS = "coins"
    GLOVE = "glove"
    KEY = "key"
    LABEL = "label"
    LEAF = "leaf"
    PEN = "pen"
    PLASTIC_BAG = "plastic_bag"
    SCISSORS = "scissors"


def draw(kind: Kind, solid: Solid, rng: Rng) -> None:
    """Draw an object of this kind, in colours and proportions of its own."""
    _DRAWN_BY[kind](solid, rng)


def _ball(solid: Solid, rng: Rng) -> None:
    """A ball: a beach ball's panels, a tennis ball's seam, or a stripe."""
    u, v = solid.u, solid.v
    on_ball = np.stack([u, v, np.sqrt(np.clip(1 - u**2 - v**2, 0, 1))], axis=-1).reshape(-1, 3)
    x, y, z = Rotation.random(rng=rng).apply(on_ball).T.reshape(3, *u.shape)
    around = np.arctan2(y, x)
    patterns = [
        np.floor(around / (2 * np.pi) * 6) % 2 > 0,
        np.abs(z - 0.5 * np.sin(2 * around) * np.sqrt(np.clip(1 - z**2, 0, 1))) < 0.06,
        np.abs(z) < rng.uniform(0.1, 0.3),
    ]
    paint = np.where(patterns[rng.integers(3)][..., None], _bright(rng), _bright(rng))
    solid.lay(solid.disc(0, 0, 1), paint, bulge=1, gloss=rng.uniform(0, 0.8))


def _bolt(solid: Solid, rng: Rng) -> None:
    """A bolt on its side: a six-sided head, a shaft and its thread."""
    metal, width, neck = _metal(rng), rng.uniform(0.12, 0.2), rng.uniform(-0.45, 0.3)
    pitch = rng.uniform(0.05, 0.075)
    thread = 0.014 * np.sin(2 * np.pi * (solid.u / pitch + 0.25 * solid.v / width)) * (solid.u > neck)
    shaft = solid.polygon(_mirrored([(-0.6, width), (0.93, width), (1, 0.7 * width)]))
    solid.lay(shaft, metal, bulge=width, gloss=0.5, relief=thread)
    wide, thick = width * rng.uniform(1.8, 2.2), rng.uniform(0.25, 0.38)
    for low, high, tone in ((-1, -0.5, 0.7), (-0.5, 0.5, 1.1), (0.5, 1, 0.6)):  # the facets in sight
        facet = solid.box(-0.6 - thick, low * wide, -0.6, high * wide)
        solid.lay(facet, metal * tone, bulge=0.03, gloss=0.4)


def _bottle_cap(solid: Solid, rng: Rng) -> None:
    """A crown cap from above: a crimped edge and a printed face."""
    around = np.linspace(0, 2 * np.pi, 252, endpoint=False)
    edge = 0.96 + 0.04 * np.cos(21 * around)
    crown = solid.polygon(np.stack([edge * np.cos(around), edge * np.sin(around)], axis=1))
    folds = 0.12 * np.cos(21 * np.arctan2(solid.v, solid.u)) * np.clip(np.hypot(solid.u, solid.v) - 0.75, 0, 1)
    solid.lay(crown, _bright(rng), bulge=0.28, gloss=0.5, relief=folds)
    ink, radius = _bright(rng), rng.uniform(0.55, 0.68)
    solid.lay(solid.ring(0, 0, radius, rng.uniform(0.04, 0.12)), ink)
    solid.lay(solid.polygon(_star(0.75 * radius, rng)), ink)


def _cable(solid: Solid, rng: Rng) -> None:
    """A coiled cable with a plug at its end."""
    turns, width, paint = rng.uniform(1.6, 3.2), rng.uniform(0.06, 0.1), _plastic(rng)
    along = np.linspace(0, 1, int(9 * turns))
    around = 2 * np.pi * turns * along
    radius = rng.uniform(0.52, 0.64) + 0.05 * rng.standard_normal(len(along)) + 0.06 * along
    coil = radius[:, None] * np.stack([np.cos(around), np.sin(around)], axis=1)
    onward = np.array([-np.sin(around[-1]), np.cos(around[-1])])
    outward = coil[-1] / np.hypot(*coil[-1])
    course = spline([*coil, coil[-1] + 0.2 * onward + 0.06 * outward, coil[-1] + 0.42 * onward + 0.16 * outward], 160)
    for start in range(0, 160, 20):  # in pieces, so that it crosses over itself
        solid.lay(solid.lines([course[start : start + 22]], width), paint, bulge=width / 2, gloss=0.35)
    _plug(solid, course[-1], course[-1] - course[-6], paint)


def _plug(solid: Solid, tip: Points, onward: Points, paint: Colour) -> None:
    ahead = onward / np.hypot(*onward)
    solid.lay(solid.lines([[tip, tip + 0.42 * ahead]], 0.13), (0.55, 0.55, 0.57), bulge=0.03, gloss=0.5)
    solid.lay(solid.lines([[tip - 0.06 * ahead, tip + 0.26 * ahead]], 0.2), paint, bulge=0.06, gloss=0.3)


def _coins(solid: Solid, rng: Rng) -> None:
    """A few coins in a ring."""
    count, first = int(rng.integers(2, 6)), rng.uniform(0, 2 * np.pi)
    for turn in first + 2 * np.pi * np.arange(count) / count:
        away = rng.uniform(0.42, 0.62)
        _coin(solid, away * np.cos(turn), away * np.sin(turn), rng.uniform(0.34, 0.48), rng)


def _coin(solid: Solid, x: float, y: float, radius: float, rng: Rng) -> None:
    """A coin of one or two metals, with a rim and something stamped."""
    metal = _metal(rng)
    solid.lay(solid.disc(x, y, radius), metal, bulge=0.05, gloss=0.4)
    if rng.random() < 0.4:
        solid.lay(solid.disc(x, y, 0.65 * radius), _metal(rng), gloss=0.3)
    solid.lay(solid.ring(x, y, 0.97 * radius, 0.1 * radius), 1.1 * metal, gloss=0.4)
    stamp = _HEAD * 0.55 * radius if rng.random() < 0.5 else _star(0.5 * radius, rng)
    solid.lay(solid.polygon(stamp + np.array([x, y])), 0.85 * metal, bulge=0.05, gloss=0.4)


def _glove(solid: Solid, rng: Rng) -> None:
    """An empty glove, its fingers spread."""
    colour, spread = _bright(rng), rng.uniform(0.75, 1.15)
    hand = solid.polygon(_mirrored([(-0.95, 0.3), (-0.4, 0.28), (0.1, 0.42), (0.22, 0.32)]))
    for place, length, lean in _FINGERS:
        bend = lean * spread + rng.normal(0, 0.05)
        tip = (0.2 + length * np.cos(bend), place + length * np.sin(bend))
        hand = np.maximum(hand, solid.limb([(0.1, place), tip], rng.uniform(0.17, 0.2)))
    thumb = solid.limb([(-0.35, -0.12), (0.1, -0.78 * spread)], 0.2)
    creases = 0.012 * solid.canvas.noise(rng, 5, 11) + 0.012 * solid.canvas.noise(rng, 11, 6)
    solid.lay(np.maximum(hand, thumb), colour, bulge=0.09, gloss=rng.uniform(0, 0.4), relief=creases)
    solid.lay(solid.box(-1, -0.32, -0.86, 0.32), colour * rng.uniform(0.6, 1.1), bulge=0.06)


def _key(solid: Solid, rng: Rng) -> None:
    """A key: a holed bow, some in plastic, a grooved blade and its teeth."""
    metal, bow = _metal(rng), rng.uniform(0.32, 0.42)
    teeth = [
        (0.2 + 0.105 * (number + part), 0.15 - depth)
        for number, depth in enumerate(rng.uniform(0.02, 0.12, 7))
        for part in (0.25, 0.75)
    ]
    tip = [(0.9, -0.13), (1, -0.05), (0.96, 0.08)]
    blade = solid.polygon([(-0.4, -0.13), *tip, *teeth[::-1], (0.1, 0.15), (-0.4, 0.15)])
    handle = solid.polygon(circle(-0.6, 0, 1.1 * bow, int(rng.choice([4, 6, 8, 72, 72]))))
    solid.lay(np.maximum(blade, handle), metal, bulge=0.03, gloss=0.5)
    solid.lay(solid.box(-0.2, -0.07, 0.92, -0.01), 0.5 * metal)
    if rng.random() < 0.5:
        solid.lay(solid.disc(-0.6, 0, bow), _plastic(rng), bulge=0.08, gloss=0.3)
    solid.cut(solid.disc(-0.6 - 0.5 * bow, 0, 0.26 * bow))


def _label(solid: Solid, rng: Rng) -> None:
    """A printed label: a heading, lines of words and a bar code."""
    high, ink = rng.uniform(0.5, 0.8), rng.uniform(0.01, 0.06, 3)
    curl = 0.02 * solid.canvas.noise(rng, 25, 25)
    solid.lay(solid.box(-1, -high, 1, high), _PAPERS[rng.integers(len(_PAPERS))], bulge=0.01, relief=curl)
    if rng.random() < 0.6:
        solid.lay(solid.box(-0.92, 0.06 - high, 0.92, 0.26 - high), _bright(rng), bulge=0.005)
    words = []
    for row in np.arange(0.36 - high, 0.3 * high, 0.13):
        ends = np.cumsum(rng.uniform(0.08, 0.3, 6)) - 1
        words += [[(start + 0.04, row), (end, row)] for start, end in pairwise(ends)]
    solid.lay(solid.lines(words, 0.05), ink, bulge=0.005)
    bars = np.cumsum(rng.choice(_BARS, 36)).reshape(-1, 2) - 0.85
    for width in _BARS:
        middles = [start + width / 2 for start, end in bars if np.isclose(end - start, width)]
        solid.lay(solid.lines([[(u, 0.45 * high), (u, 0.88 * high)] for u in middles], width), ink, bulge=0.005)


def _leaf(solid: Solid, rng: Rng) -> None:
    """A leaf with its stalk and veins, toothed or lobed, green, yellow, red or brown."""
    colour = np.array(_LEAVES[rng.integers(len(_LEAVES))])
    along = np.linspace(0, 1, 120)
    teeth = 1 + rng.uniform(0, 0.12) * (along * rng.integers(8, 20) % 1)
    lobes = 1 + 0.25 * rng.integers(2) * np.sin(along * np.pi * 6) ** 2
    half = rng.uniform(0.28, 0.5) * np.sin(np.pi * along ** rng.uniform(0.6, 1)) ** rng.uniform(0.7, 1.1)
    rib = np.stack([1.7 * along - 0.7, rng.uniform(-0.15, 0.15) * np.sin(np.pi * along)], axis=1)
    aside = np.stack([np.zeros(120), half * teeth * lobes], axis=1)
    blade = solid.polygon(np.vstack([rib + aside, (rib - aside)[::-1]]))
    mottled = 1 + 0.18 * solid.canvas.noise(rng, 8, 8) + 0.08 * solid.canvas.noise(rng, 2, 2)
    waves = 0.02 * solid.canvas.noise(rng, 14, 14)
    solid.lay(blade, colour * mottled[..., None], bulge=0.05, relief=waves)
    veins = [[rib[at], rib[at] + (0.16, side * 0.8 * half[at])] for at in range(12, 108, 12) for side in (-1, 1)]
    solid.lay(solid.lines(veins, 0.018), 1.5 * colour + 0.05, opacity=0.7)
    solid.lay(solid.lines([rib], 0.03), 1.5 * colour + 0.05)
    stalk = [(-1, rng.uniform(-0.12, 0.12)), (-0.82, 0), rib[7]]
    solid.lay(solid.lines([stalk], 0.05), 0.8 * colour, bulge=0.025)


def _pen(solid: Solid, rng: Rng) -> None:
    """A pen: point and barrel, a grip or none, a cap and its clip."""
    half, other = rng.uniform(0.06, 0.1), _plastic(rng)
    point = _mirrored([(0.82, 0.6), (0.97, 0.2), (1, 0)]) * [1, half]
    solid.lay(solid.polygon(point), (0.5, 0.45, 0.3), bulge=0.6 * half, gloss=0.6)
    barrel = _mirrored([(-1, 0.8), (-0.97, 1), (0.7, 1), (0.86, 0.5)]) * [1, half]
    solid.lay(solid.polygon(barrel), _plastic(rng), bulge=half, gloss=0.6)
    if rng.random() < 0.5:
        ribs = 0.008 * np.sin(2 * np.pi * solid.u / 0.045)
        solid.lay(solid.box(0.35, -1.1 * half, 0.7, 1.1 * half), other, bulge=half, relief=ribs)
    solid.lay(solid.box(-1.02, -1.2 * half, -0.4, 1.2 * half), other, bulge=1.2 * half, gloss=0.6)
    solid.lay(solid.limb([(-0.95, 0.3 * half), (-0.45, 0.3 * half)], 0.6 * half), _metal(rng), gloss=0.7)


def _plastic_bag(solid: Solid, rng: Rng) -> None:
    """A crumpled thin bag that the tray shows through, some with a print."""
    around = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    rough = 1 + 0.22 * ndimage.gaussian_filter1d(rng.standard_normal(60), 1, mode="wrap")
    radius = 0.85 * rough * (1 + 0.12 * np.sin(around * rng.integers(2, 5)))
    bag = solid.polygon(np.stack([1.1 * radius * np.cos(around), 0.8 * radius * np.sin(around)], axis=1))
    folds = np.stack([solid.canvas.noise(rng, *lengths) for lengths in ((9, 9), (5, 12), (14, 5))])
    crumple = -0.03 * np.abs(folds).sum(axis=0)
    foil = _FOILS[rng.integers(len(_FOILS))]
    solid.lay(bag, foil, bulge=0.06, gloss=0.9, relief=crumple, opacity=rng.uniform(0.3, 0.75))
    if rng.random() < 0.5:
        solid.lay(solid.polygon(_star(0.4, rng)) * bag, _bright(rng), relief=crumple, opacity=0.8)


def _scissors(solid: Solid, rng: Rng) -> None:
    """A pair of scissors, more or less open."""
    steel, plastic, opening = rng.uniform(0.35, 0.55) * np.ones(3), _plastic(rng), rng.uniform(0.08, 0.4)
    for side in (-1, 1):
        turn = Rotation.from_euler("z", -side * opening).as_matrix()[:2, :2]
        blade = np.array([(-0.3, -0.07), (0.2, -0.1), (1, 0.0), (0.2, 0.04), (-0.3, 0.07)]) * [1, side]
        solid.lay(solid.polygon(blade @ turn), steel, bulge=0.02, gloss=0.6)
        shank = np.array([(-0.15, 0.0), (-0.45, -0.06 * side)]) @ turn
        solid.lay(solid.limb(shank, 0.14), plastic, bulge=0.07, gloss=0.3)
        grip, hole = ((circle(0, 0, 1) * axes + [-0.72, -0.13 * side]) @ turn for axes in ([0.3, 0.2], [0.19, 0.11]))
        solid.lay(solid.polygon(grip) * (1 - solid.polygon(hole)), plastic, bulge=0.05, gloss=0.3)
    solid.lay(solid.disc(0, 0, 0.055), steel * 0.8, bulge=0.03, gloss=0.6)


def _mirrored(points: ArrayLike) -> Points:
    """Corners (2 n, 2) of a shape that is the same on both sides of u, from the n of its one side."""
    side = np.asarray(points, np.float64)
    return np.vstack([side, (side * [1, -1])[::-1]])


def _star(radius: float, rng: Rng) -> Points:
    """Corners (n, 2) of a star with three to seven points."""
    points, depth = int(rng.integers(3, 8)), rng.uniform(0.35, 0.8)
    return circle(0, 0, radius, 2 * points) * np.tile([1, depth], points)[:, None]


def _bright(rng: Rng) -> Colour:
    """Any colour, from dull to strong, or a grey."""
    return rng.uniform(0.02, 0.7, 3) if rng.random() < 0.8 else np.full(3, rng.uniform(0.03, 0.7))


def _plastic(rng: Rng) -> Colour:
    """Black, white or any colour."""
    return np.full(3, rng.choice([0.02, 0.6])) if rng.random() < 0.4 else _bright(rng)


def _metal(rng: Rng) -> Colour:
    return np.array(_METALS[rng.integers(len(_METALS))]) * rng.uniform(0.7, 1.2)


_DRAWN_BY: dict[Kind, Callable[[Solid, Rng], None]] = {
    Kind.BALL: _ball,
    Kind.BOLT: _bolt,
    Kind.BOTTLE_CAP: _bottle_cap,
    Kind.CABLE: _cable,
    Kind.COINS: _coins,
    Kind.GLOVE: _glove,
    Kind.KEY: _key,
    Kind.LABEL: _label,
    Kind.LEAF: _leaf,
    Kind.PEN: _pen,
    Kind.PLASTIC_BAG: _plastic_bag,
    Kind.SCISSORS: _scissors,
}
