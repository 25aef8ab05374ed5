"""From light to a JPEG, as the camera's sensor and firmware make it."""

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from tinyinspect.camera import Pixels, from_rgb565, to_rgb565
from tinyinspect.simulation.canvas import Layer
from tinyinspect.simulation.lens import HEIGHT, WIDTH

_STEPS, _BRIGHTEST = 8192, 4.0  # of the tone curve's table


@dataclass(frozen=True)
class Sensor:
    """The sensor's settings in one recording.

    Attributes:
        balance: white balance, gain of red, green and blue.
        gamma: of the tone curve.
        knee: how hard highlights clip; larger is harder.
        black: offset of the darkest level, of 255.
        noise: deviation of the noise, of 255.
        mottle: deviation of the slow colour blotches, as a part.
    """

    balance: tuple[float, float, float]
    gamma: float
    knee: float
    black: float
    noise: float
    mottle: float

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> "Sensor":
        """Settings of one recording."""
        warm, green = rng.normal(0, 0.035), rng.normal(0, 0.02)
        return cls(
            balance=(1 + warm, 1 + green, 1 - warm),
            gamma=rng.uniform(1.9, 2.4),
            knee=rng.uniform(3, 8),
            black=rng.uniform(0, 8),
            noise=rng.uniform(0.8, 2.2),
            mottle=rng.uniform(0.005, 0.015),
        )

    def tone(self) -> NDArray[np.float32]:
        """The tone curve from linear light in [0, 4) to levels in [0, 255], (8192,) float32."""
        light = np.linspace(0, _BRIGHTEST, _STEPS)
        clipped = light / (1 + light**self.knee) ** (1 / self.knee)
        return (self.black + (255 - self.black) * clipped ** (1 / self.gamma)).astype(np.float32)

    def blotches(self, rng: np.random.Generator) -> Layer:
        """Fixed gain of each pixel: white balance and slow blotches of colour, (240, 320, 3) float32."""
        field = ndimage.gaussian_filter(rng.standard_normal((HEIGHT, WIDTH, 3), dtype=np.float32), (14, 14, 0))
        return np.array(self.balance, np.float32) * (1 + self.mottle * field / field.std())

    def grain(self, rng: np.random.Generator) -> Layer:
        """Noise to cut a frame's noise from, (480, 640, 1) float32: the firmware smooths colour noise away."""
        grain = ndimage.gaussian_filter(rng.standard_normal((2 * HEIGHT, 2 * WIDTH), dtype=np.float32), 0.6)
        return (self.noise * grain / grain.std())[..., None]


class Development:
    """Turns linear light into pixels; holds one recording's tone curve and noise."""

    def __init__(self, sensor: Sensor, rng: np.random.Generator) -> None:
        self._tone, self._grain, self._rng = sensor.tone(), sensor.grain(rng), rng

    def pixels(self, light: Layer) -> Pixels:
        """(240, 320, 3) float32 linear light to uint8 RGB that went through RGB565."""
        steps = np.clip(light * (_STEPS / _BRIGHTEST), 0, _STEPS - 1).astype(np.int32)
        top, left = self._rng.integers(0, [HEIGHT, WIDTH])
        noisy = self._tone[steps] + self._grain[top : top + HEIGHT, left : left + WIDTH]
        return from_rgb565(to_rgb565(np.clip(noisy, 0, 255).astype(np.uint8)))


def jpeg(pixels: Pixels, quality: int) -> bytes:
    """Compress as baseline JPEG with chroma at half resolution."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality, subsampling="4:2:0", optimize=True)
    return buffer.getvalue()
