"""Where the camera hangs over the tray, and which ray each of its pixels sees."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

WIDTH, HEIGHT = 320, 240  # pixels: OpenMV's QVGA


@dataclass(frozen=True)
class Lens:
    """A wide-angle camera above the tray.

    Attributes:
        position: x, y, z of the camera in millimetres; z is its height over the floor.
        focal: focal length in pixels.
        barrel: radial distortion; a pixel at radius r (in focal lengths) sees as far out as r (1 + barrel r^2).
        tilt: rotation about x, y and the optical axis in degrees.
        blur: standard deviation of the lens's blur in pixels.
    """

    position: tuple[float, float, float]
    focal: float
    barrel: float
    tilt: tuple[float, float, float]
    blur: float

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> "Lens":
        """A lens as it may hang over the line in one recording."""
        height = rng.uniform(104, 122)
        return cls(
            position=(rng.uniform(-5, 5), rng.uniform(2, 8), height),
            focal=rng.uniform(2.12, 2.4) * height,
            barrel=rng.uniform(0.22, 0.48),
            tilt=(rng.normal(0, 1.2), rng.normal(0, 1.2), rng.normal(0, 1.0)),
            blur=rng.uniform(0.5, 0.85),
        )

    def rays(self, oversampling: int = 1) -> NDArray[np.float32]:
        """Direction of each (sub)pixel's ray, (rows, columns, 3) float32; z points down to the floor."""
        columns = (np.arange(WIDTH * oversampling) + 0.5) / oversampling - WIDTH / 2
        rows = (np.arange(HEIGHT * oversampling) + 0.5) / oversampling - HEIGHT / 2
        x, y = np.meshgrid(columns / self.focal, rows / self.focal)
        stretch = 1 + self.barrel * (x**2 + y**2)
        straight = np.stack([x * stretch, y * stretch, np.ones_like(x)], axis=-1)
        turned = Rotation.from_euler("xyz", self.tilt, degrees=True).apply(straight.reshape(-1, 3))
        return turned.reshape(straight.shape).astype(np.float32)

    @cached_property
    def floor(self) -> NDArray[np.float32]:
        """The point of the floor under each pixel, (240, 320, 2) float32 in millimetres."""
        return on_floor(self, self.rays())


def on_floor(lens: Lens, rays: NDArray[np.float32]) -> NDArray[np.float32]:
    """Where rays (..., 3) meet the plane of the floor, (..., 2) float32 in millimetres."""
    x, y, z = lens.position
    return np.array([x, y], np.float32) + rays[..., :2] * (np.float32(z) / rays[..., 2:])
