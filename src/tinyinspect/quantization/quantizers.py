"""The seam of quantization: a float network and calibration frames give an int8 file.

A quantizer changes the float network so that it rounds well, or leaves it. What it gives is rounded in one way, so that
every method works with both tasks and both converters.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from tinyinspect.config.convert import Converter
from tinyinspect.config.quantize import Method, Quantize
from tinyinspect.config.train import Train
from tinyinspect.conversion import onnx_file
from tinyinspect.quantization import equalization, int4
from tinyinspect.quantization.ranges import adjuster
from tinyinspect.selection.labelled import Labelled


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


@dataclass(frozen=True)
class Material:
    """What a quantizer sees of the recordings; never test frames.

    Attributes:
        views: (n, size, size, 3) uint8 calibration frames through the camera's preprocessing.
        pictures: all pictures that the network was trained on, by group.
        train: how it was trained.
        seed: of all draws.
    """

    views: NDArray[np.uint8]
    pictures: Labelled
    train: Train
    seed: int


@dataclass(frozen=True)
class _Prepared:
    """What is rounded: a SavedModel, what changes its calibrated ranges, and whether weights have 4 bits."""

    saved_model: Path
    adjust: Callable[[bytes], bytes] | None
    narrow: bool = False


def quantize(network: FloatNetwork, material: Material, settings: Quantize, int8_path: Path, float_path: Path) -> None:
    """Write a float network as an int8 file for the camera.

    Args:
        network: the network.
        material: calibration frames and what it was trained on.
        settings: the method and what it is given.
        int8_path: the .tflite file.
        float_path: a float .tflite file of exactly what was rounded, for the analysis of what rounding costs.

    Raises:
        InputError: The method cannot change this network, or the file would not take what the camera gives.
    """
    with tempfile.TemporaryDirectory() as scratch:
        prepared = _prepared(network, material, settings, Path(scratch))
        from tinyinspect.conversion import tflite  # after torch: triton crashes where TensorFlow came first

        tflite.to_float(prepared.saved_model, float_path)
        tflite.to_int8(prepared.saved_model, material.views, int8_path, prepared.adjust)
        if prepared.narrow:
            int4.narrow(int8_path, float_path)


def _prepared(network: FloatNetwork, material: Material, settings: Quantize, scratch: Path) -> _Prepared:
    match settings.method:
        case Method.PTQ:
            return _Prepared(network.saved_model, adjuster(settings.ranges, material.views))
        case Method.PTQ_EQUALIZED:
            equalized = equalization.equalize(network.onnx, _samples(material.views))
            saved_model = _converted(equalized, network.converter, material.views, scratch)
            return _Prepared(saved_model, adjuster(settings.ranges, material.views))
        case Method.QAT | Method.QAT_INT4:
            return _trained(network, material, settings, scratch)


def _trained(network: FloatNetwork, material: Material, settings: Quantize, scratch: Path) -> _Prepared:
    from tinyinspect.quantization import carried, training_aware

    assert settings.training_steps is not None  # the settings' own check
    views = material.views
    trained = training_aware.train(
        equalization.equalize(network.onnx, _samples(views)),
        onnx_file.read(network.onnx),
        views,
        material.pictures,
        steps=settings.training_steps,
        narrow=settings.method is Method.QAT_INT4,
        ranges=settings.ranges,
        settings=material.train,
        seed=material.seed,
    )
    saved_model = _converted(trained.model, network.converter, views, scratch)
    return _Prepared(
        saved_model,
        lambda calibrated: carried.carry(calibrated, trained.model, trained.ranges, views[0]),
        narrow=settings.method is Method.QAT_INT4,
    )


def _converted(model: onnx.ModelProto, converter: Converter, views: NDArray[np.uint8], scratch: Path) -> Path:
    from tinyinspect.conversion import tensorflow

    onnx.save(model, scratch / "changed.onnx")
    tensorflow.convert(scratch / "changed.onnx", _samples(views), scratch / "saved_model", converter)
    return scratch / "saved_model"


def _samples(views: NDArray[np.uint8]) -> NDArray[np.float32]:
    return views.astype(np.float32) / np.float32(255)
