"""What stands in for TFLite Micro where it has no package, held against TFLite Micro itself."""

from pathlib import Path

import numpy as np
import pytest

from tinyinspect.device import arena, microcontroller
from tinyinspect.device.microcontroller import MicroRuntime
from tinyinspect.errors import InputError

TESTS = Path(__file__).parents[1]
MODELS = [TESTS / "evaluation/models/model_int8.tflite", TESTS / "openmv_app/tiny_gate.tflite"]

if microcontroller.STAND_IN:
    pytest.skip("TFLite Micro is not installed here", allow_module_level=True)


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.name)
def test_the_reference_kernels_differ_from_tflite_micro_by_a_step_at_most(path, monkeypatch):
    micro = MicroRuntime(path)
    inputs = np.random.default_rng(0).integers(-128, 128, (20, micro.input_size, micro.input_size, 3)).astype(np.int8)
    expected = micro.quantised_outputs(inputs).astype(int)
    monkeypatch.setattr(microcontroller, "runtime", None)
    stand_in = MicroRuntime(path)
    assert (stand_in.input_size, stand_in.output_count) == (micro.input_size, micro.output_count)
    found = stand_in.quantised_outputs(inputs)
    assert np.abs(found - expected).max() <= 1
    assert (found == expected).mean() > 0.95


@pytest.mark.parametrize("content", [b"", b"no model", MODELS[0].read_bytes()[:1000]], ids=["empty", "foreign", "cut"])
def test_a_damaged_file_is_one_sentence_there_too(content, monkeypatch, tmp_path):
    monkeypatch.setattr(microcontroller, "runtime", None)
    (tmp_path / "model.tflite").write_bytes(content)
    with pytest.raises(InputError, match=r"model\.tflite does not load"):
        MicroRuntime(tmp_path / "model.tflite")


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.name)
def test_the_arena_is_the_same_without_tflite_micro(path, monkeypatch):
    expected = arena.arena_of(path)
    monkeypatch.setattr(arena, "STAND_IN", "something")
    assert arena.arena_of(path) == expected
