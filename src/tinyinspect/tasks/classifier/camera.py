"""What the camera's program needs for a classifier."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from tinyinspect.config.app import App
from tinyinspect.deployment.bundle import Content
from tinyinspect.deployment.bundle_readme import COLOURS, Lights
from tinyinspect.deployment.settings import Leds
from tinyinspect.device.microcontroller import MicroRuntime
from tinyinspect.errors import InputError
from tinyinspect.selection.labelled import Labelled, frames_folder, read_labelled
from tinyinspect.tasks.classifier.decision import ScoreLimits
from tinyinspect.tasks.classifier.settings import Task

NAME, FILE = "classifier", "model.tflite"


class ClassifierSection(BaseModel):
    """What the program needs for a classifier beside what it needs for every model."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    classes: list[str] = Field(description="In the order of the model's outputs")
    leds: list[Leds] = Field(description="Of each class")
    temperature: float = Field(description="By which the outputs are divided before the softmax")
    min_score: float = Field(description="Least score that counts")


def content(model: Path, dataset: Path, decision: ScoreLimits, *, classes: list[str], task: Task, app: App) -> Content:
    """The content of a classifier's bundle, with test frames of the dataset; see :func:`content_of`."""
    return content_of(model, read_labelled(frames_folder(dataset, "test"), classes), decision, classes, app)


def content_of(model: Path, frames: Labelled, decision: ScoreLimits, classes: list[str], app: App) -> Content:
    """The content of a classifier's bundle.

    Args:
        model: the int8 .tflite file.
        frames: test frames.
        decision: temperature and score limits.
        classes: in the order of the model's outputs.
        app: the section of the parameters.

    Raises:
        InputError: A class has no LED colour, or the model has another number of classes.
    """
    if len(app.leds) < len(classes):
        raise InputError(f"app.leds names {len(app.leds)} colours for {len(classes)} classes; add one for each class")
    network = MicroRuntime(model)
    if network.output_count != len(classes):
        raise InputError(
            f"{model} has {network.output_count} outputs, the classes are {classes}; run the stage `train` anew"
        )
    section = ClassifierSection(
        classes=classes,
        leds=[COLOURS[led] for led in app.leds[: len(classes)]],
        temperature=decision.temperature,
        min_score=decision.min_score,
    )
    return Content(
        name=NAME,
        file=FILE,
        model=model,
        network=network,
        section=section,
        collect={"below_score": decision.unsure_below},
        labels=classes,
        lights=lights(section),
        sentences=sentences(section, app.debounce_frames),
        frames=frames,
    )


def lights(section: ClassifierSection) -> Lights:
    """LEDs and what they mean."""
    return list(zip(section.leds, section.classes, strict=True))


def sentences(section: ClassifierSection, debounce_frames: int) -> list[str]:
    """How the program decides, for the bundle's README."""
    score = section.min_score
    return [f"A class is shown after {debounce_frames} frames in a row with a score of at least {score}."]
