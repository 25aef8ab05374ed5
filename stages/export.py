"""PyTorch to ONNX, checked with onnxruntime on real frames."""

from pathlib import Path

import numpy as np

from tinyinspect.conversion.onnx import export
from tinyinspect.errors import reported
from tinyinspect.models.checkpoint import load_model
from tinyinspect.selection.labelled import frames_folder, sample_views


def main() -> None:
    """Read the model's weights, write ``models/model.onnx``."""
    network = load_model(Path("models/model.safetensors"))
    views = sample_views(frames_folder(Path("dataset"), "train"), network.input_size)
    samples = np.ascontiguousarray(views.transpose(0, 3, 1, 2), np.float32) / np.float32(255)
    difference = export(network, samples, Path("models/model.onnx"))
    print(f"onnxruntime equals PyTorch within {difference:.1e} on {len(samples)} frames")


if __name__ == "__main__":
    with reported():
        main()
