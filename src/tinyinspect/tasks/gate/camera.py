"""What the camera's program needs for a gate."""

from pathlib import Path
from typing import Any

import numpy as np

from tinyinspect.config.app import App
from tinyinspect.deployment.bundle import Content
from tinyinspect.deployment.bundle_readme import COLOURS, Lights
from tinyinspect.device.microcontroller import MicroRuntime
from tinyinspect.errors import InputError
from tinyinspect.selection.labelled import Labelled, frames_folder, join, read_labelled
from tinyinspect.tasks.gate.decision import Gate, knows, too_few
from tinyinspect.tasks.gate.pictures import abnormal_folder, read_abnormals
from tinyinspect.tasks.gate.settings import Task

NAME, FILE = "gate", "gate.tflite"
_HELD_OUT = "normal", "refused", "abnormal", "passed"  # what the threshold was chosen on


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
        InputError: Known and unknown have one LED colour, or the embedding has not the centroid's length.
    """
    if app.known_led is app.unknown_led:
        raise InputError(f"app.known_led and app.unknown_led are both {app.known_led}; choose two colours")
    network, decision = MicroRuntime(model), gate.of_int8
    if network.output_count != len(decision.numbers):
        raise InputError(
            f"{model} gives {network.output_count} numbers and the centroid has {len(decision.numbers)}; run the stage "
            "`decide` anew"
        )
    section: dict[str, Any] = {
        "threshold": decision.threshold,
        "known_leds": COLOURS[app.known_led],
        "unknown_leds": COLOURS[app.unknown_led],
        "centroid": decision.numbers,
        "held_out": {name: getattr(gate, name) for name in _HELD_OUT},
    }
    return Content(
        name=NAME,
        file=FILE,
        model=model,
        network=network,
        section=section,
        collect={"gate_margin": app.collect_gate_margin},
        labels=[],
        lights=[*unknown_light(section), (section["known_leds"], "something it knows")],
        sentences=sentences(section, app.debounce_frames),
        frames=join([normals, abnormals], np.repeat([0, 1], [len(normals), len(abnormals)])),
    )


def unknown_light(section: dict[str, Any]) -> Lights:
    """The LEDs of a picture that does not pass, of the section of a bundle's settings."""
    return [(section["unknown_leds"], "nothing it knows")]


def sentences(section: dict[str, Any], debounce_frames: int) -> list[str]:
    """How the program decides, for the bundle's README."""
    return [
        f"A picture is known from a similarity of {section['threshold']} on.",
        knows(*(section["held_out"][name] for name in _HELD_OUT)),
        *(f"**Warning:** {one}." for one in too_few(section["held_out"]["normal"], section["held_out"]["abnormal"])),
        f"Known or unknown is shown after {debounce_frames} frames in a row that agree.",
    ]
