"""Weights of 4 bits: how they are packed, and that TFLite Micro computes with them what was trained."""

import numpy as np
import onnx
import pytest
import torch

from tests.quantization.material import material, planes
from tests.quantization.test_quantizers import error, settings
from tinyinspect.config.quantize import Method
from tinyinspect.conversion import tflite
from tinyinspect.conversion.tensorflow import convert
from tinyinspect.device.graph import read_graph
from tinyinspect.device.microcontroller import MicroRuntime
from tinyinspect.quantization.carried import carry
from tinyinspect.quantization.int4 import narrow, packed
from tinyinspect.quantization.quantizers import quantize
from tinyinspect.quantization.trainable import TrainableNetwork


@pytest.mark.parametrize("shape", [(2, 3, 3, 4), (3, 3), (1,)])
def test_what_is_packed_comes_out_again(shape):
    levels = np.random.default_rng(0).integers(-8, 8, shape).astype(np.int8)
    content = packed(levels)
    assert content.nbytes == -(-levels.size // 2)
    halves = np.stack([content << 4, content], axis=-1).astype(np.int8) >> 4
    np.testing.assert_array_equal(halves.ravel()[: levels.size].reshape(shape), levels)


@pytest.mark.parametrize("name", ["resnet9", "mobilenetv2_metric"])
def test_the_file_computes_what_was_trained(made, views, tmp_path, name):
    network = TrainableNetwork(onnx.load(made[name, "plain"].onnx), narrow=True)
    inputs = torch.from_numpy(planes(views))
    network.begin(network.observe([inputs]))
    with torch.no_grad():
        expected = network(inputs).numpy()
    model, int8, exact = network.model(), tmp_path / "int8.tflite", tmp_path / "float.tflite"
    onnx.save(model, tmp_path / "trained.onnx")
    convert(
        tmp_path / "trained.onnx", views[:4].astype(np.float32) / 255, tmp_path / "saved", made[name, "plain"].converter
    )
    tflite.to_float(tmp_path / "saved", exact)
    tflite.to_int8(tmp_path / "saved", views, int8, lambda content: carry(content, model, network.ranges(), views[0]))
    narrow(int8, exact)
    outputs = MicroRuntime(int8).outputs((views.astype(np.int16) - 128).astype(np.int8))
    low, high = network.ranges()["output"]
    assert np.abs(outputs - expected).mean() < 1.5 * (high - low) / 255  # TFLite rounds its sums in integers


def test_convolutions_and_dense_layers_are_narrowed_and_depthwise_ones_are_not(made, views, tmp_path):
    network = made["mobilenetv2_metric", "plain"]
    given = settings(method=Method.QAT_INT4, training_steps=1)
    quantize(network, material(views), given, tmp_path / "int8.tflite", tmp_path / "float.tflite")
    graph = read_graph(tmp_path / "int8.tflite")
    types = {(one.kind, graph.input_of(one, 1).dtype) for one in graph.operators if len(one.inputs) == 3}
    assert types == {("CONV_2D", "int4"), ("FULLY_CONNECTED", "int4"), ("DEPTHWISE_CONV_2D", "int8")}
    tflite.check_input_contract((tmp_path / "int8.tflite").read_bytes())


def test_training_brings_back_what_four_bits_lose_and_the_file_is_smaller(made, views, tmp_path):
    network = made["resnet9", "plain"]
    untrained = error(network, views, tmp_path, method=Method.QAT_INT4, training_steps=1)
    trained = error(network, views, tmp_path, method=Method.QAT_INT4, training_steps=60)
    narrow_bytes = (tmp_path / "int8.tflite").stat().st_size
    error(network, views, tmp_path)
    assert trained < 0.7 * untrained
    assert narrow_bytes < (tmp_path / "int8.tflite").stat().st_size
