"""Light over the line: its strength in time, and how it falls over the picture."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from tinyinspect.simulation.canvas import Layer
from tinyinspect.simulation.lens import HEIGHT, WIDTH

_WAVE = 45  # frames over which the light's strength changes


@dataclass(frozen=True)
class Light:
    """The light of one recording.

    Attributes:
        level: median exposure; 1 renders a white mask as about 215 of 255.
        drift: deviation of the level's logarithm over minutes.
        flicker: deviation of the level's logarithm from frame to frame.
        metering: how strongly the automatic exposure answers a white mask.
        vignetting: loss of light in the corners.
        slope: change of light from left to right and from top to bottom, as parts.
        glare: strength, and glare_at the x and y of a bright patch, in parts of the picture.
        glare_at: see ``glare``.
    """

    level: float
    drift: float
    flicker: float
    metering: float
    vignetting: float
    slope: tuple[float, float]
    glare: float
    glare_at: tuple[float, float]

    @classmethod
    def drawn(cls, rng: np.random.Generator, brightness: float) -> "Light":
        """The light of a recording; ``brightness`` in [0, 1] goes from the darkest to the brightest."""
        return cls(
            level=float(np.exp(np.interp(brightness, [0, 1], np.log([0.35, 1.8])))),
            drift=rng.uniform(0.2, 0.45),
            flicker=rng.uniform(0.003, 0.015),
            metering=rng.uniform(0.1, 0.6),
            vignetting=rng.uniform(0.1, 0.5),
            slope=(rng.normal(0, 0.12), rng.normal(0, 0.15)),
            glare=rng.uniform(0, 0.8),
            glare_at=(rng.uniform(0.3, 0.7), rng.uniform(0.3, 0.9)),
        )

    def levels(self, frames: int, rng: np.random.Generator) -> Layer:
        """Exposure of each frame before the automatic answers the scene, (frames,) float32."""
        noise = ndimage.gaussian_filter1d(rng.standard_normal(frames + 8 * _WAVE), _WAVE)[4 * _WAVE : -4 * _WAVE]
        slow = noise * np.sqrt(2 * np.sqrt(np.pi) * _WAVE) * self.drift  # smoothing took that much of the deviation
        return (self.level * np.exp(slow + rng.normal(0, self.flicker, frames))).astype(np.float32)

    def field(self) -> Layer:
        """Light at each pixel relative to the level, (240, 320, 1) float32."""
        x = np.linspace(-1, 1, WIDTH)[None, :]
        y = np.linspace(-0.75, 0.75, HEIGHT)[:, None]
        fall = 1 - self.vignetting * (x**2 + y**2) / 1.56
        slope = 1 + self.slope[0] * x + self.slope[1] * y / 0.75
        from_glare = (x - 2 * self.glare_at[0] + 1) ** 2 / 0.5 + (y - 1.5 * self.glare_at[1] + 0.75) ** 2 / 0.12
        light = fall * slope * (1 + self.glare * np.exp(-from_glare))
        return light.astype(np.float32)[..., None]

    def metered(self, level: float, covered: float) -> float:
        """The exposure when a part ``covered`` of the picture is white mask."""
        return level * (1 + 0.4 * self.metering) / (1 + self.metering * covered)
