"""The rounded network in torch against what it stands for: the ONNX file in float, the TFLite file in int8."""

import numpy as np
import onnx
import pytest
import torch
from ai_edge_litert.interpreter import Interpreter

from tests.quantization.material import TRAIN, material, planes
from tinyinspect.config.convert import Converter
from tinyinspect.config.quantize import Ranges
from tinyinspect.conversion import tflite
from tinyinspect.conversion.onnx_file import run
from tinyinspect.conversion.tensorflow import convert
from tinyinspect.device.microcontroller import MicroRuntime
from tinyinspect.errors import InputError
from tinyinspect.quantization.carried import carry
from tinyinspect.quantization.trainable import TrainableNetwork
from tinyinspect.quantization.training_aware import train


def rounding(path, views: np.ndarray) -> TrainableNetwork:
    network = TrainableNetwork(onnx.load(path))
    network.begin(network.observe([torch.from_numpy(planes(views))]))
    return network


@pytest.mark.parametrize("name", ["resnet9", "mobilenetv2_metric", "frame_numbers"])
def test_without_rounding_it_computes_what_the_file_does(made, views, name):
    path = made[name, "plain"].onnx
    with torch.no_grad():
        outputs = rounding(path, views).exact(torch.from_numpy(planes(views))).numpy()
    np.testing.assert_allclose(outputs, run(path, planes(views)), atol=1e-4)


@pytest.mark.parametrize("converter", Converter)
@pytest.mark.parametrize("name", ["resnet9", "mobilenetv2_metric", "frame_numbers"])
def test_the_int8_file_computes_what_was_trained(made, views, tmp_path, name, converter):
    network = rounding(made[name, "plain"].onnx, views)
    with torch.no_grad():
        for one in network.roundings.values():
            one.growth += 0.05 * one.growth.requires_grad  # ranges that no calibration would find
        expected = network(torch.from_numpy(planes(views))).numpy()
    onnx.save(network.model(), tmp_path / "trained.onnx")
    convert(tmp_path / "trained.onnx", views[:4].astype(np.float32) / 255, tmp_path / "saved", converter)
    tflite.to_int8(
        tmp_path / "saved",
        views,
        tmp_path / "int8.tflite",
        lambda content: carry(content, network.model(), network.ranges(), views[0]),
    )
    outputs = MicroRuntime(tmp_path / "int8.tflite").outputs((views.astype(np.int16) - 128).astype(np.int8))
    scales = {name: (high - low) / 255 for name, (low, high) in network.ranges().items()}
    assert np.abs(outputs - expected).mean() < 1.5 * scales["output"]  # TFLite rounds its sums in integers
    for scale in scales_of_outputs(tmp_path / "int8.tflite"):
        assert min(abs(scale / one - 1) for one in scales.values()) < 1e-5


def scales_of_outputs(path) -> list[float]:
    """Of every operator's output in a file."""
    file = Interpreter(str(path))
    details = {one["index"]: one for one in file.get_tensor_details()}
    return [details[one["outputs"][0]]["quantization"][0] for one in file._get_ops_details()]


def test_training_lowers_the_error_and_repeats(made, views):
    hard, pictures = onnx.load(made["resnet9", "hard"].onnx), material(views).pictures
    given = {"steps": 40, "narrow": False, "ranges": Ranges.MIN_MAX, "settings": TRAIN, "seed": 0}
    first, second = (train(hard, hard, views, pictures, **given) for _ in range(2))
    assert first.after < 0.7 * first.before
    assert first.ranges == second.ranges
    assert first.model.SerializeToString() == second.model.SerializeToString()


def test_an_operator_that_cannot_be_trained_is_one_sentence(made):
    model = onnx.load(made["resnet9", "plain"].onnx)
    model.graph.node[1].op_type = "Sigmoid"
    with pytest.raises(
        InputError, match="Sigmoid cannot be trained for int8; quantize this network with ptq_equalized"
    ):
        TrainableNetwork(model)
