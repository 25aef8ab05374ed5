"""The SavedModel to a full int8 TFLite file, calibrated on training frames."""

from pathlib import Path

import numpy as np

from tinyinspect.config.loading import load
from tinyinspect.config.model import ResNet9Settings
from tinyinspect.config.params import Params
from tinyinspect.errors import reported
from tinyinspect.quantization.calibration import chosen_views
from tinyinspect.quantization.quantizers import FloatNetwork, quantize
from tinyinspect.selection.abnormals import read_abnormals
from tinyinspect.selection.labelled import Labelled, join, read_labelled


def main() -> None:
    """Read the float network and what was trained on, write ``models/model_int8.tflite`` and what it rounds."""
    params = load(Path("params.yaml"), Params)
    settings, onnx = params.quantize, Path("models/model.onnx")
    views = chosen_views(
        training_set(params),
        params.model.input_size,
        settings.calibration_frames,
        params.seed,
        settings.calibration_choice,
        onnx,
    )
    network = FloatNetwork(onnx, Path("models/saved_model"), params.convert.converter)
    quantize(network, views, settings, Path("models/model_int8.tflite"), Path("models/model_rounded_float32.tflite"))
    print(f"quantized by {settings.method}, calibrated with {len(views)} training frames")


def training_set(params: Params) -> Labelled:
    """The labelled frames by class; for a gate the normal ones, and the abnormal pictures, as two."""
    labelled = Path("labeled/train")
    if isinstance(params.model, ResNet9Settings):
        return read_labelled(labelled, params.data.classes)
    sets = [read_labelled(labelled, params.gate.normal_classes), read_abnormals(Path("abnormal/train"))[0]]
    return join(sets, labels=np.repeat([0, 1], [len(one) for one in sets]))


if __name__ == "__main__":
    with reported():
        main()
