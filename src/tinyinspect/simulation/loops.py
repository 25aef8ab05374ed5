"""Ear loops: thin white cords that lie anew in every pass."""

import numpy as np
from numpy.typing import NDArray

from tinyinspect.simulation.canvas import Canvas, Layer, spline
from tinyinspect.simulation.fabric import Fabric
from tinyinspect.simulation.stitching import welds

REACH = 78  # millimetres a loop may stand out from the body


def loop(canvas: Canvas, fabric: Fabric, side: int, rng: np.random.Generator) -> Layer:
    """Coverage of the loop on ``side`` (-1 left, 1 right)."""
    upper, lower = welds(fabric)[:2] if side < 0 else welds(fabric)[2:]
    return canvas.strokes([_course(upper, lower, side, rng)], rng.uniform(2.0, 3.0))


def _course(
    upper: NDArray[np.float64], lower: NDArray[np.float64], side: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """An arc from weld to weld; a shorter one sways and may cross itself."""
    reach = rng.uniform(22, REACH - 8)
    slack = (1 - reach / REACH) * rng.uniform(0.2, 1)
    along = np.linspace(0, 1, 5)[1:-1]
    middle = upper + (lower - upper) * along[:, None]
    out = reach * np.sin(np.pi * along) ** rng.uniform(0.45, 0.8)
    middle[:, 0] += side * np.clip(out + rng.normal(0, 20 * slack, len(along)), 5, REACH - 8)
    middle[:, 1] = np.clip(middle[:, 1] + rng.normal(0, 12 * slack, len(along)) + rng.normal(0, 5), -52, 52)
    root = np.array([side * 7.0, 0])
    return spline(np.vstack([upper, upper + root, middle, lower + root, lower]), 90)
