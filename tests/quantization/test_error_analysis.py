"""Where int8 loses, told of a small trained network and of one whose channels were spread over three decades."""

import numpy as np
import onnx
import pytest
from PIL import Image

from tests.evaluation.shapes import MODELS, SIZE, frames
from tests.quantization.hard import spread
from tinyinspect.config.convert import Converter
from tinyinspect.conversion import tflite
from tinyinspect.conversion.tensorflow import convert
from tinyinspect.errors import InputError
from tinyinspect.quantization.error_analysis import advice, analyse, by_class, worst
from tinyinspect.quantization.error_plot import Changed, draw_changed

FLOAT, INT8 = MODELS / "model_float32.tflite", MODELS / "model_int8.tflite"


@pytest.fixture(scope="module")
def views() -> np.ndarray:
    return frames(12, seed=5).views(SIZE)


def test_a_network_that_rounds_well_has_no_weak_layer(views):
    layers = analyse(FLOAT, INT8, views)
    assert {layer.layer.split()[1] for layer in layers} == {"CONV_2D", "ADD", "AVERAGE_POOL_2D", "FULLY_CONNECTED"}
    assert min(layer.sqnr_db for layer in layers) > 10
    assert all(0 <= layer.saturated < 0.05 and 0 < layer.range_used <= 1 for layer in layers)


def test_spread_channels_are_found_and_named(views, tmp_path):
    onnx.save(spread(onnx.load(MODELS / "model.onnx"), decades=3), tmp_path / "hard.onnx")
    convert(tmp_path / "hard.onnx", views[:4].astype(np.float32) / 255, tmp_path / "saved", Converter.ONNX2TF)
    tflite.to_float(tmp_path / "saved", tmp_path / "float.tflite")
    tflite.to_int8(tmp_path / "saved", views, tmp_path / "int8.tflite")
    layers = analyse(tmp_path / "float.tflite", tmp_path / "int8.tflite", views)
    assert worst(layers).own_sqnr_db < worst(analyse(FLOAT, INT8, views)).own_sqnr_db - 10
    assert "ptq_equalized" in advice(worst(layers))


def test_changed_frames_are_counted_by_class(views):
    labels = np.array([0, 1] * 18)
    changed = np.zeros(36, bool)
    changed[[0, 2, 3]] = True
    found = by_class(FLOAT, INT8, views[changed], changed, labels, ["first", "second", "third"])
    assert [(one["frames"], one["changed"], bool(one["layers"])) for one in found.values()] == [
        (18, 2, True),
        (18, 1, True),
        (0, 0, False),
    ]


def test_the_contact_sheet_has_a_part_for_each_class(tmp_path):
    pictures = [np.full((30, 40, 3), (200, 30, 30), np.uint8)] * 8
    parts = [Changed("first", 20, pictures, ["float first\nint8 second"] * 8), Changed("second", 20, [], [])]
    draw_changed(parts, tmp_path / "two_rows.jpg")
    draw_changed(parts[1:], tmp_path / "none.jpg")
    sheets = [np.asarray(Image.open(tmp_path / name), np.int16) for name in ("two_rows.jpg", "none.jpg")]
    red = [(sheet[..., 0] > 150) & (sheet[..., 1] < 80) for sheet in sheets]
    assert red[0].mean() > 0.2 and not red[1].any()
    assert len(sheets[0]) > 5 * len(sheets[1])


def test_files_of_other_networks_are_refused_in_one_sentence(views, tmp_path):
    with pytest.raises(InputError, match="does not run in TFLite"):
        analyse(tmp_path / "missing.tflite", INT8, views)
