from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from tinyinspect.config.loading import check
from tinyinspect.config.params import Params
from tinyinspect.conversion.onnx import export
from tinyinspect.conversion.onnx_file import run
from tinyinspect.errors import InputError
from tinyinspect.models.checkpoint import build
from tinyinspect.project.compose import composed

ROOT = Path(__file__).parents[2]


@pytest.fixture
def samples() -> np.ndarray:
    return np.random.default_rng(0).random((5, 3, 32, 32), np.float32)


def test_the_file_computes_what_the_network_does(tmp_path, small_network, samples):
    difference = export(small_network, samples, tmp_path / "model.onnx")
    with torch.no_grad():
        expected = small_network(torch.from_numpy(samples)).numpy()
    np.testing.assert_allclose(run(tmp_path / "model.onnx", samples), expected, atol=1e-5)
    assert difference < 1e-5


def test_padding_is_inside_the_convolutions(tmp_path, small_network, samples):
    export(small_network, samples, tmp_path / "model.onnx")
    nodes = onnx.load(tmp_path / "model.onnx").graph.node
    kinds = [node.op_type for node in nodes]
    assert "Pad" not in kinds and "BatchNormalization" not in kinds
    strided = [node for node in nodes if any(a.name == "auto_pad" and a.s == b"SAME_UPPER" for a in node.attribute)]
    assert len(strided) == 4  # the stem and the first convolution of three blocks


def test_a_network_that_the_file_does_not_repeat_is_refused(tmp_path, samples):
    class Moody(torch.nn.Module):
        def forward(self, x):
            return x.mean((2, 3)) * (1.0 if torch.jit.is_tracing() else 2.0)

    with pytest.raises(InputError, match="onnxruntime differs from PyTorch"):
        export(Moody(), samples, tmp_path / "model.onnx")
    assert not (tmp_path / "model.onnx").exists()


@pytest.mark.parametrize("preset", ["resnet9", "resnet9_small"])
def test_the_presets_hold_nothing_that_becomes_pad_transpose_mul_or_mean(tmp_path, preset):
    model = check(composed(ROOT / "conf", [f"model={preset}"]), "conf/", Params).model
    network = build(model, 3).eval()
    export(network, np.random.default_rng(0).random((2, 3, 64, 64), np.float32), tmp_path / "model.onnx")
    kinds = {node.op_type for node in onnx.load(tmp_path / "model.onnx").graph.node}
    assert kinds == {"Conv", "Relu", "Add", "AveragePool", "Flatten", "Gemm"}
