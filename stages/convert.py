"""ONNX to a TensorFlow SavedModel and a float32 TFLite file, checked on real frames."""

from pathlib import Path

import numpy as np

from tinyinspect.config.loading import load
from tinyinspect.config.params import Params
from tinyinspect.conversion.tensorflow import convert
from tinyinspect.conversion.tflite import to_float
from tinyinspect.errors import reported
from tinyinspect.selection.labelled import read_labelled

SAMPLES = 64  # frames to compare runtimes on


def main() -> None:
    """Read ``models/model.onnx``, write ``models/saved_model`` and ``models/model_float32.tflite``."""
    params = load(Path("params.yaml"), Params)
    labelled = read_labelled(Path("labeled/train"), params.data.classes)
    samples = labelled.views(params.model.input_size)[:SAMPLES].astype(np.float32) / np.float32(255)
    converter = params.convert.converter
    difference = convert(Path("models/model.onnx"), samples, Path("models/saved_model"), converter)
    to_float(Path("models/saved_model"), Path("models/model_float32.tflite"))
    print(f"TensorFlow ({converter}) equals onnxruntime within {difference:.1e} on {len(samples)} frames")


if __name__ == "__main__":
    with reported():
        main()
