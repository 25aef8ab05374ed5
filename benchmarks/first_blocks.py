"""What the first blocks of a network see of a frame on the average, against what they see of normal frames.

A frame lies within the limit if the Mahalanobis distance of its numbers, the means of the channels of the first three
blocks, is one that 98 % of the normal frames have, each measured without its fifth of them. No fault is learned from.
Source: Lee et al., "A Simple Unified Framework for Detecting Out-of-Distribution Samples and Adversarial Attacks",
NeurIPS 2018.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.covariance import LedoitWolf
from torch import Tensor, nn

BLOCKS, FOLDS, REFUSED = 3, 5, 0.02
SPREAD = 8  # standard deviations of the normal frames, at which a number is clipped, as int8 would
BATCH = 64
Numbers = NDArray[np.float64]  # (n, s)


class FirstBlocks:
    """The test, learned from normal frames.

    Args:
        network: whose backbone holds blocks one after another.
        held_out: normal frames that it was not trained on, (n, 3, size, size).
        trained: those that it was trained on.
    """

    def __init__(self, network: Any, held_out: Tensor, trained: Tensor) -> None:
        self._network = network
        means = _means(network, trained)
        self._center, self._spread = means.mean(0), np.where(means.std(0) > 0, means.std(0), 1)
        normals = np.concatenate([self._numbers(held_out), self._numbers(trained)])
        folds = np.random.default_rng(0).permutation(len(normals)) % FOLDS
        found = [_distances(normals[folds != fold], normals[folds == fold]) for fold in range(FOLDS)]
        self._normals, self._limit = normals, float(np.quantile(np.concatenate(found), 1 - REFUSED))

    def within(self, views: Tensor) -> NDArray[np.bool_]:
        """Which frames, (n, 3, size, size), lie within the limit, (n,)."""
        if not len(views):
            return np.zeros(0, bool)
        return _distances(self._normals, self._numbers(views)) <= self._limit

    def _numbers(self, views: Tensor) -> Numbers:
        return np.clip((_means(self._network, views) - self._center) / self._spread, -SPREAD, SPREAD)


def _means(network: Any, views: Tensor) -> Numbers:
    with torch.inference_mode():
        found = [_of_batch(network.eval(), batch) for batch in views.split(BATCH)]
    return torch.cat(found).cpu().numpy().astype(np.float64)


def _of_batch(network: Any, x: Tensor) -> Tensor:
    means: list[Tensor] = []
    for step in _steps(network.backbone):
        x = step(x)
        if any(True for _ in step.children()):
            means.append(x.mean((2, 3)))
        if len(means) == BLOCKS:
            break
    return torch.cat(means, 1)


def _steps(module: nn.Module) -> list[nn.Module]:
    """What follows one after another: sequences opened, everything else whole."""
    if not isinstance(module, nn.Sequential):
        return [module]
    return [step for child in module for step in _steps(child)]


def _distances(normals: Numbers, frames: Numbers) -> Numbers:
    """Squared, (n,)."""
    spread = np.where(normals.std(0) > 0, normals.std(0), 1)
    found: Numbers = LedoitWolf().fit(normals / spread).mahalanobis(frames / spread)
    return found
