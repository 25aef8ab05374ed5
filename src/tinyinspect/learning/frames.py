"""Labelled frames as tensors on the training device."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tinyinspect.selection.labelled import Labelled

MOST_DETAIL = 4  # recorded pixels per model pixel and axis that are kept in memory


@dataclass(frozen=True)
class Frames:
    """Labelled frames as tensors on the training device.

    Attributes:
        sources: (n, 3, side, side) uint8, side >= size, to draw augmented views from.
        views: (n, 3, size, size) float32 in [0, 1], exactly what the camera's model sees.
        labels: (n,) int64.
    """

    sources: Tensor
    views: Tensor
    labels: Tensor

    def take(self, rows: NDArray[np.int64]) -> "Frames":
        """The frames at these rows."""
        index = torch.from_numpy(rows).to(self.labels.device)
        return Frames(self.sources[index], self.views[index], self.labels[index])

    def pictures(self, rows: Tensor) -> list[Tensor]:
        """Sources at these rows, each (3, side, side) uint8, not copied."""
        return [self.sources[row] for row in rows.tolist()]


def frames_of(labelled: Labelled, size: int, device: torch.device) -> Frames:
    """Frames as tensors: sources to augment from, and the views that the model will see."""
    recorded = min((min(picture.shape[:2]) for picture in labelled.pictures), default=size)
    side = min(max(recorded, size), MOST_DETAIL * size)
    return Frames(
        sources=_tensor(labelled.views(side), device),
        views=inputs_of(labelled.views(size), device),
        labels=torch.from_numpy(labelled.labels).to(device),
    )


def inputs_of(views: NDArray[np.uint8], device: torch.device) -> Tensor:
    """Views (n, size, size, 3) as a network takes them: (n, 3, size, size) float32 in [0, 1]."""
    return _tensor(views, device).float() / 255


def _tensor(pixels: NDArray[np.uint8], device: torch.device) -> Tensor:
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous().to(device)
