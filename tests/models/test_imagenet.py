import pytest
import torch
from torch.nn import functional as F
from torchvision.models import mobilenet_v2

from tests.models.test_mobilenetv2_metric import EMBEDDING, model
from tinyinspect.errors import InputError
from tinyinspect.models.checkpoint import build
from tinyinspect.models.mobilenetv2_metric import imagenet


@pytest.fixture
def published(tmp_path, monkeypatch):
    """torchvision's network with weights of its own, which stand where torch hub keeps ImageNet's."""
    torch.manual_seed(0)
    network = mobilenet_v2().eval()
    network.features[0][1].running_mean.normal_()
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    (tmp_path / "checkpoints").mkdir()
    torch.save(network.state_dict(), tmp_path / "checkpoints" / imagenet.WEIGHTS.url.rsplit("/", 1)[1])
    return network


def test_pixels_in_0_to_1_give_what_normalised_ones_gave(published):
    network = build(model(), EMBEDDING).eval()
    imagenet.load_imagenet(network.backbone[0])
    pixels = torch.rand(2, 3, 64, 64)
    normalised = (pixels - torch.tensor(imagenet.MEAN).view(3, 1, 1)) / torch.tensor(imagenet.STD).view(3, 1, 1)
    first = published.features[0]
    expected = first[2](first[1](F.conv2d(F.pad(normalised, (0, 1, 0, 1)), first[0].weight, stride=2)))
    found = network.backbone[0][0](pixels)
    # The last row and column see padding, where black takes the place of the mean colour.
    torch.testing.assert_close(found[..., :-1, :-1], expected[..., :-1, :-1], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(network.backbone[0][17].conv[0][0].weight, published.features[17].conv[0][0].weight)


def test_a_smaller_last_convolution_keeps_its_own_weights(published):
    network = build(model(last_channels=64), EMBEDDING)
    before = network.backbone[0][18][0].weight.clone()
    imagenet.load_imagenet(network.backbone[0])
    assert torch.equal(network.backbone[0][18][0].weight, before)


def test_another_width_is_one_sentence(published):
    with pytest.raises(InputError, match=r"imagenet, which exist for width 1 alone; set model\.width to 1"):
        imagenet.load_imagenet(build(model(width=0.35), EMBEDDING).backbone[0])


def test_weights_that_cannot_be_fetched_are_one_sentence(published, monkeypatch, tmp_path):
    def refused(*_args, **_options):
        raise OSError("no route to host")

    monkeypatch.setattr(type(imagenet.WEIGHTS), "get_state_dict", refused)
    with pytest.raises(
        InputError, match=r"cannot be fetched \(no route to host\); put mobilenet_v2-7ebf99e0\.pth into"
    ):
        imagenet.load_imagenet(build(model(), EMBEDDING).backbone[0])
