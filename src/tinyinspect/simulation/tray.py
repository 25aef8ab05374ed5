"""The perforated plastic tray: a floor between two high, leaning walls."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinyinspect.simulation.canvas import Layer
from tinyinspect.simulation.lens import HEIGHT, WIDTH, Lens, on_floor

Plane = NDArray[np.floating]  # of one value per ray

_OVERSAMPLING = 4


@dataclass(frozen=True)
class Tray:
    """One tray; reflectances are linear.

    Attributes:
        half_width: from the middle of the floor to a wall, in millimetres.
        lean: tangent of the walls' angle to the vertical.
        pitch: distance between holes in millimetres.
        hole: side of a hole as a part of the pitch.
        shift: x and y of the pattern of holes in millimetres.
        plastic: reflectance of the plastic.
        floor_light: brightness of what is seen through the floor's holes, and
        wall_light: through those of the upper and the lower wall.
        tint: colour of the light through the holes, RGB.
        solid: where along x the lower wall has no holes: start and end in millimetres.
        seed: of the small differences between holes.
    """

    half_width: float
    lean: float
    pitch: float
    hole: float
    shift: tuple[float, float]
    plastic: float
    floor_light: float
    wall_light: tuple[float, float]
    tint: tuple[float, float, float]
    solid: tuple[float, float]
    seed: int

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> "Tray":
        """A tray as it may stand on the line in one recording."""
        pitch = rng.uniform(8.2, 9.8)
        start = rng.uniform(-40, 25)
        warm = rng.normal(0, 0.04)
        return cls(
            half_width=rng.uniform(46, 50),
            lean=rng.uniform(0.10, 0.35),
            pitch=pitch,
            hole=rng.uniform(0.46, 0.57),
            shift=(rng.uniform(0, pitch), rng.uniform(0, pitch)),
            plastic=rng.uniform(0.022, 0.045),
            floor_light=rng.uniform(0.12, 0.3),
            wall_light=(rng.uniform(0.45, 1.0), rng.uniform(0.10, 0.24)),
            tint=(1 + warm, 1, 1 - warm),
            solid=(start, start + rng.uniform(12, 25)),
            seed=int(rng.integers(2**32)),
        )

    def picture(self, lens: Lens) -> Layer:
        """The empty tray through ``lens`` before its blur: (240, 320, 3) float32, linear."""
        rays = lens.rays(_OVERSAMPLING)
        floor = on_floor(lens, rays)
        light = self._surface(floor[..., 0], floor[..., 1], self.floor_light)
        for side, through in zip((-1, 1), self.wall_light, strict=True):
            x, z = self._on_wall(lens, rays, side)
            wall = self._surface(x, z, through, solid=self.solid if side > 0 else None)
            light = np.where(side * floor[..., 1] > self.half_width, wall, light)
        blocks = light.reshape(HEIGHT, _OVERSAMPLING, WIDTH, _OVERSAMPLING).mean(axis=(1, 3))
        # The plastic is neutral; only what shines through the holes is tinted.
        shine = np.clip(blocks - self.plastic, 0, None)[..., None]
        return (blocks[..., None] + shine * (np.array(self.tint) - 1)).astype(np.float32)

    def _on_wall(self, lens: Lens, rays: Layer, side: int) -> tuple[Plane, Plane]:
        """Along the wall and up it, in millimetres, where rays meet the plane of the wall on ``side``."""
        x, y, z = lens.position
        distance = (self.half_width + z * self.lean - side * y) / (side * rays[..., 1] + rays[..., 2] * self.lean)
        return x + distance * rays[..., 0], (z - distance * rays[..., 2]) * np.hypot(1, self.lean)

    def _surface(self, u: Plane, v: Plane, through: float, solid: tuple[float, float] | None = None) -> Plane:
        """Light from points (u, v) of a perforated sheet."""
        cell_u, cell_v = (u + self.shift[0]) / self.pitch, (v + self.shift[1]) / self.pitch
        in_u, in_v = cell_u - np.floor(cell_u) - 0.5, cell_v - np.floor(cell_v) - 0.5
        open_ = _rounded_square(in_u, in_v, self.hole)
        # The thick plate hides the upper part of what lies beneath: holes are darker towards one edge.
        depth = np.clip(0.72 + 0.9 * in_v / self.hole + 0.25 * in_u / self.hole, 0.3, 1.15)
        shine = through * depth * self._per_hole(np.floor(cell_u), np.floor(cell_v))
        if solid is not None:
            shine = np.where((u > solid[0]) & (u < solid[1]), 0.2 * self.plastic, shine)
        rim = 1 + 0.35 * (_rounded_square(in_u, in_v, self.hole + 0.14) & ~open_)
        return np.where(open_, shine, self.plastic * rim)

    def _per_hole(self, column: Plane, row: Plane) -> NDArray[np.float64]:
        table = np.random.default_rng(self.seed).uniform(0.82, 1.15, (64, 64))
        return table[row.astype(np.int64) % 64, column.astype(np.int64) % 64]


def _rounded_square(u: Plane, v: Plane, side: float, roundness: float = 0.3) -> NDArray[np.bool_]:
    radius = roundness * side / 2
    outside = [np.clip(np.abs(axis) - (side / 2 - radius), 0, None) for axis in (u, v)]
    return np.hypot(*outside) <= radius
