from pathlib import Path

import pytest
import torch
import yaml

from tinyinspect.errors import InputError
from tinyinspect.models.checkpoint import build
from tinyinspect.models.resnet9.settings import Model as ResNet9Settings
from tinyinspect.project.compose import composed

ROOT = Path(__file__).parents[2]


def multiply_adds(network: torch.nn.Module, size: int) -> int:
    """Counted from the shapes that really pass, independent of the network's own code."""
    total = 0

    def count(layer: torch.nn.Module, inputs: tuple, output: torch.Tensor) -> None:
        nonlocal total
        total += layer.weight[0].numel() * output[0].numel()

    layers = [m for m in network.modules() if isinstance(m, torch.nn.Conv2d | torch.nn.Linear)]
    hooks = [layer.register_forward_hook(count) for layer in layers]
    network.eval()(torch.zeros(1, 3, size, size))
    for hook in hooks:
        hook.remove()
    return total


def resnet9(**changes) -> ResNet9Settings:
    published = yaml.safe_load((ROOT / "conf" / "model" / "resnet9.yaml").read_text())
    return ResNet9Settings.model_validate({**published, **changes})


def test_the_published_network_has_its_published_cost():
    assert multiply_adds(build(resnet9(), 3), 64) == pytest.approx(16.7e6, rel=0.003)


def test_a_strided_stem_costs_a_quarter():
    assert multiply_adds(build(resnet9(stem_stride=2), 3), 64) == pytest.approx(16.7e6 / 4, rel=0.01)


@pytest.mark.parametrize("size", [32, 48, 64, 96])
def test_every_input_size_that_the_strides_divide_gives_logits(size):
    network = build(resnet9(input_size=size, stem_stride=2), 3)
    assert network(torch.rand(2, 3, size, size)).shape == (2, 3)


def test_an_input_size_that_the_strides_do_not_divide_is_refused():
    with pytest.raises(InputError, match=r"^conf/: model\.input_size is 60; this network needs a multiple of 16$"):
        composed(ROOT / "conf", ["model=resnet9", "model.stem_stride=2", "model.input_size=60"])


def test_only_the_first_block_may_be_left_out():
    assert len(build(resnet9(convolutions=[0, 1, 2, 2]), 2).backbone) == 2 + 3 + 3
    with pytest.raises(InputError, match="only the first block may have none"):
        composed(ROOT / "conf", ["model=resnet9", "model.convolutions=[2,0,2,2]"])


def test_a_block_without_a_shortcut_adds_nothing():
    with_shortcuts, without = build(resnet9(), 2), build(resnet9(residual=[False] * 4), 2)
    assert multiply_adds(without, 64) < multiply_adds(with_shortcuts, 64)
    assert without(torch.rand(2, 3, 64, 64)).shape == (2, 2)
