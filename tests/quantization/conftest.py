"""Small networks that quantize well and badly, as the stages before leave them."""

import numpy as np
import onnx
import pytest
import torch

from tests.quantization.hard import spread
from tinyinspect.config.convert import Converter
from tinyinspect.conversion.onnx import export
from tinyinspect.conversion.tensorflow import convert
from tinyinspect.models.checkpoint import build
from tinyinspect.models.frame_numbers import WithFrameNumbers
from tinyinspect.models.mobilenetv2_metric.settings import Model as MobileNetV2MetricSettings
from tinyinspect.quantization.quantizers import FloatNetwork

METRIC = {"input_size": 32, "width": 0.1, "last_channels": 24, "weights": "random"}


@pytest.fixture(scope="package")
def views() -> np.ndarray:
    """Smooth pictures of many colours."""
    small = np.random.default_rng(0).integers(0, 256, (24, 4, 4, 3), np.uint8)
    return small.repeat(8, axis=1).repeat(8, axis=2)


@pytest.fixture(scope="package")
def made(tmp_path_factory, small_model, views):
    """By network and kind, ``plain`` or ``hard``, with which converter: what the stages before would leave."""
    folder = tmp_path_factory.mktemp("float")
    models = {
        "resnet9": small_model,
        "mobilenetv2_metric": MobileNetV2MetricSettings(architecture="mobilenetv2_metric", **METRIC),
        "frame_numbers": MobileNetV2MetricSettings(architecture="mobilenetv2_metric", **METRIC),
    }
    images = np.ascontiguousarray(views.transpose(0, 3, 1, 2), np.float32) / 255
    found = {}
    for name, model in models.items():
        torch.manual_seed(0)
        network = build(model, outputs=3 if name == "resnet9" else 8)
        for _ in range(20):
            network.train()(torch.from_numpy(images))  # BatchNorm statistics of the pictures
        if name == "frame_numbers":
            network = WithFrameNumbers(network)
            network.standardize(torch.from_numpy(images))
        plain, hard = folder / f"{name}_plain.onnx", folder / f"{name}_hard.onnx"
        export(network, images, plain)
        onnx.save(spread(onnx.load(plain), decades=3), hard)
        for kind, path in (("plain", plain), ("hard", hard)):
            found[name, kind] = FloatNetwork(path, path.with_suffix(""), Converter.ONNX2TF)
            convert(path, views[:8].astype(np.float32) / 255, path.with_suffix(""), Converter.ONNX2TF)
    return found
