"""Make ``tests/evaluation/models/`` anew: a small network in all its files, by the library's own conversion.

    python -m tests.evaluation.make_models

Needed only when the network or its file formats change.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
import torch._dynamo  # loads triton, which crashes when TensorFlow was loaded first
from torch.nn.functional import cross_entropy

from tests.evaluation.shapes import CLASSES, MODELS, SIZE, frames
from tinyinspect.config.convert import Converter
from tinyinspect.config.loading import load
from tinyinspect.config.params import Params
from tinyinspect.conversion.onnx import export
from tinyinspect.conversion.tensorflow import convert
from tinyinspect.conversion.tflite import to_float, to_int8
from tinyinspect.models.checkpoint import build, save_model

DEFAULT = load(Path(__file__).parents[2] / "params.yaml", Params).model
NETWORK = DEFAULT.model_copy(update={"input_size": SIZE, "channels": [4, 4, 4, 4], "stem_stride": 1, "features": 4})


def main() -> None:
    """Train for a few seconds, then write the four files."""
    torch.manual_seed(0)
    data = frames(200, seed=0)
    views, labels = data.views(SIZE), torch.from_numpy(data.labels)
    planes = torch.from_numpy(views).permute(0, 3, 1, 2).float() / 255
    network = build(NETWORK, len(CLASSES))
    optimizer = torch.optim.AdamW(network.parameters(), 5e-3)
    for _ in range(150):
        rows = torch.randperm(len(labels))[:128]
        loss = cross_entropy(network(planes[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    save_model(network, NETWORK, len(CLASSES), MODELS / "model.safetensors")
    export(network.eval(), planes[:8].numpy(), MODELS / "model.onnx")
    with TemporaryDirectory() as scratch:
        saved_model = Path(scratch) / "saved_model"
        convert(MODELS / "model.onnx", views[:8].astype(np.float32) / 255, saved_model, Converter.ONNX2TF)
        to_float(saved_model, MODELS / "model_float32.tflite")
        to_int8(saved_model, views[::6], MODELS / "model_int8.tflite")


if __name__ == "__main__":
    main()
