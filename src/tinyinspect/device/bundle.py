"""The camera bundle: everything to copy to the camera's drive, and what the host expects of it.

The program reads ``settings.json`` and looks for the model by its SHA-256, so a half-copied model or one of another
round is never run. ``check_frames/`` holds test frames with the host's int8 outputs, for ``make device-check``.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tinyinspect import camera
from tinyinspect.config import App, FrameSize, Led
from tinyinspect.device.microcontroller import MicroRuntime
from tinyinspect.errors import InputError
from tinyinspect.selection.labelled import Labelled

SHARED = "tinyinspect_camera.py"
MAIN = "main.py"
RECEIVER = "receive.py"  # the host sends it to the camera in order to send the rest
PROGRAM = [SHARED, "record.py", "collect.py", "check.py", RECEIVER, MAIN]
MODEL = "model.tflite"
LABELS = "model.txt"  # the firmware looks for the model's name up to its first dot, with this ending
SETTINGS = "settings.json"
MANIFEST = "manifest.json"
README = "README.md"
CHECK = "check_frames"
FIRMWARE = ["4.5.6", "5.0.0"]  # oldest and newest that the program was written for and is tested against
PIXELS = {FrameSize.QQVGA: (160, 120), FrameSize.QVGA: (320, 240), FrameSize.VGA: (640, 480)}
COLOURS = {
    Led.RED: ["LED_RED"],
    Led.GREEN: ["LED_GREEN"],
    Led.BLUE: ["LED_BLUE"],
    Led.YELLOW: ["LED_RED", "LED_GREEN"],
    Led.CYAN: ["LED_GREEN", "LED_BLUE"],
    Led.MAGENTA: ["LED_RED", "LED_BLUE"],
    Led.WHITE: ["LED_RED", "LED_GREEN", "LED_BLUE"],
}


@dataclass(frozen=True)
class Verified:
    """What the stage ``verify`` found out about the model on the chosen board.

    Attributes:
        board: name in ``conf/board``.
        firmware: the version that was assumed.
        milliseconds: estimated time of one inference.
    """

    board: str
    firmware: str
    milliseconds: float


def read_verified(path: Path) -> Verified:
    """Read ``device.json``.

    Raises:
        InputError: The file is missing, is no such JSON, or says that the model does not fit.
    """
    try:
        content = json.loads(path.read_text())
        found = Verified(content["board"], content["firmware"], float(content["milliseconds"]))
        fits, reasons = content["fits"], content["reasons"]
    except FileNotFoundError:
        raise InputError(f"{path} is missing; run the stage `verify` first") from None
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is not what the stage `verify` writes ({error}); run it again") from None
    if not fits:
        reason = "; ".join(reasons)
        raise InputError(f"{path} says that the model does not fit {found.board} ({reason}); mend that first")
    return found


def write_bundle(
    folder: Path, *, program: Path, model: Path, frames: Labelled, classes: list[str], app: App, verified: Verified
) -> None:
    """Write the bundle into an empty folder.

    Args:
        folder: is filled with the program, the model, labels, settings, frames to check, a manifest and a README.
        program: folder of the MicroPython files.
        model: the int8 .tflite file.
        frames: the test set, from which the frames to check are taken.
        classes: in the order of the model's outputs.
        app: the section of the parameters.
        verified: what ``verify`` found.

    Raises:
        InputError: A class has no LED colour or the other way round, or the model has another number of classes.
    """
    if len(app.leds) < len(classes):
        raise InputError(f"app.leds names {len(app.leds)} colours for {len(classes)} classes; add one for each class")
    network = MicroRuntime(model)
    if network.classes != len(classes):
        raise InputError(
            f"{model} has {network.classes} outputs, the classes are {classes}; run the stage `train` anew"
        )
    for name in PROGRAM:
        (folder / name).write_bytes((program / name).read_bytes())
    content = model.read_bytes()
    (folder / MODEL).write_bytes(content)
    (folder / LABELS).write_text("".join(f"{name}\n" for name in classes))
    settings = _settings(classes, app, network.input_size, content)
    (folder / SETTINGS).write_text(json.dumps(settings, indent=1) + "\n")
    _write_check(folder / CHECK, network, frames, app.check_frames)
    manifest = _manifest(folder, verified)
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n")
    (folder / README).write_text(_readme(manifest, app, classes))


def _settings(classes: list[str], app: App, input_size: int, model: bytes) -> dict[str, Any]:
    side = min(PIXELS[app.frame_size])
    return {
        "firmware": FIRMWARE,
        "lights": COLOURS[Led.WHITE],
        "camera": {
            "frame_size": app.frame_size.value,
            "window": [side, side],
            "max_dropped_frames": app.max_dropped_frames,
        },
        "classifier": {
            "model": MODEL,
            "sha256": hashlib.sha256(model).hexdigest(),
            "input_size": input_size,
            "classes": classes,
            "leds": [COLOURS[led] for led in app.leds[: len(classes)]],
            "min_score": app.min_score,
            "debounce_frames": app.debounce_frames,
        },
        "clip": {"jpeg_quality": app.jpeg_quality, "sync_frames": app.sync_frames, "spare_kb": app.spare_kb},
        "record": {"seconds": app.record_seconds},
        "collect": {
            "frames": app.collect_frames,
            "below_score": app.collect_below_score,
            "interval_ms": app.collect_interval_ms,
            "leds": COLOURS[app.collect_led],
        },
    }


def _write_check(folder: Path, network: MicroRuntime, frames: Labelled, count: int) -> None:
    folder.mkdir()
    expected = {}
    for number, row in enumerate(_spread(frames.labels, count)):
        # Twice the input's side: small on the camera's heap, and the firmware still has to resize. PPM, for a JPEG's
        # pixels depend on who decodes it.
        square = camera.square_window(frames.pictures[row])
        picture = camera.resize(square, 2 * network.input_size, 2 * network.input_size)
        name = f"{number:02d}.ppm"
        Image.fromarray(picture).save(folder / name)
        expected[name] = network.quantised_outputs(_int8(picture, network.input_size))[0].tolist()
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")


def _int8(picture: camera.Pixels, size: int) -> NDArray[np.int8]:
    """What the firmware writes into the input for a picture, (1, size, size, 3)."""
    return (camera.model_view(picture, size).astype(np.int16) - 128).astype(np.int8)[None]


def _spread(labels: NDArray[np.int64], count: int) -> list[int]:
    """Rows from every class in turn, evenly over each class's frames."""
    rows = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    each = -(-count // len(rows))
    picked = [one[np.linspace(0, len(one) - 1, min(each, len(one))).astype(int)].tolist() for one in rows]
    return [one[turn] for turn in range(each) for one in picked if turn < len(one)][:count]


def _manifest(folder: Path, verified: Verified) -> dict[str, Any]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        "board": verified.board,
        "firmware": {"oldest": FIRMWARE[0], "newest": FIRMWARE[1], "verified": verified.firmware},
        "expected": {
            "milliseconds": round(verified.milliseconds, 1),
            "frames_per_second": round(1000 / verified.milliseconds, 1),
            "assumes": "the inference alone, as device.json estimates it; taking and resizing the frame come on top",
        },
        "files": {
            path.relative_to(folder).as_posix(): {
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
                "bytes": path.stat().st_size,
            }
            for path in files
        },
    }


def _readme(manifest: dict[str, Any], app: App, classes: list[str]) -> str:
    expected, firmware = manifest["expected"], manifest["firmware"]
    side = min(PIXELS[app.frame_size])
    total = sum(file["bytes"] for file in manifest["files"].values())
    check = sum(file["bytes"] for name, file in manifest["files"].items() if name.startswith(CHECK))
    return README_TEXT.format(
        board=manifest["board"],
        oldest=firmware["oldest"],
        newest=firmware["newest"],
        verified=firmware["verified"],
        needed=f"{(total - check) / 1024:.0f}",
        check=f"{check / 1024:.0f}",
        folder=CHECK,
        lights="\n".join(f"| {led.value} | {name} |" for led, name in zip(app.leds, classes, strict=False)),
        debounce=app.debounce_frames,
        score=app.min_score,
        side=side,
        frame=app.frame_size.value,
        **expected,
    )


README_TEXT = """# To the camera

For {board} with OpenMV firmware {oldest} to {newest} (verified for {verified}).

1. Put in an SD card if the board takes one. The program with the model needs {needed} kB, the folder `{folder}`
   another {check} kB, and recordings more.
2. Connect the camera by USB, then `make deploy DRIVE=<its drive>`, or copy this folder's files to that drive by hand.
3. Eject the drive and reset the camera. `main.py` starts by itself.

| LED | the camera sees |
|---|---|
{lights}
| blinking red | an error; the sentence stands in the terminal of OpenMV IDE |
| off | nothing decided yet |

A class is shown after {debounce} frames in a row with a score of at least {score}. The model sees the middle
{side}x{side} pixels of {frame}.
Expected: at most {frames_per_second} frames per second, {milliseconds} ms each; this is
{assumes}.

`record.py`, `collect.py` and `check.py` are started from OpenMV IDE (open, then run): they record a clip, save the
frames that the model is unsure of, and compare the model on the board with the host.
"""
