"""A pretrained backbone that gives embeddings, apart from what pretraining alone needs and takes seconds to load."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from tinyinspect.learning.devices import device_of
from tinyinspect.models.checkpoint import load_backbone


def load_encoder(path: Path, device: str) -> tuple[Callable[[NDArray[np.uint8]], NDArray[np.float32]], int]:
    """A pretrained backbone as a function from camera views to embeddings.

    Returns:
        encode: (b, size, size, 3) uint8 to (b, d) float32.
        size: pixels, the side of a view.
    """
    network, place = load_backbone(path), device_of(device)
    backbone = network.backbone.to(place)

    @torch.no_grad()
    def encode(views: NDArray[np.uint8]) -> NDArray[np.float32]:
        inputs = torch.from_numpy(views).to(place).permute(0, 3, 1, 2).float() / 255
        return backbone(inputs).cpu().numpy()

    return encode, network.input_size
