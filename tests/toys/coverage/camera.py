"""What the camera gets."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel

from tinyinspect.config.app import App
from tinyinspect.deployment.bundle import Content
from tinyinspect.device.microcontroller import MicroRuntime
from tinyinspect.selection.labelled import frames_folder, read_labelled


class CoverageSection(BaseModel):
    """The numbers of the classes."""

    classes: list[str]
    covered: list[float]


def content(model: Path, dataset: Path, decision: Any, *, classes: list[str], task: Any, app: App) -> Content:
    """The model and the numbers of the classes."""
    return Content(
        name="coverage",
        file="model.tflite",
        model=model,
        network=MicroRuntime(model),
        section=CoverageSection(classes=classes, covered=decision.covered),
        collect={},
        labels=[],
        lights=[],
        sentences=["The terminal shows which part of the tray is covered."],
        frames=read_labelled(frames_folder(dataset, "test"), classes),
    )
