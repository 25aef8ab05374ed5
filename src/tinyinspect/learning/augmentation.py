"""Augmentation of whole batches of tensors in memory.

Every picture of a batch gets its own draw: an affine move (crop, rotation, flips), colour jitter, sensor noise, and
last the camera's RGB565. The move samples the recorded pixels bilinearly without antialiasing, as the firmware's resize
does: a view that was resized before it is moved would be softer than what the camera's model sees.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from tinyinspect.config.train import Train

_HIGHLIGHT = 0.9  # of the pixels are darker than a picture's highlights
_AT_ONCE = 4  # pictures whose floats stay in the processor's cache


@dataclass(frozen=True)
class Strength:
    """How far a picture may be changed.

    Attributes:
        min_scale: smallest cropped area, as a part of the picture.
        rotation: largest angle either way, degrees.
        colour_jitter: largest relative change of brightness, contrast and saturation.
        noise: standard deviation, pixels in [0, 1].
    """

    min_scale: float
    rotation: float
    colour_jitter: float
    noise: float


def strength_of(settings: Train) -> Strength:
    """How far ``train`` says that a picture may be changed."""
    return Strength(settings.min_scale, settings.rotation, settings.colour_jitter, settings.noise)


def augment(
    pictures: Sequence[Tensor] | Tensor,
    size: int,
    strength: Strength,
    generator: torch.Generator,
    *,
    keep_highlights: bool = False,
) -> Tensor:
    """Draw a changed view of every picture.

    Args:
        pictures: n of (3, side, side) uint8, side >= size.
        size: side of the model's input in pixels.
        strength: bounds of the draws.
        generator: of the CPU; the draws are the same on every device.
        keep_highlights: brighten no picture so far that its highlights are lost, as an overexposed one's are.

    Returns:
        (n, 3, size, size) float32 in [0, 1] on the device of the pictures.
    """
    # In place where it can be: on the CPU a pass over memory costs more than its arithmetic.
    moved = _move(pictures, size, strength, generator).div_(255)
    coloured = _jitter(moved, strength.colour_jitter, generator)
    if keep_highlights:
        _darken(coloured)
    noise = torch.randn(coloured.shape, generator=generator).to(coloured)
    return rgb565(coloured.add_(noise, alpha=strength.noise).clamp_(0, 1))


def rgb565(pixels: Tensor) -> Tensor:
    """Round (n, 3, h, w) pixels in [0, 1] as the camera's 5-6-5 bits do: truncate, then repeat the high bits."""
    steps = torch.tensor([8.0, 4.0, 8.0], device=pixels.device).view(3, 1, 1)
    high = (pixels * 255).round_().div_(steps).floor_().mul_(steps)
    return (high * steps).div_(256).floor_().add_(high).div_(255)


def _move(pictures: Sequence[Tensor] | Tensor, size: int, strength: Strength, generator: torch.Generator) -> Tensor:
    count, device = len(pictures), pictures[0].device

    def draw(low: float, high: float) -> Tensor:
        return torch.rand(count, generator=generator) * (high - low) + low

    scale = draw(strength.min_scale, 1).sqrt()
    stretch = min(math.log(4 / 3), -math.log(strength.min_scale)) / 2
    aspect = draw(-stretch, stretch).exp()
    angle = draw(-1, 1) * math.radians(strength.rotation)
    flips = draw(0, 1).lt(0.5) * 2 - 1, draw(0, 1).lt(0.5) * 2 - 1
    across, down = (scale * aspect).clamp(max=1), (scale / aspect).clamp(max=1)
    shift_x, shift_y = draw(-1, 1) * (1 - across), draw(-1, 1) * (1 - down)
    rows = (
        torch.stack([across * angle.cos() * flips[0], -down * angle.sin() * flips[1], shift_x], 1),
        torch.stack([across * angle.sin() * flips[0], down * angle.cos() * flips[1], shift_y], 1),
    )
    grid = F.affine_grid(torch.stack(rows, 1), [count, 3, size, size], align_corners=False).to(device)
    grid -= 1 / size  # the firmware samples half a model pixel up and left of the pixel's centre
    return _sample(pictures, grid)


def _sample(pictures: Sequence[Tensor] | Tensor, grid: Tensor) -> Tensor:
    recorded = torch.empty((_AT_ONCE, *pictures[0].shape), device=grid.device)  # used again, as the cache holds it
    moved = []
    for start in range(0, len(pictures), _AT_ONCE):
        some = pictures[start : start + _AT_ONCE]
        for place, picture in zip(recorded, some, strict=False):
            place.copy_(picture)  # to float on the way
        part = grid[start : start + _AT_ONCE]
        moved.append(F.grid_sample(recorded[: len(some)], part, padding_mode="reflection", align_corners=False))
    return torch.cat(moved)


def _jitter(pixels: Tensor, amount: float, generator: torch.Generator) -> Tensor:
    """Brightness, saturation about grey and contrast about the mean, in turn; being linear they are one pass."""

    def factor() -> Tensor:
        draw = 1 + amount * (2 * torch.rand((len(pixels), 1, 1, 1), generator=generator) - 1)
        return draw.to(pixels.device)

    brightness, saturation, contrast = factor(), factor(), factor()
    grey = pixels.mean(1, keepdim=True)
    offset = (1 - contrast) * brightness * grey.mean((2, 3), keepdim=True)
    offset = grey.mul_(contrast * brightness * (1 - saturation)).add_(offset)
    return torch.addcmul(offset, pixels, contrast * brightness * saturation)


def _darken(pixels: Tensor) -> None:
    """Scale pictures whose highlights are brighter than white down to it, in place."""
    highlights = pixels.mean(1).flatten(1).quantile(_HIGHLIGHT, dim=1)
    pixels.div_(highlights.clamp_(min=1).view(-1, 1, 1, 1))
