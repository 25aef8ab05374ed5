"""Where a network looked: which places of a picture speak for its answer.

HiResCAM (Draelos and Carin, "Use HiResCAM instead of Grad-CAM for faithful explanations", 2020): at a layer, gradient
times activation, summed over the channels. The layer is the last whose maps are at least 8 cells wide, for at the
last one of all a picture of 64 pixels is 4 cells wide.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

CELLS = 8  # across and down
_BATCH = 64


def attention(network: Any, views: NDArray[np.uint8], evidence: Callable[[Tensor], Tensor]) -> NDArray[np.float32]:
    """For each picture a map of 8x8 cells, (n, 8, 8) float32, from 0 to 1 at its strongest cell.

    Args:
        network: in eval mode; see :class:`tinyinspect.models.checkpoint.Network`.
        views: pictures as the model sees them, (n, size, size, 3).
        evidence: from outputs (b, k) to what is explained, (b,): the logit of the answer, say.
    """
    layer = _layer(network, torch.zeros(1, 3, network.input_size, network.input_size))
    starts = range(0, len(views), _BATCH)
    return np.concatenate([_maps(network, layer, views[start : start + _BATCH], evidence) for start in starts])


def _layer(network: Any, pixels: Tensor) -> nn.Module | None:
    """The last layer whose maps have 8 cells or more a side; None where only the picture itself has."""
    found: list[nn.Module] = []

    def note(module: nn.Module, _: object, output: Tensor) -> None:
        if output.dim() == 4 and min(output.shape[2:]) >= CELLS:
            found.append(module)

    hooks = [module.register_forward_hook(note) for module in _steps(network.backbone)]
    with torch.inference_mode():
        network(pixels)
    for hook in hooks:
        hook.remove()
    return found[-1] if found else None


def _steps(module: nn.Module) -> list[nn.Module]:
    """What follows one after another: sequences opened, everything else whole."""
    if not isinstance(module, nn.Sequential):
        return [module]
    return [step for child in module for step in _steps(child)]


def _maps(
    network: Any, layer: nn.Module | None, views: NDArray[np.uint8], evidence: Callable[[Tensor], Tensor]
) -> NDArray[np.float32]:
    pixels = torch.from_numpy(views.transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)).requires_grad_()
    seen = [pixels]

    def keep(_: nn.Module, __: object, output: Tensor) -> Tensor:
        seen.append(output)
        return output.clone()  # what follows may change it in place

    hook = None if layer is None else layer.register_forward_hook(keep)
    outputs = network(pixels)
    if hook is not None:
        hook.remove()
    (gradient,) = torch.autograd.grad(evidence(outputs).sum(), seen[-1])
    maps = (gradient * seen[-1]).sum(1, keepdim=True).clamp(min=0).detach()
    cells = nn.functional.adaptive_avg_pool2d(maps, CELLS)[:, 0]
    return (cells / cells.amax((1, 2), keepdim=True).clamp(min=1e-12)).numpy()
