from pathlib import Path

import pytest
import torch
from torchvision.models import mobilenet_v2

from tinyinspect.config.loading import check
from tinyinspect.config.params import Params
from tinyinspect.device.memory import frame_buffers
from tinyinspect.device.storage import Storage
from tinyinspect.models.checkpoint import build, load_model, save_model
from tinyinspect.models.mobilenetv2_metric.settings import Model as MobileNetV2MetricSettings
from tinyinspect.models.same_padding import SameConv2d
from tinyinspect.project.compose import composed
from tinyinspect.project.untrained import verdict_of

CONF = Path(__file__).parents[2] / "conf"
EMBEDDING = 512  # as published


def model(**changes) -> MobileNetV2MetricSettings:
    published = {"input_size": 128, "width": 1.0, "last_channels": 1280, "weights": "random"}
    return MobileNetV2MetricSettings(architecture="mobilenetv2_metric", **(published | changes))


@pytest.mark.parametrize(("width", "size", "last", "embedding"), [(1.0, 128, 1280, 512), (0.1, 96, 64, 16)])
def test_pixels_become_embeddings(width, size, last, embedding):
    network = build(model(width=width, input_size=size, last_channels=last), embedding).eval()
    assert network(torch.rand(2, 3, size, size)).shape == (2, embedding)
    assert network.backbone(torch.rand(2, 3, size, size)).shape == (2, last)


def test_it_is_torchvisions_network_but_for_the_padding_of_strided_convolutions():
    network = build(model(), EMBEDDING)
    published = mobilenet_v2().features
    shapes = {name: tensor.shape for name, tensor in network.backbone[0].state_dict().items()}
    assert shapes == {name: tensor.shape for name, tensor in published.state_dict().items()}
    strided = [one for one in network.modules() if isinstance(one, torch.nn.Conv2d) and one.stride == (2, 2)]
    assert len(strided) == 5 and all(isinstance(one, SameConv2d) for one in strided)


def test_it_may_train_in_channels_last():
    convolutions = [one for one in build(model(), EMBEDDING).modules() if isinstance(one, torch.nn.Conv2d)]
    assert all(one.weight.is_contiguous(memory_format=torch.channels_last) for one in convolutions)
    # oneDNN would write past its workspace for such a one.
    assert not any(one.kernel_size == (1, 1) and one.stride != (1, 1) for one in convolutions)


def test_embeddings_are_not_normalised_in_the_graph():
    network = build(model(width=0.1, input_size=32, last_channels=16), 8).eval()
    lengths = network(torch.rand(16, 3, 32, 32)).norm(dim=1)
    assert lengths.std() > 0


def test_a_saved_metric_model_comes_back_whole(tmp_path):
    settings = model(width=0.1, input_size=32, last_channels=16)
    network = build(settings, 8).eval()
    save_model(network, settings, 8, tmp_path / "model.safetensors")
    inputs = torch.rand(3, 3, 32, 32)
    torch.testing.assert_close(load_model(tmp_path / "model.safetensors")(inputs), network(inputs), rtol=0, atol=0)


@pytest.mark.parametrize(
    ("preset", "storage"),
    [("mobilenetv2_metric_h7", Storage.ROMFS), ("mobilenetv2_metric_h7_uma", Storage.UMA)],
)
def test_a_preset_for_the_h7_runs_there_from_where_it_says(preset, storage):
    params = check(composed(CONF, [f"model={preset}"]), "conf/", Params)
    verdict = verdict_of(CONF.parent, params)
    assert (verdict.board.name, verdict.fits, verdict.storage) == ("openmv_h7", True, storage)
    assert frame_buffers(params.board, verdict.file_bytes) >= 1
