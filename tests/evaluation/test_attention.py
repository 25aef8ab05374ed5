import numpy as np
import torch

from tinyinspect.evaluation.attention import CELLS, attention
from tinyinspect.models.checkpoint import build


class Corner(torch.nn.Module):
    """Sees the brightness of a picture's upper left quarter, through a layer of 16 cells a side."""

    input_size = 32

    def __init__(self) -> None:
        super().__init__()
        self.backbone = torch.nn.Sequential(torch.nn.AvgPool2d(2), torch.nn.ReLU(inplace=True))

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        quarter = self.backbone(pixels)[:, :, :8, :8].mean((1, 2, 3))
        return torch.stack([quarter, -quarter], 1)


def test_only_what_speaks_for_the_answer_lights_up():
    views = np.full((3, 32, 32, 3), 200, np.uint8)
    maps = attention(Corner(), views, lambda outputs: outputs.max(1).values)
    assert maps.shape == (3, CELLS, CELLS) and maps.dtype == np.float32
    assert (maps[:, :4, :4] == 1).all() and (maps[:, 4:] == 0).all() and (maps[:, :, 4:] == 0).all()


def test_a_network_of_ours_gives_a_map_of_each_picture(small_model):
    torch.manual_seed(0)
    network = build(small_model, 2).eval()
    views = np.random.default_rng(0).integers(0, 256, (70, 32, 32, 3), np.uint8)
    maps = attention(network, views, lambda outputs: outputs.max(1).values)
    assert maps.shape == (70, CELLS, CELLS) and np.isfinite(maps).all() and maps.max() <= 1
    assert np.array_equal(maps, attention(network, views, lambda outputs: outputs.max(1).values))
