"""Core ML package of the model for iOS, checked against PyTorch on real frames."""

from pathlib import Path

from tinyinspect.config.data import Data
from tinyinspect.config.loading import load
from tinyinspect.config.section import Section, TaskSettings
from tinyinspect.errors import reported
from tinyinspect.models.checkpoint import load_model
from tinyinspect.registry import task_part
from tinyinspect.selection.labelled import frames_folder, sample_views


class Inputs(Section):
    """The sections of ``params.yaml`` that this stage reads."""

    data: Data
    task: TaskSettings


def main() -> None:
    """Read the model's weights and its decision, write ``models/model.mlpackage``."""
    params = load(Path("params.yaml"), Inputs)
    decision = task_part(params.task.name, "decision").read(Path("models/decision.json"))
    network = load_model(Path("models/model.safetensors"))
    views = sample_views(frames_folder(Path("dataset"), "train"), network.input_size)
    print(
        task_part(params.task.name, "phone").export(
            network, decision, views, Path("models/model.mlpackage"), classes=params.data.classes, task=params.task
        )
    )


if __name__ == "__main__":
    with reported():
        main()
