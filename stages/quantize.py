"""The SavedModel to a full int8 TFLite file, calibrated on training frames."""

from pathlib import Path

from tinyinspect import config
from tinyinspect.conversion.tflite import to_int8
from tinyinspect.errors import reported
from tinyinspect.quantization.calibration import calibration_views
from tinyinspect.selection.labelled import read_labelled


def main() -> None:
    """Read ``models/saved_model`` and ``labeled/train``, write ``models/model_int8.tflite``."""
    params = config.load(Path("params.yaml"))
    labelled = read_labelled(Path("labeled/train"), params.data.classes)
    frames = params.quantize.calibration_frames
    views = calibration_views(labelled, params.model.input_size, frames, params.seed)
    to_int8(Path("models/saved_model"), views, Path("models/model_int8.tflite"))
    print(f"calibrated with {len(views)} training frames")


if __name__ == "__main__":
    with reported():
        main()
