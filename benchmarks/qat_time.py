"""How long `qat` trains beside the training of the classifier: a step and an epoch, timed in turn, in one run.

    python benchmarks/qat_time.py

Run it in a project after `dvc repro`. Times are those of the processor.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from quantizers import as_input

from tinyinspect.config.loading import load
from tinyinspect.config.params import Params
from tinyinspect.config.quantize import Ranges
from tinyinspect.conversion import onnx_file
from tinyinspect.errors import InputError, reported
from tinyinspect.learning import training
from tinyinspect.learning.devices import device_of
from tinyinspect.learning.frames import frames_of
from tinyinspect.project.untrained import network_of
from tinyinspect.quantization import equalization, training_aware
from tinyinspect.quantization.calibration import calibration_views
from tinyinspect.tasks.classifier.objective.classification import Classification
from tinyinspect.tasks.classifier.pictures import calibration
from tinyinspect.tasks.classifier.settings import Task

STEPS, ROUNDS = 300, 3  # those of quantize=qat
FEW, MANY = 10, 60


def main() -> None:
    """Print both times and their ratio."""
    params = load(Path("params.yaml"), Params)
    if not isinstance(params.task, Task):
        raise InputError("this project makes no classifier; run the benchmark in one that does")
    pictures, size = (
        calibration(Path("dataset"), classes=params.data.classes, task=params.task),
        params.model.input_size,
    )
    views = calibration_views(pictures, size, params.quantize.calibration_frames, params.seed)
    teacher = onnx_file.read(Path("models/model.onnx"))
    start = equalization.equalize(Path("models/model.onnx"), as_input(views).transpose(0, 2, 3, 1))
    frames = frames_of(pictures, size, device_of(params.train.device))

    def steps(count: int) -> None:
        training_aware.train(
            start, teacher, views, pictures,
            steps=count, narrow=False, ranges=Ranges.MIN_MAX, settings=params.train, seed=params.seed,
        )  # fmt: skip

    def epochs(count: int) -> None:
        settings, none = params.train.model_copy(update={"epochs": count}), frames.take(np.arange(0))
        objective = Classification(frames, none, len(params.data.classes), params.loss, settings)
        network = network_of(params).to(frames.labels.device)
        with tempfile.TemporaryDirectory() as folder:
            for _ in training.fit(network, objective, settings, params.seed, Path(folder, "training.pt")):
                pass

    for _ in range(ROUNDS):
        quantizing, trained = STEPS * seconds(steps), params.train.epochs * seconds(epochs)
        print(
            f"{STEPS} steps of qat {quantizing:.0f} s, {params.train.epochs} epochs of training {trained:.0f} s, "
            f"ratio {quantizing / trained:.3f}",
            flush=True,
        )


def seconds(run: Callable[[int], None]) -> float:
    """Of one step or epoch, without what comes before the first."""
    took = []
    for count in (FEW, MANY):
        began = time.process_time()
        run(count)
        took.append(time.process_time() - began)
    return (took[1] - took[0]) / (MANY - FEW)


if __name__ == "__main__":
    with reported():
        main()
