"""Folding a network's own normalisation of pixels into its first convolution.

So a network that was trained on (pixel - mean) / std takes pixels in [0, 1], as the camera gives them.
"""

from collections.abc import Sequence

import torch
from torch import nn


@torch.no_grad()
def fold_normalisation(convolution: nn.Module, norm: nn.Module, mean: Sequence[float], std: Sequence[float]) -> None:
    """Change a convolution for normalised pixels, and the BatchNorm behind it, into those for pixels in [0, 1].

    Exact wherever the convolution sees no padding; there, black takes the place of the mean colour.

    Args:
        convolution: of 3 channels, without a bias; changed in place.
        norm: the BatchNorm behind it; changed in place.
        mean: of each channel, that was subtracted.
        std: of each channel, by which the rest was divided.
    """
    weight = convolution.get_parameter("weight")
    weight.div_(torch.tensor(std).view(1, 3, 1, 1))
    norm.get_buffer("running_mean").add_((weight * torch.tensor(mean).view(1, 3, 1, 1)).sum((1, 2, 3)))
