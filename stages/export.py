"""PyTorch to ONNX, checked with onnxruntime on real frames."""

from pathlib import Path

import numpy as np

from tinyinspect.config.loading import load
from tinyinspect.config.params import Params
from tinyinspect.conversion.onnx import export
from tinyinspect.errors import reported
from tinyinspect.models.checkpoint import load_model
from tinyinspect.selection.labelled import read_labelled

SAMPLES = 64  # frames to compare runtimes on


def main() -> None:
    """Read the model's weights, write ``models/model.onnx``."""
    params = load(Path("params.yaml"), Params)
    network = load_model(Path("models/model.safetensors"))
    frames = read_labelled(Path("labeled/train"), params.data.classes).views(network.input_size)[:SAMPLES]
    samples = np.ascontiguousarray(frames.transpose(0, 3, 1, 2), np.float32) / np.float32(255)
    difference = export(network, samples, Path("models/model.onnx"))
    print(f"onnxruntime equals PyTorch within {difference:.1e} on {len(samples)} frames")


if __name__ == "__main__":
    with reported():
        main()
