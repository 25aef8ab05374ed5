"""The camera bundle: everything to copy to the camera's drive, and what the host expects of it.

The program reads ``settings.json`` and looks for each model by its SHA-256, so a half-copied model or one of another
round is never run. ``check_frames/`` holds test frames with the host's int8 outputs, for ``make device-check``.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import BaseModel, TypeAdapter

from tinyinspect import camera
from tinyinspect.config.app import App, FrameSize, Led
from tinyinspect.deployment.bundle_readme import COLOURS, Lights, readme
from tinyinspect.deployment.manifest import MANIFEST, Entry, Expected, Facts, Firmware, Manifest, Times
from tinyinspect.deployment.settings import SETTINGS, Camera, Clip, Collect, ModelSection, Record, Settings
from tinyinspect.device.compiler import Compiler
from tinyinspect.device.device_file import DeviceFile
from tinyinspect.device.microcontroller import MicroRuntime
from tinyinspect.files import write_json
from tinyinspect.selection.labelled import Labelled

SHARED = "tinyinspect_camera.py"
MAIN = "main.py"
RECEIVER = "receive.py"  # the host sends it to the camera in order to send the rest
PROGRAM = [SHARED, "record.py", "collect.py", "check.py", RECEIVER, MAIN]
LABELS = "model.txt"  # the firmware looks for the model's name up to its first dot, with this ending
README = "README.md"
CHECK = "check_frames"
EXPECTED = f"{CHECK}/expected.json"
EXPECTED_OUTPUTS = TypeAdapter(dict[str, dict[str, list[int]]])  # by model and frame: int8 outputs of the host
FIRMWARE = ["4.5.6", "5.0.0"]  # oldest and newest that the program was written for and is tested against
PIXELS = {FrameSize.QQVGA: (160, 120), FrameSize.QVGA: (320, 240), FrameSize.VGA: (640, 480)}
ASSUMPTION = "the inference with its resize, as device.json estimates it at most; taking the frame comes on top"
ON_NPU = "the inference alone, as Vela estimates it; taking and resizing the frame come on top"
_CHECK_MARGIN = 32  # pixels that a frame to check is larger than the input: the firmware has to resize it


@dataclass(frozen=True)
class Content:
    """What a bundle holds for one model.

    Attributes:
        name: of what the program runs, and of its section in the settings.
        file: the model's name on the drive.
        model: path of the .tflite file that goes to the camera.
        network: the same, loaded, as it was before it was compiled for an NPU.
        section: of the settings, what this task needs there beside what every model does.
        collect: of the settings, from which score on a frame is no longer one to collect.
        labels: one a line for the firmware, or none.
        lights: LEDs and what they mean, for the README.
        sentences: how it decides, for the README.
        frames: test frames; those to check are drawn from each of their labels in turn.
    """

    name: str
    file: str
    model: Path
    network: MicroRuntime
    section: BaseModel
    collect: dict[str, float]
    labels: list[str]
    lights: Lights
    sentences: list[str]
    frames: Labelled


def write_bundle(
    folder: Path, content: Content, *, program: Path, app: App, verified: DeviceFile, refused: Sequence[str] = ()
) -> None:
    """Write the bundle into an empty folder.

    Args:
        folder: is filled with the program, the model, labels, settings, frames to check, a manifest and a README.
        content: of the model.
        program: folder of the MicroPython files.
        app: the section of the parameters.
        verified: what ``verify`` found out about the model on the chosen board.
        refused: why the stage ``accept`` refuses the model; none where it accepts it.
    """
    for name in PROGRAM:
        (folder / name).write_bytes((program / name).read_bytes())
    name = content.file
    model = content.model.read_bytes()
    (folder / name).write_bytes(model)
    if content.labels:
        (folder / LABELS).write_text("".join(f"{label}\n" for label in content.labels))
    section = ModelSection(
        model=name,
        # OpenMV IDE makes another file of it when it is added to ROMFS, which the program knows by its name alone.
        sha256=None if verified.compiler is Compiler.OPENMV_IDE else hashlib.sha256(model).hexdigest(),
        input_size=content.network.input_size,
        debounce_frames=app.debounce_frames,
        **content.section.model_dump(),
    )
    _write_check(folder, name, content.network, content.frames, app.check_frames)
    assumes = ON_NPU if verified.compiler is Compiler.VELA else ASSUMPTION
    time = verified.milliseconds
    settings = _settings(app, content, section)
    facts = Facts(
        board=verified.board,
        firmware=Firmware(oldest=FIRMWARE[0], newest=FIRMWARE[1], verified=verified.firmware),
        expected=None if time is None else Expected(**times(time).model_dump(), assumes=assumes),
        compiler=verified.compiler,
        refused=list(refused),
    )
    finish(folder, settings, facts, content.lights, content.sentences)


def times(milliseconds: float) -> Times:
    """The manifest's entry for the time of one frame."""
    return Times(milliseconds=round(milliseconds, 1), frames_per_second=round(1000 / milliseconds, 1))


def finish(folder: Path, settings: Settings, facts: Facts, lights: Lights, sentences: list[str]) -> None:
    """Add the settings, the manifest of ``facts`` and all files, and the README to a bundle's folder."""
    write_json(settings, folder / SETTINGS)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    entries = {path.relative_to(folder).as_posix(): _entry(path.read_bytes()) for path in files}
    manifest = Manifest(**dict(facts), files=entries)
    write_json(manifest, folder / MANIFEST)
    (folder / README).write_text(readme(settings, manifest, lights, sentences))


def _entry(content: bytes) -> Entry:
    return Entry(sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))


def _settings(app: App, content: Content, section: ModelSection) -> Settings:
    side = min(PIXELS[app.frame_size])
    return Settings(
        program=content.name,
        firmware=FIRMWARE,
        lights=COLOURS[Led.WHITE],
        camera=Camera(frame_size=app.frame_size.value, window=[side, side], max_dropped_frames=app.max_dropped_frames),
        clip=Clip(jpeg_quality=app.jpeg_quality, sync_frames=app.sync_frames, spare_kb=app.spare_kb),
        record=Record(seconds=app.record_seconds),
        collect=Collect(
            frames=app.collect_frames,
            interval_ms=app.collect_interval_ms,
            leds=COLOURS[app.collect_led],
            **content.collect,
        ),
        **{content.name: section},
    )


def _write_check(folder: Path, model: str, network: MicroRuntime, frames: Labelled, count: int) -> None:
    (folder / CHECK).mkdir()
    side = network.input_size + _CHECK_MARGIN
    expected = {}
    for number, row in enumerate(_spread(frames.labels, count)):
        # Small on the camera's heap. PPM, for a JPEG's pixels depend on who decodes it.
        picture = camera.resize(camera.square_window(frames.pictures[row]), side, side)
        name = f"{model.split('.')[0]}_{number:02d}.ppm"
        Image.fromarray(picture).save(folder / CHECK / name)
        expected[name] = network.quantised_outputs(_int8(picture, network.input_size))[0].tolist()
    (folder / EXPECTED).write_bytes(EXPECTED_OUTPUTS.dump_json({model: expected}) + b"\n")


def _int8(picture: camera.Pixels, size: int) -> NDArray[np.int8]:
    """What the firmware writes into the input for a picture, (1, size, size, 3)."""
    return (camera.model_view(picture, size).astype(np.int16) - 128).astype(np.int8)[None]


def _spread(labels: NDArray[np.int64], count: int) -> list[int]:
    """Rows from every class in turn, evenly over each class's frames."""
    rows = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    each = -(-count // len(rows))
    picked = [one[np.linspace(0, len(one) - 1, min(each, len(one))).astype(int)].tolist() for one in rows]
    return [one[turn] for turn in range(each) for one in picked if turn < len(one)][:count]
