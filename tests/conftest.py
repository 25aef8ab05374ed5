"""Small real inputs that many tests share."""

import numpy as np
import pytest
import torch
import torch._dynamo  # loads triton, which crashes when TensorFlow was loaded first

from tinyinspect.models.checkpoint import build
from tinyinspect.models.resnet9.settings import Model as ResNet9Settings
from tinyinspect.selection.labelled import Labelled

SMALL = {
    "stem_stride": 2,
    "stem_kernel": 3,
    "channels": [4, 6, 8, 8],
    "convolutions": [2, 2, 2, 2],
    "residual": [True, True, True, True],
}


@pytest.fixture(scope="session")
def small_model() -> ResNet9Settings:
    return ResNet9Settings(architecture="resnet9", input_size=32, features=8, **SMALL)


@pytest.fixture
def small_network(small_model):
    torch.manual_seed(0)
    return build(small_model, 2).eval()


@pytest.fixture(scope="session")
def bars_and_blanks() -> Labelled:
    """24 frames of 48x64: a bright bar at any place, or a blank; separable, but not by their mean alone."""
    random = np.random.default_rng(0)
    pictures, labels = [], []
    for number in range(24):
        picture = random.integers(0, 120, (48, 64, 3), np.uint8)
        if number % 2 == 0:
            row = random.integers(8, 36)
            picture[row : row + 5, 8:56] = 250
        pictures.append(picture)
        labels.append(number % 2)
    return Labelled(pictures, np.array(labels, np.int64), [f"{number}.jpg" for number in range(24)])
