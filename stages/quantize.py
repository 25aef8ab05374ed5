"""The SavedModel to a full int8 TFLite file, calibrated on training frames."""

from pathlib import Path

import numpy as np

from tinyinspect.config.loading import load
from tinyinspect.config.model import ResNet9Settings
from tinyinspect.config.params import Params
from tinyinspect.conversion.tflite import to_int8
from tinyinspect.errors import reported
from tinyinspect.quantization.calibration import calibration_views
from tinyinspect.selection.abnormals import read_abnormals
from tinyinspect.selection.labelled import Labelled, join, read_labelled


def main() -> None:
    """Read ``models/saved_model`` and what was trained on, write ``models/model_int8.tflite``."""
    params = load(Path("params.yaml"), Params)
    frames = params.quantize.calibration_frames
    views = calibration_views(training_set(params), params.model.input_size, frames, params.seed)
    to_int8(Path("models/saved_model"), views, Path("models/model_int8.tflite"))
    print(f"calibrated with {len(views)} training frames")


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
