"""One bundle of two: the anomaly gate's and, for the pictures that it knows, the classifier's.

    tinyinspect cascade --gate GATE_BUNDLE --classifier CLASSIFIER_BUNDLE --out FOLDER

Each is made by the stage ``bundle``, both for the same board. What fits alone need not fit together: both arenas, and
the files where they are not used in place, share the board's heap and, from firmware 5.0.0 on, its frame memory.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from tinyinspect.config.board import Board
from tinyinspect.deployment.bundle import (
    EXPECTED,
    EXPECTED_OUTPUTS,
    PROGRAM,
    finish,
    times,
)
from tinyinspect.deployment.bundle_readme import colour
from tinyinspect.deployment.manifest import MANIFEST, Expected, ExpectedOfTwo, Facts, read_files, read_manifest
from tinyinspect.deployment.settings import SETTINGS, Collect, ModelSection, Settings
from tinyinspect.device.arena import arena_of
from tinyinspect.device.boards import read_board
from tinyinspect.device.memory import PROGRAM_BYTES, SETTINGS_BYTES, Need, heap_text, rooms_together
from tinyinspect.device.storage import Storage
from tinyinspect.errors import InputError
from tinyinspect.files import complete_folder, typed
from tinyinspect.tasks.classifier import camera as classifier_camera
from tinyinspect.tasks.classifier.camera import ClassifierSection
from tinyinspect.tasks.gate import camera as gate_camera
from tinyinspect.tasks.gate.camera import GateSection


class Variant(StrEnum):
    """What ``main.py`` runs; the settings have a section for each model of it."""

    CLASSIFIER = classifier_camera.NAME
    GATE = gate_camera.NAME
    CASCADE = "cascade"  # the gate and, for what it knows, the classifier


HALVES = (Variant.GATE, Variant.CLASSIFIER)  # in the order in which they look
MODELS = {Variant.GATE: gate_camera.FILE, Variant.CLASSIFIER: classifier_camera.FILE}


@dataclass(frozen=True)
class Half:
    """A finished bundle of one model.

    Attributes:
        folder: where it is.
        variant: gate or classifier.
        manifest: the facts in its manifest.
        files: content by name, as the manifest has it.
        settings: of all sections.
    """

    folder: Path
    variant: Variant
    manifest: Facts
    files: dict[str, bytes]
    settings: Settings

    @property
    def section(self) -> ModelSection:
        """The settings of its model."""
        return self.settings.models[self.variant]

    @property
    def model(self) -> Path:
        """Its .tflite file."""
        return self.folder / MODELS[self.variant]


def read_half(folder: Path, variant: Variant) -> Half:
    """Read and check a finished bundle.

    Raises:
        InputError: It is missing, incomplete or changed, or is another variant's.
    """
    files = {file.name: file.content for file in read_files(folder)}
    with _understood(folder):
        settings = typed(files[SETTINGS], Settings, str(folder / SETTINGS), "run the stage `bundle` again")
        if settings.program != variant:
            raise InputError(
                f"{folder} is a bundle '{settings.program}', not '{variant}'; give one of that kind with --{variant}"
            )
        missing = {MODELS[variant], EXPECTED} - set(files)
        if missing:
            raise InputError(f"{folder} lists no {', '.join(sorted(missing))}; run the stage `bundle` again")
        return Half(folder, variant, read_manifest(folder), files, settings)


def read_halves(gate: Path, classifier: Path) -> tuple[Half, Half]:
    """The two bundles of a cascade; errors as of :func:`read_half`."""
    return read_half(gate, Variant.GATE), read_half(classifier, Variant.CLASSIFIER)


@contextmanager
def _understood(*folders: Path) -> Iterator[None]:
    """Settings and facts of a bundle that are not what the stage ``bundle`` writes are one sentence."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        names = " or ".join(map(str, folders))
        words = " ".join(repr(error).split())
        raise InputError(f"{names} is no complete bundle ({words}); run the stage `bundle` again") from None


def merge(gate: Half, classifier: Half, out: Path, *, boards: Path, measured: list[str]) -> None:
    """Merge two finished bundles for the board that they were verified for; see :func:`write_cascade`.

    Args:
        gate: the bundle of the anomaly gate.
        classifier: the classifier's.
        out: folder of the new bundle.
        boards: folder ``conf/board``.
        measured: sentences for the bundle's README.

    Raises:
        InputError: As :func:`write_cascade`.
    """
    with _understood(gate.folder, classifier.folder):
        facts = classifier.manifest
        board = read_board(boards, facts.board).model_copy(update={"firmware": facts.firmware.verified})
        write_cascade(gate, classifier, board, out, measured)


def write_cascade(gate: Half, classifier: Half, board: Board, out: Path, measured: list[str] | None = None) -> None:
    """Write the cascade's bundle, complete or not at all; it replaces a bundle that stands there.

    Args:
        gate: looks first.
        classifier: looks at what the gate knows.
        board: that both were verified for, with its firmware.
        out: the bundle's folder.
        measured: sentences for the bundle's README.

    Raises:
        InputError: The two do not go together or do not fit on the board, or ``out`` is no bundle's folder.
    """
    _require_agreement(gate, classifier)
    _require_distinct_lights(gate, classifier)
    storage = _storage(gate, classifier, board)
    _require_own_folder(out, gate, classifier)
    facts = Facts(
        board=classifier.manifest.board,
        firmware=classifier.manifest.firmware,
        expected=_expected(gate, classifier),
        compiler=classifier.manifest.compiler,
        storage=storage,
        refused=[reason for half in (gate, classifier) for reason in half.manifest.refused],
    )
    collect = {**gate.settings.collect.model_dump(), **classifier.settings.collect.model_dump()}
    settings = classifier.settings.model_copy(
        update={"program": Variant.CASCADE, "collect": Collect(**collect), Variant.GATE: gate.section}
    )
    with complete_folder(out) as folder:
        _copy(gate, classifier, folder)
        first, second = gate_of(gate), classifier_of(classifier)
        lights = [*gate_camera.unknown_light(first), *classifier_camera.lights(second)]
        frames = classifier.section.debounce_frames
        sentences = [
            *gate_camera.sentences(first, frames),
            *classifier_camera.sentences(second, frames),
            "An unknown picture never gets a class.",
            *(measured or []),
        ]
        finish(folder, settings, facts, lights, sentences)


def _require_agreement(gate: Half, classifier: Half) -> None:
    """Raise where the two were made for different boards, frames or programs."""
    pairs: dict[str, list[Any]] = {
        "the board": [half.manifest.board for half in (gate, classifier)],
        "the firmware": [half.manifest.firmware.verified for half in (gate, classifier)],
        "the compiler": [half.manifest.compiler for half in (gate, classifier)],
        "app.frame_size": [half.settings.camera.frame_size for half in (gate, classifier)],
        "app.max_dropped_frames": [half.settings.camera.max_dropped_frames for half in (gate, classifier)],
        "app.debounce_frames": [half.section.debounce_frames for half in (gate, classifier)],
    }
    for what, (of_gate, of_classifier) in pairs.items():
        if of_gate != of_classifier:
            raise InputError(
                f"{what} is {of_gate} in {gate.folder} and {of_classifier} in {classifier.folder}; make both bundles "
                "with the same"
            )
    for name in PROGRAM:
        if gate.files.get(name) != classifier.files.get(name):
            raise InputError(
                f"{name} is not the same in {gate.folder} and {classifier.folder}; run the stage `bundle` of both at "
                "one version"
            )


def _require_distinct_lights(gate: Half, classifier: Half) -> None:
    leds, second = gate_of(gate).unknown_leds, classifier_of(classifier)
    if leds in second.leds:
        name = second.classes[second.leds.index(leds)]
        raise InputError(
            f"{colour(leds)} would mean both unknown and '{name}'; choose another app.unknown_led for the gate or "
            "app.leds for the classifier"
        )


def gate_of(gate: Half) -> GateSection:
    """A gate's own settings.

    Raises:
        InputError: They are another version's.
    """
    with _understood(gate.folder):
        return GateSection.model_validate(gate.section.model_extra)


def classifier_of(classifier: Half) -> ClassifierSection:
    """A classifier's own settings."""
    return ClassifierSection.model_validate(classifier.section.model_extra)


def _storage(gate: Half, classifier: Half, board: Board) -> dict[str, Storage]:
    """Where each model is kept, by the name of its file."""
    halves = (gate, classifier)  # as the program loads them
    needs = [Need(arena_of(half.model), half.model.stat().st_size) for half in halves]
    storages = rooms_together(board, needs)
    if storages is None:
        arenas, files = (
            " and ".join(str(size) for size in sizes)
            for sizes in ([need.arena_bytes for need in needs], [need.file_bytes for need in needs])
        )
        program = PROGRAM_BYTES + SETTINGS_BYTES
        raise InputError(
            f"gate and classifier do not fit on {board.title} together (arenas of {arenas}, files of {files}, program "
            f"{program} bytes; heap {heap_text(board)}, ROMFS {board.romfs_bytes}); make one of them smaller or choose "
            "another board"
        )
    return {half.model.name: storage for half, storage in zip(halves, storages, strict=True)}


def _require_own_folder(out: Path, gate: Half, classifier: Half) -> None:
    if out.resolve() in (gate.folder.resolve(), classifier.folder.resolve()):
        raise InputError(f"{out} is one of the two bundles; give another folder with --out")
    require_replaceable(out)


def require_replaceable(out: Path) -> None:
    """Raise where a folder stands that is no bundle.

    Raises:
        InputError: It does.
    """
    if out.exists() and not (out / MANIFEST).is_file():
        raise InputError(f"{out} is there and is no bundle; give a new folder with --out")


def _expected(gate: Half, classifier: Half) -> ExpectedOfTwo | None:
    first, second = gate.manifest.expected, classifier.manifest.expected
    if not isinstance(first, Expected) or not isinstance(second, Expected):
        return None
    both = first.milliseconds + second.milliseconds
    return ExpectedOfTwo(refused=times(first.milliseconds), accepted=times(both), assumes=first.assumes)


def _copy(gate: Half, classifier: Half, folder: Path) -> None:
    """Program, models, labels and all frames to check; the names of these begin with their model's."""
    own = {SETTINGS, EXPECTED}
    for name, content in {**gate.files, **classifier.files}.items():
        if name not in own:
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
    expected = {
        model: outputs
        for half in (gate, classifier)
        for model, outputs in EXPECTED_OUTPUTS.validate_json(half.files[EXPECTED]).items()
    }
    (folder / EXPECTED).write_bytes(EXPECTED_OUTPUTS.dump_json(expected) + b"\n")
