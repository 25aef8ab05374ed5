"""The body of a surgical mask: its outline, cloth, pleats and wrinkles."""

from dataclasses import dataclass

import numpy as np

from tinyinspect.simulation.canvas import Canvas, Layer, blend


@dataclass(frozen=True)
class Fabric:
    """One individual's cloth, lying flat.

    Attributes:
        length: along the line, in millimetres.
        height: across the line, in millimetres.
        cloth: linear reflectance, RGB.
        shade: reflectance of the cloth's less lit parts, RGB, relative to ``cloth``.
        panels: brightness in [0, 1] at nine even steps from the upper to the lower edge.
        pleats: where pleats lie, in parts of the height.
        pleat_depth: how dark their lines are.
        wrinkles: strength of the wrinkles.
    """

    length: float
    height: float
    cloth: tuple[float, float, float]
    shade: tuple[float, float, float]
    panels: tuple[float, ...]
    pleats: tuple[float, ...]
    pleat_depth: float
    wrinkles: float

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> "Fabric":
        """The cloth of one individual."""
        white, blue = rng.uniform(0.62, 0.8), rng.normal(0.05, 0.03)
        warm, dim = rng.normal(0.04, 0.03), rng.uniform(0.4, 0.68)
        count = int(rng.choice([2, 3, 3, 3, 4]))
        first, last = rng.uniform(0.38, 0.5), rng.uniform(0.62, 0.74)
        panels = np.array([0.8, 0.35, 0.3, 0.6, 0.9, 0.95, 0.6, 0.25, 0.6]) + rng.normal(0, 0.15, 9)
        return cls(
            length=rng.uniform(120, 160),
            height=rng.uniform(95, 105),
            cloth=(white * (1 - blue), white, white * (1 + blue)),
            shade=(dim * (1 + warm), dim, dim * (1 - warm)),
            panels=tuple(np.clip(panels, 0, 1)),
            pleats=tuple(np.linspace(first, last, count) + rng.normal(0, 0.012, count)),
            pleat_depth=rng.uniform(0.25, 0.75),
            wrinkles=rng.uniform(0.02, 0.1),
        )

    def outline(self, canvas: Canvas) -> Layer:
        """Coverage of the body."""
        x, y = self.length / 2, self.height / 2
        return canvas.polygon([(-x, -y), (x, -y), (x, y), (-x, y)])

    def colour(self, canvas: Canvas, rng: np.random.Generator) -> Layer:
        """Linear reflectance of the body, (rows, columns, 3); ``rng`` lays the cloth anew in every pass."""
        down = canvas.y / self.height + 0.5 + 0.012 * canvas.noise(rng, 60, 60)
        lit = np.interp(down, np.linspace(0, 1, 9), self.panels).astype(np.float32)
        lit = np.clip(lit + 0.12 * canvas.noise(rng, 40, 18), 0, 1)
        cloth = np.array(self.cloth, np.float32)
        colour = cloth * (np.array(self.shade) + lit[..., None] * (1 - np.array(self.shade))).astype(np.float32)
        self._fold_pleats(canvas, colour, down, rng)
        creases = self.wrinkles * (0.5 * canvas.noise(rng, 14, 5) + 0.35 * canvas.noise(rng, 4, 9))
        creases += 0.008 * canvas.noise(rng, 1, 1)
        colour *= (1 + creases + _crumples(canvas, rng, self.wrinkles))[..., None]
        return colour

    def _fold_pleats(self, canvas: Canvas, colour: Layer, down: Layer, rng: np.random.Generator) -> None:
        """A pleat is a dark line with a lit edge below and a little shade above."""
        for place in self.pleats:
            wander = place + rng.normal(0, 0.006) + rng.normal(0, 0.012) * canvas.x / self.length
            below = (down - wander - 0.004 * canvas.noise(rng, 30, 200)) * self.height
            strength = np.clip(1 + 0.4 * canvas.noise(rng, 25, 200), 0.2, 1.6)
            width = rng.uniform(0.4, 0.7)
            line = np.exp(-((below / width) ** 2)) * self.pleat_depth * strength
            blend(colour, colour * np.array([0.35, 0.45, 0.6], np.float32), np.clip(line * 1.6, 0, 1))
            colour *= (1 - 0.25 * self.pleat_depth * np.exp(below / 4) * (below < 0))[..., None]
            colour *= (1 + 0.3 * self.pleat_depth * np.exp(-below / 5) * (below > 0))[..., None]


def _crumples(canvas: Canvas, rng: np.random.Generator, strength: float) -> Layer:
    """A few straight creases that run any way over the cloth."""
    light = np.zeros(canvas.shape, np.float32)
    for _ in range(int(rng.poisson(60 * strength))):
        angle, x, y = rng.uniform(0, np.pi), rng.uniform(-60, 60), rng.uniform(-45, 45)
        along = (canvas.x - x) * np.cos(angle) + (canvas.y - y) * np.sin(angle)
        across = (canvas.y - y) * np.cos(angle) - (canvas.x - x) * np.sin(angle)
        reach = rng.uniform(5, 18)
        light += rng.uniform(0.04, 0.2) * np.exp(-((along / reach) ** 2)) * across * np.exp(-((across / 1.5) ** 2))
    return light
