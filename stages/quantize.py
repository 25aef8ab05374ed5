"""The SavedModel to a full int8 TFLite file, calibrated on training frames."""

from pathlib import Path

from tinyinspect.config.convert import Convert
from tinyinspect.config.data import Data
from tinyinspect.config.loading import load
from tinyinspect.config.quantize import Quantize
from tinyinspect.config.section import ModelSettings, Section, TaskSettings
from tinyinspect.config.train import Train
from tinyinspect.errors import reported
from tinyinspect.quantization.calibration import chosen_views
from tinyinspect.quantization.quantizers import FloatNetwork, Material, quantize
from tinyinspect.registry import task_part


class Inputs(Section):
    """The sections of ``params.yaml`` that this stage reads."""

    seed: int
    data: Data
    model: ModelSettings
    task: TaskSettings
    train: Train
    convert: Convert
    quantize: Quantize


def main() -> None:
    """Read the float network and what was trained on, write ``models/model_int8.tflite`` and what it rounds."""
    params = load(Path("params.yaml"), Inputs)
    settings, onnx = params.quantize, Path("models/model.onnx")
    part = task_part(params.task.name, "pictures")
    pictures = part.calibration(Path("dataset"), classes=params.data.classes, task=params.task)
    views = chosen_views(
        pictures,
        params.model.input_size,
        settings.calibration_frames,
        params.seed,
        settings.calibration_choice,
        onnx,
    )
    network = FloatNetwork(onnx, Path("models/saved_model"), params.convert.converter)
    material = Material(views, pictures, params.train, params.seed)
    quantize(network, material, settings, Path("models/model_int8.tflite"), Path("models/model_rounded_float32.tflite"))
    print(f"quantized by {settings.method}, calibrated with {len(views)} training frames")


if __name__ == "__main__":
    with reported():
        main()
