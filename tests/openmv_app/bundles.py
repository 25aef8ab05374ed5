"""Make bundles for tests, as the stage and the cascade's command do."""

from pathlib import Path

import numpy as np

from tests.device.verified import verified
from tests.openmv_app.firmware import foreign_frames, real_frames
from tinyinspect.config.app import App, Led
from tinyinspect.config.loading import check
from tinyinspect.config.params import Params
from tinyinspect.deployment.bundle import Content, write_bundle
from tinyinspect.device.boards import read_board
from tinyinspect.project.compose import composed
from tinyinspect.selection.labelled import Labelled
from tinyinspect.tasks.cascade import read_halves, write_cascade
from tinyinspect.tasks.classifier import camera as classifier_camera
from tinyinspect.tasks.classifier.decision import ScoreLimits
from tinyinspect.tasks.gate import camera as gate_camera
from tinyinspect.tasks.gate.decision import Decision, read

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
MODEL = HERE / "tiny_int8.tflite"  # tells a frame's dominant colour: good is green, defective red, no_mask blue
GATE = HERE / "tiny_gate.tflite"  # knows frames of the inspection line
WHOLE_DECISION = read(HERE / "tiny_gate.json")
DECISION = WHOLE_DECISION.of_int8
LIMITS = ScoreLimits(temperature=1.5, min_score=0.6, unsure_below=0.8, held_out=3, error_rate=0, counted=1)
CLASSES = ["good", "defective", "no_mask"]
APP = check(composed(ROOT / "conf", []), "conf/", Params).app.model_copy(
    update={
        "leds": [Led.GREEN, Led.RED, Led.BLUE],
        "known_led": Led.GREEN,
        "unknown_led": Led.YELLOW,
    }
)
BOARD = read_board(ROOT / "conf/board", "openmv_h7")
CLASSIFIER_MS, GATE_MS = 12.5, 40.0


def labelled() -> Labelled:
    frames = dict(real_frames(HERE / "frames"))
    return Labelled([frames[name] for name in CLASSES], np.arange(3), [f"{name}.jpg" for name in CLASSES])


def foreign() -> Labelled:
    frames = foreign_frames()
    return Labelled(frames, np.arange(len(frames)), [f"{number}.jpg" for number in range(len(frames))])


def write_test_bundle(folder: Path, app: App = APP, model: Path = MODEL, classes: list[str] = CLASSES) -> Path:
    return _write(folder, classifier_camera.content_of(model, labelled(), LIMITS, classes, app), app, CLASSIFIER_MS)


def write_test_gate(folder: Path, app: App = APP, model: Path = GATE, decision: Decision = DECISION) -> Path:
    whole = WHOLE_DECISION.model_copy(update={"of_int8": decision})
    return _write(folder, gate_camera.content_of(model, labelled(), foreign(), whole, app), app, GATE_MS)


def write_test_cascade(folder: Path, gate: Path, classifier: Path) -> Path:
    halves = read_halves(gate, classifier)
    write_cascade(*halves, BOARD, folder)
    return folder


def _write(folder: Path, content: Content, app: App, milliseconds: float) -> Path:
    folder.mkdir()
    found = verified(board=BOARD.name, firmware=BOARD.firmware, milliseconds=milliseconds)
    write_bundle(folder, content, program=ROOT / "openmv_app", app=app, verified=found)
    return folder
