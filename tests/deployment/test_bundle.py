"""The bundle is complete, tells the truth about itself and refuses what does not fit together."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.device.verified import verified
from tests.openmv_app.bundles import (
    APP,
    CLASSES,
    DECISION,
    GATE,
    LIMITS,
    MODEL,
    labelled,
    write_test_bundle,
    write_test_gate,
)
from tinyinspect.config.app import FrameSize, Led
from tinyinspect.deployment.bundle import (
    CHECK,
    EXPECTED,
    FIRMWARE,
    README,
    _int8,
    _spread,
    write_bundle,
)
from tinyinspect.deployment.manifest import MANIFEST
from tinyinspect.device.boards import firmware_of
from tinyinspect.device.compiler import Compiler
from tinyinspect.device.device_file import read_device
from tinyinspect.device.microcontroller import MicroRuntime
from tinyinspect.errors import InputError
from tinyinspect.tasks.classifier.camera import content_of
from tinyinspect.tasks.gate.decision import Decision

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("write", "rate"), [(write_test_bundle, 80.0), (write_test_gate, 25.0)])
def test_the_manifest_names_every_file_with_its_hash(
    tmp_path: Path, write: Callable[[Path], Path], rate: float
) -> None:
    folder = write(tmp_path / "openmv")
    manifest = json.loads((folder / "manifest.json").read_text())
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert set(manifest["files"]) == found - {"manifest.json", "README.md"}
    for name, entry in manifest["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == entry["sha256"]
    assert manifest["expected"]["frames_per_second"] == rate


def test_a_classifiers_bundle_names_its_classes(tmp_path: Path) -> None:
    folder = write_test_bundle(tmp_path / "openmv")
    assert (folder / "model.txt").read_text().split() == CLASSES
    readme = (folder / "README.md").read_text()
    assert "| green | good |" in readme and "known" not in readme


def test_a_gates_bundle_holds_its_decision(tmp_path: Path) -> None:
    folder = write_test_gate(tmp_path / "openmv")
    settings = json.loads((folder / "settings.json").read_text())
    assert settings["program"] == "gate" and "classifier" not in settings
    section = settings["gate"]
    assert section["model"] == "gate.tflite" and section["input_size"] == 32
    assert section["threshold"] == DECISION.threshold
    assert section["centroids"] == DECISION.centroids
    assert (section["known_leds"], section["unknown_leds"]) == (["LED_GREEN"], ["LED_RED", "LED_GREEN"])
    assert not (folder / "model.txt").exists()
    readme = (folder / "README.md").read_text()
    assert "| yellow | nothing it knows |\n| green | something it knows |" in readme and "class" not in readme


def _for_npu(folder: Path, compiler: Compiler, milliseconds: float | None, model: Path) -> Path:
    content = replace(content_of(MODEL, labelled(), LIMITS, CLASSES, APP), model=model)
    found = verified(board="a_board", milliseconds=milliseconds, compiler=compiler)
    folder.mkdir()
    write_bundle(folder, content, program=Path("openmv_app"), app=APP, verified=found)
    return folder


def test_a_compiled_model_is_carried_and_the_host_answers_with_the_one_before(tmp_path: Path) -> None:
    (tmp_path / "compiled.tflite").write_bytes(b"for the neural processor")
    plain = write_test_bundle(tmp_path / "plain")
    folder = _for_npu(tmp_path / "openmv", Compiler.VELA, 0.26, tmp_path / "compiled.tflite")
    assert (folder / "model.tflite").read_bytes() == b"for the neural processor"
    settings = json.loads((folder / "settings.json").read_text())
    assert settings["classifier"]["sha256"] == hashlib.sha256(b"for the neural processor").hexdigest()
    assert (folder / EXPECTED).read_bytes() == (plain / EXPECTED).read_bytes()
    readme = (folder / "README.md").read_text()
    assert "compiled for the neural processor of this board" in readme and "make device-check" in readme
    assert "as Vela estimates it" in readme


def test_a_model_of_sts_compiler_says_that_it_goes_into_romfs_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "compiled.tflite").write_bytes(b"NBIN")
    folder = _for_npu(tmp_path / "openmv", Compiler.STEDGEAI, None, tmp_path / "compiled.tflite")
    settings = json.loads((folder / "settings.json").read_text())
    assert settings["classifier"]["sha256"] == hashlib.sha256(b"NBIN").hexdigest()
    readme = " ".join((folder / "README.md").read_text().split())
    assert "Edit ROMFS, add it without compiling again" in readme and "make device-check" in readme


def test_a_board_whose_ide_compiles_says_which_step_does_it(tmp_path: Path) -> None:
    folder = _for_npu(tmp_path / "openmv", Compiler.OPENMV_IDE, None, MODEL)
    assert json.loads((folder / "settings.json").read_text())["classifier"]["sha256"] is None
    assert json.loads((folder / "manifest.json").read_text())["expected"] is None
    readme = (folder / "README.md").read_text()
    assert "Tools, Edit ROMFS" in readme and "no time is known for this board" in readme


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = write_test_bundle(tmp_path / "a"), write_test_bundle(tmp_path / "b")
    assert (first / "manifest.json").read_bytes() == (second / "manifest.json").read_bytes()


def test_settings_follow_the_parameters(tmp_path: Path) -> None:
    app = APP.model_copy(update={"frame_size": FrameSize.QQVGA, "leds": [Led.WHITE, Led.CYAN, Led.RED]})
    settings = json.loads((write_test_bundle(tmp_path / "openmv", app=app) / "settings.json").read_text())
    assert settings["camera"]["window"] == [120, 120]
    leds = settings["classifier"]["leds"]
    assert leds == [["LED_RED", "LED_GREEN", "LED_BLUE"], ["LED_GREEN", "LED_BLUE"], ["LED_RED"]]


@pytest.mark.parametrize(
    ("write", "model", "name"), [(write_test_bundle, MODEL, "model.tflite"), (write_test_gate, GATE, "gate.tflite")]
)
def test_check_frames_hold_what_the_host_expects(
    tmp_path: Path, write: Callable[[Path], Path], model: Path, name: str
) -> None:
    folder = write(tmp_path / "openmv")
    network = MicroRuntime(model)
    size = network.input_size
    expected = json.loads((folder / EXPECTED).read_text())[name]
    for frame, outputs in expected.items():
        with Image.open(folder / CHECK / frame) as picture:
            pixels = np.asarray(picture)
        assert pixels.shape == (size + 32, size + 32, 3)
        assert network.quantised_outputs(_int8(pixels, size))[0].tolist() == outputs


def test_a_gates_check_frames_are_known_and_unknown_in_turn(tmp_path: Path) -> None:
    folder = write_test_gate(tmp_path / "openmv")
    network = MicroRuntime(GATE)
    known = []
    for path in sorted((folder / CHECK).glob("*.ppm")):
        with Image.open(path) as picture:
            known.append(bool(DECISION.accepts(network.outputs(_int8(np.asarray(picture), 32)))[0]))
    assert known == [True, False, True, False, True]


def test_check_frames_come_from_every_class() -> None:
    labels = np.array([0] * 100 + [1] * 3 + [2] * 10)
    rows = _spread(labels, 6)
    assert labels[rows].tolist() == [0, 1, 2, 0, 1, 2]
    assert len(set(rows)) == 6


def test_the_firmware_range_is_the_boards() -> None:
    assert firmware_of(FIRMWARE[0]).since == (4, 5, 6)
    assert firmware_of(FIRMWARE[1]).since == (5, 0, 0)


def test_every_class_needs_a_colour(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"app\.leds names 1 colours for 3 classes"):
        write_test_bundle(tmp_path / "a", app=APP.model_copy(update={"leds": [Led.GREEN]}))
    with pytest.raises(InputError, match="has 3 outputs"):
        write_test_bundle(tmp_path / "b", classes=["good", "bad"])


def test_a_gate_needs_two_colours_and_its_own_centroid(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"app\.known_led and app\.unknown_led are both green; choose two"):
        write_test_gate(tmp_path / "a", app=APP.model_copy(update={"unknown_led": Led.GREEN}))
    short = Decision(threshold=DECISION.threshold, centroids=[DECISION.centroids[0][:7]])
    with pytest.raises(InputError, match=r"gives 8 numbers and .* judges 7; run the stage `decide` anew"):
        write_test_gate(tmp_path / "b", decision=short)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "is missing; run `dvc repro verify`"),
        ("{", "is of another version or damaged .*run `dvc repro verify`"),
        ("{}", "is of another version or damaged .*run `dvc repro verify`"),
    ],
)
def test_an_unverified_model_is_not_bundled(tmp_path: Path, text: str | None, sentence: str) -> None:
    path = tmp_path / "device.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(InputError, match=sentence):
        read_device(path)


def test_a_refused_model_is_bundled_and_its_reason_told(tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    folder.mkdir()
    content = content_of(MODEL, labelled(), LIMITS, CLASSES, APP)
    found = verified(board="openmv_m7", milliseconds=9.0)
    reason = "it does not run on openmv_m7: arena of 9 bytes"
    write_bundle(folder, content, program=ROOT / "openmv_app", app=APP, verified=found, refused=[reason])
    assert json.loads((folder / MANIFEST).read_text())["refused"] == [reason]
    assert f"**Refused:** {reason}." in (folder / README).read_text()
    assert "Refused" not in (write_test_bundle(tmp_path / "accepted") / README).read_text()
