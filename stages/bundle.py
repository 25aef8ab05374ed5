"""Everything to copy to the camera's drive, in models/openmv."""

from dataclasses import replace
from pathlib import Path

from tinyinspect.config.accept import Accept
from tinyinspect.config.app import App
from tinyinspect.config.data import Data
from tinyinspect.config.loading import load
from tinyinspect.config.quantize import Quantize
from tinyinspect.config.section import Section, TaskSettings
from tinyinspect.deployment.bundle import write_bundle
from tinyinspect.device.device_file import read_device
from tinyinspect.errors import reported
from tinyinspect.files import complete_folder
from tinyinspect.registry import task_part
from tinyinspect.tasks.limits import refusals

MODEL = Path("models/model_int8.tflite")
COMPILED = Path("models/compiled/model.tflite")  # there where the board has a neural processor


class Inputs(Section):
    """The sections of ``params.yaml`` that this stage reads."""

    data: Data
    task: TaskSettings
    app: App
    accept: Accept
    quantize: Quantize


def main() -> None:
    """Bundle the verified int8 model with the program, its settings and frames to check it by."""
    params = load(Path("params.yaml"), Inputs)
    verified = read_device()
    decision = task_part(params.task.name, "decision").read(Path("models/decision.json"))
    content = task_part(params.task.name, "camera").content(
        MODEL, Path("dataset"), decision, classes=params.data.classes, task=params.task, app=params.app
    )
    refused = refusals(params.task.name, params.accept, params.quantize.max_accuracy_lost_points)
    if COMPILED.exists():
        content = replace(content, model=COMPILED)
    with complete_folder(Path("models/openmv")) as folder:
        write_bundle(folder, content, program=Path("openmv_app"), app=params.app, verified=verified, refused=refused)


if __name__ == "__main__":
    with reported():
        main()
