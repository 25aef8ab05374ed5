"""The README of a camera bundle: what to copy, what the LEDs mean and how fast it is."""

from textwrap import fill

from tinyinspect.config.app import Led
from tinyinspect.deployment.manifest import Expected, ExpectedOfTwo, Manifest
from tinyinspect.deployment.settings import Leds, Settings
from tinyinspect.device.compiler import Compiler
from tinyinspect.device.storage import Storage

Lights = list[tuple[Leds, str]]  # LEDs that are on together, and what they mean

_WIDTH = 118
COLOURS = {
    Led.RED: ["LED_RED"],
    Led.GREEN: ["LED_GREEN"],
    Led.BLUE: ["LED_BLUE"],
    Led.YELLOW: ["LED_RED", "LED_GREEN"],
    Led.CYAN: ["LED_GREEN", "LED_BLUE"],
    Led.MAGENTA: ["LED_RED", "LED_BLUE"],
    Led.WHITE: ["LED_RED", "LED_GREEN", "LED_BLUE"],
}


def colour(leds: Leds) -> Led:
    """The colour that these LEDs make together."""
    return next(led for led, names in COLOURS.items() if names == leds)


def readme(settings: Settings, manifest: Manifest, lights: Lights, sentences: list[str]) -> str:
    """The text.

    Args:
        settings: of the bundle, with a section for each of its models.
        manifest: with the size of every file.
        lights: LEDs and what they mean.
        sentences: how the program decides.
    """
    sizes = {name: file.bytes for name, file in manifest.files.items()}
    check = sum(size for name, size in sizes.items() if "/" in name)
    return _TEXT.format(
        board=manifest.board,
        refused=_refused(manifest.refused),
        **manifest.firmware.model_dump(),
        needed=f"{(sum(sizes.values()) - check) / 1024:.0f}",
        check=f"{check / 1024:.0f}",
        romfs=_romfs(manifest),
        npu=_npu(manifest, [section.model for section in settings.models.values()]),
        lights="\n".join(f"| {colour(leds)} | {meaning} |" for leds, meaning in lights),
        decisions=fill(" ".join(sentences), _WIDTH),
        side=settings.camera.window[0],
        frame=settings.camera.frame_size,
        expected=_expected(manifest.expected),
    )


def _refused(reasons: list[str]) -> str:
    if not reasons:
        return ""
    return "\n" + fill(f"**Refused:** {'; and '.join(reasons)}.", _WIDTH) + "\n"


def _romfs(manifest: Manifest) -> str:
    names = [name for name, storage in manifest.storage.items() if storage is Storage.ROMFS]
    if not names:
        return ""
    files = " and ".join(f"`{name}`" for name in names)
    return f"\n   The board's heap cannot hold all: put {files} into its ROMFS as well (OpenMV IDE, Tools, Edit ROMFS)."


def _npu(manifest: Manifest, names: list[str]) -> str:
    """What a neural processor asks of the one who copies these models."""
    files = " and ".join(f"`{name}`" for name in names)
    verb, run, it = ("is", "runs", "it") if len(names) == 1 else ("are", "run", "them")
    match manifest.compiler:
        case Compiler.VELA:
            text = (
                f"{files} {verb} compiled for the neural processor of this board and {run} on no other. The host's "
                "outputs are those of the file before it was compiled; `make device-check` shows whether the board's "
                "equal them."
            )
        case Compiler.STEDGEAI:
            text = (
                f"{files} {verb} compiled for the neural processor of this board, with ST's stedgeai, and {run} on no "
                f"other. The processor reads {it} from ROMFS: in OpenMV IDE, Tools, Edit ROMFS, add {it} without "
                "compiling again. The host's outputs are those of the file before it was compiled; `make device-check` "
                "shows whether the board's equal them."
            )
        case Compiler.OPENMV_IDE:
            text = (
                f"The neural processor of this board needs another form of {files}: in OpenMV IDE, Tools, Edit ROMFS, "
                "add it. The IDE compiles it with ST's compiler and says so if it cannot. From the drive alone it does "
                "not load."
            )
        case _:
            return ""
    return "\n" + fill(text, _WIDTH) + "\n"


def _expected(expected: Expected | ExpectedOfTwo | None) -> str:
    if expected is None:
        return "no time is known for this board; the terminal shows the frames per second."
    if isinstance(expected, Expected):
        time = f"at most {expected.frames_per_second} frames per second, {expected.milliseconds} ms each"
    else:
        refused, accepted = expected.refused, expected.accepted
        time = (
            f"{refused.milliseconds} ms for a picture that it does not know (at most "
            f"{refused.frames_per_second} a second),\n{accepted.milliseconds} ms for one that gets a class "
            f"({accepted.frames_per_second} a second)"
        )
    return f"{time}.\nThis is {expected.assumes}."


_TEXT = """# To the camera
{refused}
For {board} with OpenMV firmware {oldest} to {newest} (verified for {verified}).

1. Put in an SD card if the board takes one. The program with what it runs needs {needed} kB, the folder `check_frames`
   another {check} kB, and recordings more.{romfs}
2. Connect the camera by USB, then `make deploy DRIVE=<its drive>`, or copy this folder's files to that drive by hand.
3. Eject the drive and reset the camera. `main.py` starts by itself.
{npu}
| LED | the camera sees |
|---|---|
{lights}
| blinking red | an error; the sentence stands in the terminal of OpenMV IDE |
| off | nothing decided yet |

{decisions}
The program sees the middle {side}x{side} pixels of {frame}.
Expected: {expected}

`record.py`, `collect.py` and `check.py` are started from OpenMV IDE (open, then run): they record a clip, save the
frames that the program is unsure of, and compare the board with the host.
"""
