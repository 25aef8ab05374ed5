"""What the camera's program needs for a gate."""

from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from tinyinspect.config.app import App
from tinyinspect.deployment.bundle import Content
from tinyinspect.deployment.bundle_readme import COLOURS, Lights
from tinyinspect.deployment.settings import Leds
from tinyinspect.device.microcontroller import MicroRuntime
from tinyinspect.errors import InputError
from tinyinspect.evaluation.frame_test import FrameTest
from tinyinspect.selection.labelled import Labelled, frames_folder, join, read_labelled
from tinyinspect.tasks.gate.decision import Centroid, Decision, Gate, knows, too_few
from tinyinspect.tasks.gate.pictures import abnormal_folder, read_abnormals
from tinyinspect.tasks.gate.settings import Task

NAME, FILE = "gate", "gate.tflite"


class HeldOut(BaseModel):
    """What the threshold was chosen on."""

    model_config = ConfigDict(frozen=True)

    normal: int = Field(description="Held-out normal frames")
    refused: int = Field(description="How many of these do not pass")
    abnormal: int = Field(description="Held-out abnormal pictures")
    passed: int = Field(description="How many of these pass")


class GateSection(BaseModel):
    """What the program needs for a gate beside what it needs for every model."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    threshold: float = Field(description="Least cosine similarity to the nearest centroid that passes")
    known_leds: Leds
    unknown_leds: Leds
    centroids: list[Centroid] = Field(min_length=1, description="Mean embeddings of normal frames")
    frame_test: FrameTest | None = Field(description="Where the frame numbers of normal frames lie")
    held_out: HeldOut

    @property
    def decision(self) -> Decision:
        """What the program decides by."""
        return Decision(threshold=self.threshold, centroids=self.centroids, frame_test=self.frame_test)


def content(model: Path, dataset: Path, decision: Gate, *, classes: list[str], task: Task, app: App) -> Content:
    """The content of an anomaly gate's bundle, with test pictures of the dataset; see :func:`content_of`."""
    normals = read_labelled(frames_folder(dataset, "test"), task.normal_classes)
    abnormals, _ = read_abnormals(abnormal_folder(dataset, "test"))
    return content_of(model, normals, abnormals, decision, app)


def content_of(model: Path, normals: Labelled, abnormals: Labelled, gate: Gate, app: App) -> Content:
    """The content of an anomaly gate's bundle.

    Args:
        model: the int8 .tflite file.
        normals: test frames of what the gate knows.
        abnormals: test pictures of what it does not.
        gate: the decision.
        app: the section of the parameters.

    Raises:
        InputError: Known and unknown have one LED colour, or the decision is another network's.
    """
    if app.known_led is app.unknown_led:
        raise InputError(f"app.known_led and app.unknown_led are both {app.known_led}; choose two colours")
    network, decision = MicroRuntime(model), gate.of_int8
    if network.output_count != decision.length:
        raise InputError(
            f"{model} gives {network.output_count} numbers and models/decision.json judges {decision.length}; run the "
            "stage `decide` anew"
        )
    section = GateSection(
        threshold=decision.threshold,
        known_leds=COLOURS[app.known_led],
        unknown_leds=COLOURS[app.unknown_led],
        centroids=decision.centroids,
        frame_test=decision.frame_test,
        held_out=HeldOut(normal=gate.normal, refused=gate.refused, abnormal=gate.abnormal, passed=gate.passed),
    )
    return Content(
        name=NAME,
        file=FILE,
        model=model,
        network=network,
        section=section,
        collect={"gate_margin": app.collect_gate_margin},
        labels=[],
        lights=[*unknown_light(section), (section.known_leds, "something it knows")],
        sentences=sentences(section, app.debounce_frames),
        frames=join([normals, abnormals], np.repeat([0, 1], [len(normals), len(abnormals)])),
    )


def unknown_light(section: GateSection) -> Lights:
    """The LEDs of a picture that does not pass."""
    return [(section.unknown_leds, "nothing it knows")]


def sentences(section: GateSection, debounce_frames: int) -> list[str]:
    """How the program decides, for the bundle's README."""
    held_out = section.held_out
    return [
        f"A picture is known from a similarity of {section.threshold} on.",
        knows(held_out.normal, held_out.refused, held_out.abnormal, held_out.passed),
        *(f"**Warning:** {one}." for one in too_few(held_out.normal, held_out.abnormal)),
        f"Known or unknown is shown after {debounce_frames} frames in a row that agree.",
    ]
