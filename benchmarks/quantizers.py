"""What int8 costs a classifier, by quantizer and by the rule for the ranges, and what one odd calibration frame does.

    python benchmarks/quantizers.py [--steps 300] [--odd]

Run it in a project after `dvc repro`. It compares each int8 file with the float network on the test frames; with --odd
also for calibration frames among which is a picture that no camera on the line gives.
"""

import argparse
import tempfile
from itertools import product
from pathlib import Path

import numpy as np
import torch._dynamo  # noqa: F401  # before TensorFlow: triton crashes where that came first
from numpy.typing import NDArray

from tinyinspect.config.loading import load
from tinyinspect.config.params import Params
from tinyinspect.config.quantize import Method, Quantize, Ranges
from tinyinspect.conversion import onnx_file
from tinyinspect.errors import InputError, reported
from tinyinspect.evaluation.runtimes import tflite_micro
from tinyinspect.quantization.calibration import calibration_views
from tinyinspect.quantization.quantizers import FloatNetwork, Material, quantize
from tinyinspect.selection.labelled import Labelled, frames_folder, read_labelled
from tinyinspect.tasks.classifier.pictures import calibration
from tinyinspect.tasks.classifier.settings import Task

Pictures = NDArray[np.uint8]  # (n, size, size, 3)


def main() -> None:
    """Quantize in every way and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=300, help="batches that qat and qat_int4 train with")
    parser.add_argument("--odd", action="store_true", help="calibrate with an odd frame too")
    given = parser.parse_args()
    params = load(Path("params.yaml"), Params)
    if not isinstance(params.task, Task):
        raise InputError("this project makes no classifier; run the benchmark in one that does")
    pictures = calibration(Path("dataset"), classes=params.data.classes, task=params.task)
    size, frames = params.model.input_size, read_labelled([frames_folder(Path("dataset"), "test")], params.data.classes)
    test, labels = frames.views(size), frames.labels
    views = calibration_views(pictures, size, params.quantize.calibration_frames, params.seed)
    expected = onnx_file.run(Path("models/model.onnx"), as_input(test))
    print(f"{len(views)} calibration frames, {len(test)} test frames, float accuracy {accuracy(expected, labels):.2%}")
    print("odd frame, method, ranges: accuracy, same answer as float, error of the outputs beside their spread, file")
    sets = odd_frames(size) if given.odd else {"none": np.empty((0, size, size, 3), np.uint8)}
    for (name, odd), method, ranges in product(sets.items(), Method, Ranges):
        settings = params.quantize.model_copy(
            update={"method": method, "ranges": ranges, "training_steps": given.steps if method.trains else None}
        )
        found, size_bytes = outputs_of(np.concatenate([views, odd]), test, pictures, params, settings)
        same = (found.argmax(1) == expected.argmax(1)).mean()
        error = np.sqrt(((found - expected) ** 2).mean()) / expected.std()
        figures = f"{accuracy(found, labels):.2%}, {same:.2%}, {error:.3f}, {size_bytes:,} bytes"
        print(f"{name}, {method}, {ranges}: {figures}", flush=True)


def odd_frames(size: int) -> dict[str, Pictures]:
    """None, then one picture of each kind that no camera on the line gives."""
    random = np.random.default_rng(0)
    squares = random.integers(0, 2, (1, 8, 8, 3), np.uint8).repeat(size // 8, 1).repeat(size // 8, 2)
    return {
        "none": np.empty((0, size, size, 3), np.uint8),
        "noise": random.integers(0, 256, (1, size, size, 3), np.uint8),
        "squares of pure colours": squares * np.uint8(255),
    }


def outputs_of(
    views: Pictures, test: Pictures, pictures: Labelled, params: Params, settings: Quantize
) -> tuple[NDArray[np.float32], int]:
    """What a file that is calibrated with these views answers to the test frames, and its size."""
    network = FloatNetwork(Path("models/model.onnx"), Path("models/saved_model"), params.convert.converter)
    with tempfile.TemporaryDirectory() as scratch:
        int8 = Path(scratch, "int8.tflite")
        quantize(network, Material(views, pictures, params.train, params.seed), settings, int8, Path(scratch, "float"))
        return tflite_micro(int8, test), int8.stat().st_size


def as_input(views: Pictures) -> NDArray[np.float32]:
    """What the float network takes: NCHW in [0, 1]."""
    return np.ascontiguousarray(views.transpose(0, 3, 1, 2), np.float32) / np.float32(255)


def accuracy(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Share of frames whose largest logit is their label's."""
    return float((logits.argmax(1) == labels).mean())


if __name__ == "__main__":
    with reported():
        main()
