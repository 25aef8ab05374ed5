"""One individual mask, and the texture by which the camera sees it in one pass."""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from tinyinspect.simulation import loops
from tinyinspect.simulation.canvas import SCALE, Canvas, Layer, blend
from tinyinspect.simulation.defects import Defect, Sheet, damage
from tinyinspect.simulation.fabric import Fabric
from tinyinspect.simulation.stitching import Stitching

COLOUR, COVERAGE, BODY, EVIDENCE, SHADOW = slice(0, 3), 3, 4, 5, 6  # channels of a texture
_CHANNELS = 7
_HEIGHT = 124  # millimetres of a texture: the mask, and loops that swing out
_PIXELS_PER_MM2 = 4  # of the camera's picture, about
_ENOUGH = 15  # square millimetres of a large defect that prove it
_LOOP_ROOM = 20  # millimetres beside an end in which a loop would be seen
_KINDS = {Defect.CUT: 5, Defect.TEAR: 5, Defect.NOTCH: 8, Defect.HOLE: 4, Defect.STAIN: 3, Defect.FOLD: 1.5}


@dataclass(frozen=True)
class Mask:
    """An individual: the same cloth, seams and defects in each of its passes.

    Attributes:
        fabric: its body.
        stitching: its seams.
        defects: what is wrong with its body.
        lost_loop: -1 or 1 where its left or right loop is missing, else 0.
        seed: of the places and sizes of its defects.
    """

    fabric: Fabric
    stitching: Stitching
    defects: tuple[Defect, ...]
    lost_loop: int
    seed: int

    @classmethod
    def drawn(cls, rng: np.random.Generator, defective: bool) -> "Mask":
        """A good or defective individual."""
        lost_loop = int(rng.choice([-1, 1])) if defective and rng.random() < 0.12 else 0
        count = (0 if lost_loop else 1) + min(int(rng.geometric(0.3)) - 1, 6) if defective else 0
        weights = np.array(list(_KINDS.values()))
        kinds = rng.choice(list(_KINDS), size=count, p=weights / weights.sum())
        return cls(
            fabric=Fabric.drawn(rng),
            stitching=Stitching.drawn(rng),
            defects=tuple(Defect(kind) for kind in kinds),
            lost_loop=lost_loop,
            seed=int(rng.integers(2**32)),
        )

    def texture(self, rng: np.random.Generator, blur: float) -> torch.Tensor:
        """The mask lying flat, as it lies in one pass.

        Args:
            rng: lays wrinkles and loops.
            blur: of the lens, in pixels of the camera.

        Returns:
            (1, 7, rows, columns) float32: colour times coverage (linear RGB), coverage by body and loops, coverage by
            the body alone, evidence of defects (sums to 1 over a whole small defect or enough of a large one, in
            pixels of the camera), and shadow on what lies below.
        """
        canvas = Canvas(self.fabric.length + 2 * loops.REACH, _HEIGHT)
        sheet = Sheet(canvas, self.fabric, self.fabric.colour(canvas, rng), self.fabric.outline(canvas))
        self.stitching.sew(canvas, sheet.colour, self.fabric)
        evidence = self._damaged(sheet)
        body = sheet.coverage.copy()
        self._add_loops(sheet, rng)
        layers = np.empty((_CHANNELS, *canvas.shape), np.float32)
        layers[COLOUR] = np.moveaxis(sheet.colour * sheet.coverage[..., None], -1, 0)
        layers[COVERAGE], layers[BODY], layers[EVIDENCE] = sheet.coverage, body, evidence
        layers[SHADOW] = sheet.coverage
        bent = _bent(torch.from_numpy(layers)[None], rng)
        bent[:, :SHADOW] = _blurred(bent[:, :SHADOW], blur * SCALE / np.sqrt(_PIXELS_PER_MM2))
        bent[:, SHADOW:] = _blurred(bent[:, SHADOW:], 2.0 * SCALE)
        return bent

    def _damaged(self, sheet: Sheet) -> Layer:
        rng = np.random.default_rng(self.seed)
        evidence = np.zeros(sheet.canvas.shape, np.float32)
        for kind in self.defects:
            shown = damage(kind, sheet, rng)
            evidence += shown / (_PIXELS_PER_MM2 * np.clip(shown.sum() / SCALE**2, 1, _ENOUGH))
        if self.lost_loop:
            beside = self.lost_loop * sheet.canvas.x - self.fabric.length / 2
            room = (beside > 0) & (beside < _LOOP_ROOM) & (np.abs(sheet.canvas.y) < self.fabric.height / 2)
            evidence += room / (_PIXELS_PER_MM2 * _LOOP_ROOM * self.fabric.height)
        return evidence

    def _add_loops(self, sheet: Sheet, rng: np.random.Generator) -> None:
        for side in (-1, 1):
            cord = loops.loop(sheet.canvas, self.fabric, side, rng)
            if side != self.lost_loop:
                cord *= 1 - sheet.coverage  # a loop is welded to the back and comes out from beneath
                blend(sheet.colour, np.array([0.72, 0.75, 0.78]) * rng.uniform(0.8, 1.0), cord)
                sheet.coverage += cord


def _bent(layers: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Cloth is never flat: push it a millimetre or two this way and that in long waves, and bow its edges."""
    rows, columns = layers.shape[2:]
    y = torch.linspace(-1, 1, rows)[:, None] * rows / 2 / SCALE
    x = torch.linspace(-1, 1, columns)[None, :] * columns / 2 / SCALE
    wave = [
        rng.uniform(0.2, 1.1) * torch.sin(2 * np.pi * axis / rng.uniform(50, 140) + rng.uniform(0, 6))
        for axis in (x, y)
    ]
    bow = rng.normal(0.8, 1.2) * (x / 60) ** 2 * y / 45
    shift_x, shift_y = wave[1] + torch.zeros_like(x), wave[0] + bow
    grid = torch.stack([(x + shift_x) * 2 * SCALE / columns, (y + shift_y) * 2 * SCALE / rows], dim=-1)
    return functional.grid_sample(layers, grid[None], align_corners=False)


def _blurred(layers: torch.Tensor, deviation: float) -> torch.Tensor:
    """Separable Gaussian blur by ``deviation`` texture pixels."""
    reach = int(np.ceil(2.5 * deviation))
    weights = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / deviation) ** 2)
    weights = (weights / weights.sum()).to(layers.dtype)
    flat = layers[0][:, None]
    flat = functional.conv2d(flat, weights[None, None, :, None], padding=(reach, 0))
    return functional.conv2d(flat, weights[None, None, None, :], padding=(0, reach))[:, 0][None]
