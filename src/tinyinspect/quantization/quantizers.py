"""The seam of quantization: a float network and calibration frames give an int8 file.

A quantizer changes the float network so that it rounds well, or leaves it. What it gives is rounded in one way, so that
every method works with both tasks and both converters.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinyinspect.config.convert import Converter
from tinyinspect.config.quantize import Method, Quantize
from tinyinspect.conversion import tensorflow, tflite
from tinyinspect.quantization import equalization
from tinyinspect.quantization.ranges import adjuster


@dataclass(frozen=True)
class FloatNetwork:
    """A float network as the stages before leave it.

    Attributes:
        onnx: the .onnx file, BatchNorm folded, NCHW input in [0, 1].
        saved_model: what the converter made of it.
        converter: which package converts.
    """

    onnx: Path
    saved_model: Path
    converter: Converter


def quantize(
    network: FloatNetwork, views: NDArray[np.uint8], settings: Quantize, int8_path: Path, float_path: Path
) -> None:
    """Write a float network as an int8 file for the camera.

    Args:
        network: the network.
        views: (n, size, size, 3) uint8 calibration frames through the camera's preprocessing, never test frames.
        settings: the method and what it is given.
        int8_path: the .tflite file.
        float_path: a float .tflite file of exactly what was rounded, for the analysis of what rounding costs.

    Raises:
        InputError: The method cannot change this network, or the file would not take what the camera gives.
    """
    with tempfile.TemporaryDirectory() as scratch:
        saved_model = _prepared(network, views, settings.method, Path(scratch))
        tflite.to_float(saved_model, float_path)
        tflite.to_int8(saved_model, views, int8_path, adjuster(settings.ranges, views))


def _prepared(network: FloatNetwork, views: NDArray[np.uint8], method: Method, scratch: Path) -> Path:
    match method:
        case Method.PTQ:
            return network.saved_model
        case Method.PTQ_EQUALIZED:
            samples = views.astype(np.float32) / np.float32(255)
            equalization.equalize(network.onnx, samples, scratch / "equalized.onnx")
            tensorflow.convert(scratch / "equalized.onnx", samples, scratch / "saved_model", network.converter)
            return scratch / "saved_model"
