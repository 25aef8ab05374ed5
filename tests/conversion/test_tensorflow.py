"""Both converters and the int8 file, on one small network with trained-like weights."""

import sys
from collections import Counter

import numpy as np
import pytest
import torch
from ai_edge_litert.interpreter import Interpreter

from tinyinspect.config.convert import Converter
from tinyinspect.conversion import tflite
from tinyinspect.conversion.onnx import export
from tinyinspect.conversion.onnx_file import run
from tinyinspect.conversion.tensorflow import convert
from tinyinspect.errors import InputError
from tinyinspect.models.checkpoint import build


@pytest.fixture(scope="module")
def views() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (24, 32, 32, 3), np.uint8)


@pytest.fixture(scope="module")
def made(tmp_path_factory, small_model, views):
    """ONNX file and the SavedModel of each converter."""
    folder = tmp_path_factory.mktemp("converted")
    torch.manual_seed(0)
    network = build(small_model, 2)
    samples = views.astype(np.float32) / 255
    images = np.ascontiguousarray(samples.transpose(0, 3, 1, 2))
    network.train()(torch.from_numpy(images))  # BatchNorm statistics that are not the initial ones
    export(network, images, folder / "model.onnx")
    for converter in Converter:
        convert(folder / "model.onnx", samples, folder / converter, converter)
    return folder


def outputs(path, views: np.ndarray) -> np.ndarray:
    interpreter = Interpreter(str(path))
    interpreter.allocate_tensors()
    given, wanted = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    found = []
    for view in views:
        value = (
            view.astype(np.float32) / 255 if given["dtype"] is np.float32 else (view.astype(int) - 128).astype(np.int8)
        )
        interpreter.set_tensor(given["index"], value[None])
        interpreter.invoke()
        raw = interpreter.get_tensor(wanted["index"])[0]
        scale, zero_point = wanted["quantization"]
        found.append((raw.astype(np.float32) - zero_point) * scale if scale else raw)
    return np.array(found)


def operators(path) -> Counter:
    return Counter(one["op_name"] for one in Interpreter(str(path))._get_ops_details())


@pytest.mark.parametrize("converter", list(Converter))
def test_both_converters_compute_what_onnx_does(made, views, converter, tmp_path):
    tflite.to_float(made / converter, tmp_path / "float.tflite")
    expected = run(made / "model.onnx", np.ascontiguousarray(views.transpose(0, 3, 1, 2), np.float32) / np.float32(255))
    np.testing.assert_allclose(outputs(tmp_path / "float.tflite", views), expected, atol=1e-5)


def test_the_int8_file_keeps_the_camera_s_contract_and_the_float_outputs(made, views, tmp_path):
    path = tmp_path / "int8.tflite"
    tflite.to_int8(made / Converter.ONNX2TF, views, path)
    given = Interpreter(str(path)).get_input_details()[0]
    assert given["dtype"] is np.int8 and given["shape"].tolist() == [1, 32, 32, 3]
    assert given["quantization"] == (pytest.approx(1 / 255), -128)
    expected = run(made / "model.onnx", np.ascontiguousarray(views.transpose(0, 3, 1, 2), np.float32) / np.float32(255))
    assert np.abs(outputs(path, views) - expected).max() < 0.1 * np.ptp(expected)
    assert set(operators(path)) == {"CONV_2D", "ADD", "AVERAGE_POOL_2D", "FULLY_CONNECTED"}


def test_dense_weights_are_quantized_per_tensor(made, views, tmp_path):
    path = tmp_path / "int8.tflite"
    tflite.to_int8(made / Converter.ONNX2TF, views, path)
    interpreter = Interpreter(str(path))
    dense = next(one for one in interpreter._get_ops_details() if one["op_name"] == "FULLY_CONNECTED")
    weights = next(one for one in interpreter.get_tensor_details() if one["index"] == dense["inputs"][1])
    assert len(weights["quantization_parameters"]["scales"]) == 1


def test_dark_frames_do_not_change_the_input_scale(made, views, tmp_path):
    tflite.to_int8(made / Converter.ONNX2TF, views // 8, tmp_path / "int8.tflite")
    scale, zero_point = Interpreter(str(tmp_path / "int8.tflite")).get_input_details()[0]["quantization"]
    assert (scale, zero_point) == (pytest.approx(1 / 255), -128)


def test_a_float_file_is_not_the_camera_s(made, tmp_path):
    tflite.to_float(made / Converter.ONNX2TF, tmp_path / "float.tflite")
    with pytest.raises(InputError, match="the camera needs int8"):
        tflite.check_input_contract((tmp_path / "float.tflite").read_bytes())


def test_without_onnx_tf_its_converter_is_refused_in_one_sentence(made, views, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx_tf.backend", None)
    with pytest.raises(InputError, match=r"needs the package onnx-tf.*convert=onnx2tf"):
        convert(made / "model.onnx", views.astype(np.float32) / 255, tmp_path / "made", Converter.ONNX_TF)


def test_a_folder_without_a_saved_model_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match="holds no SavedModel"):
        tflite.to_float(tmp_path, tmp_path / "float.tflite")
