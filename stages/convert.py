"""ONNX to a TensorFlow SavedModel and a float32 TFLite file, checked on real frames."""

from pathlib import Path

import numpy as np

from tinyinspect.config.convert import Convert
from tinyinspect.config.loading import load
from tinyinspect.config.section import Section
from tinyinspect.conversion.onnx_file import input_size
from tinyinspect.conversion.tensorflow import convert
from tinyinspect.conversion.tflite import to_float
from tinyinspect.errors import reported
from tinyinspect.selection.labelled import frames_folder, sample_views

MODEL = Path("models/model.onnx")


class Inputs(Section):
    """The section of ``params.yaml`` that this stage reads."""

    convert: Convert


def main() -> None:
    """Read ``models/model.onnx``, write ``models/saved_model`` and ``models/model_float32.tflite``."""
    converter = load(Path("params.yaml"), Inputs).convert.converter
    views = sample_views(frames_folder(Path("dataset"), "train"), input_size(MODEL))
    samples = views.astype(np.float32) / np.float32(255)
    difference = convert(MODEL, samples, Path("models/saved_model"), converter)
    to_float(Path("models/saved_model"), Path("models/model_float32.tflite"))
    print(f"TensorFlow ({converter}) equals onnxruntime within {difference:.1e} on {len(samples)} frames")


if __name__ == "__main__":
    with reported():
        main()
