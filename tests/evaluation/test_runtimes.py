import shutil
import subprocess
import sys

import numpy as np
import pytest

from tests.evaluation.shapes import MODELS, SIZE
from tinyinspect.device.microcontroller import MicroRuntime
from tinyinspect.errors import InputError
from tinyinspect.evaluation import runtimes


@pytest.fixture
def views(test_frames):
    return test_frames.views(SIZE)


@pytest.fixture
def models(tmp_path):
    return shutil.copytree(MODELS, tmp_path / "models")


def test_every_runtime_gives_one_row_of_outputs_per_frame(outputs, test_frames):
    assert list(outputs) == ["pytorch", "onnx", "tflite_float", "tflite_int8", "tflite_micro"]
    assert {(values.shape, values.dtype.name) for values in outputs.values()} == {((len(test_frames), 3), "float32")}


def test_float_runtimes_agree_to_rounding_and_int8_to_its_steps(outputs):
    for name in ("onnx", "tflite_float"):
        np.testing.assert_allclose(outputs[name], outputs["pytorch"], atol=1e-4)
    span = np.ptp(outputs["pytorch"])
    for name in ("tflite_int8", "tflite_micro"):
        assert 0 < np.abs(outputs[name] - outputs["pytorch"]).max() < 0.1 * span


def test_outputs_repeat_bit_for_bit(outputs, views):
    for name, values in runtimes.outputs_of_all(MODELS, views).items():
        np.testing.assert_array_equal(values, outputs[name], err_msg=name)


def test_outputs_of_a_frame_do_not_depend_on_its_neighbours(outputs, views):
    for name, (file, run) in runtimes.RUNTIMES.items():
        np.testing.assert_allclose(run(MODELS / file, views[7:8])[0], outputs[name][7], atol=1e-5, err_msg=name)


def test_int8_outputs_are_multiples_of_the_output_scale(outputs):
    steps = np.diff(np.unique(outputs["tflite_micro"]))
    np.testing.assert_allclose(steps / steps.min(), np.round(steps / steps.min()), atol=1e-2)


def test_the_int8_input_is_the_view_minus_128(outputs, views):
    micro = MicroRuntime(MODELS / "model_int8.tflite")
    direct = micro.outputs((views.astype(int) - 128).astype(np.int8))
    np.testing.assert_array_equal(direct, outputs["tflite_micro"])
    assert not np.array_equal(micro.outputs(views.view(np.int8)), direct)


@pytest.mark.parametrize("name", runtimes.RUNTIMES)
@pytest.mark.parametrize("length", [0, 100, -1000])
def test_a_truncated_file_is_told_in_one_sentence(name, length, models, views):
    file, run = runtimes.RUNTIMES[name]
    content = (models / file).read_bytes()
    (models / file).write_bytes(content[:length])
    with pytest.raises(InputError, match=f"{file}.*dvc repro"):
        run(models / file, views[:1])


@pytest.mark.parametrize("name", runtimes.RUNTIMES)
def test_a_missing_file_is_named(name, models, views):
    file, run = runtimes.RUNTIMES[name]
    (models / file).unlink()
    with pytest.raises(InputError, match=file):
        run(models / file, views[:1])


@pytest.mark.parametrize("name", ["onnx", "tflite_float", "tflite_int8", "tflite_micro"])
def test_frames_of_another_size_are_refused(name, test_frames):
    file, run = runtimes.RUNTIMES[name]
    with pytest.raises(InputError, match=f"{file}.*dvc repro"):
        run(MODELS / file, test_frames.views(2 * SIZE)[:1])


def test_a_float_file_is_refused_as_the_cameras(views):
    with pytest.raises(InputError, match=r"float32 in and float32 out.*quantize"):
        runtimes.tflite_micro(MODELS / "model_float32.tflite", views[:1])


def test_files_of_two_models_are_told_apart(views, monkeypatch):
    monkeypatch.setitem(runtimes.RUNTIMES, "onnx", ("model.onnx", lambda path, views: np.zeros((len(views), 5))))
    with pytest.raises(InputError, match=r"model\.onnx gives 5 outputs where PyTorch gives 3"):
        runtimes.outputs_of_all(MODELS, views)


def test_outputs_that_are_no_numbers_are_refused(views, monkeypatch):
    monkeypatch.setitem(runtimes.RUNTIMES, "onnx", ("model.onnx", lambda path, views: np.full((len(views), 3), np.nan)))
    with pytest.raises(InputError, match=r"model\.onnx gives outputs that are no numbers"):
        runtimes.outputs_of_all(MODELS, views)


def test_the_runtimes_need_no_tensorflow():
    code = "import sys, tinyinspect.evaluation.runtimes; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
