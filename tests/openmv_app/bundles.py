"""Make a bundle for tests, as the stage does."""

from pathlib import Path

import numpy as np

from tests.openmv_app.firmware import real_frames
from tinyinspect import config
from tinyinspect.device.bundle import Verified, write_bundle
from tinyinspect.selection.labelled import Labelled

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
MODEL = HERE / "tiny_int8.tflite"  # tells a frame's dominant colour: good is green, defective red, no_mask blue
CLASSES = ["good", "defective", "no_mask"]
APP = config.load(ROOT / "params.yaml").app.model_copy(
    update={"leds": [config.Led.GREEN, config.Led.RED, config.Led.BLUE]}
)


def labelled() -> Labelled:
    frames = dict(real_frames(HERE / "frames"))
    return Labelled([frames[name] for name in CLASSES], np.arange(3), [f"{name}.jpg" for name in CLASSES])


def write_test_bundle(folder: Path, app: config.App = APP, model: Path = MODEL, classes: list[str] = CLASSES) -> Path:
    folder.mkdir()
    verified = Verified("openmv_h7", "5.0.0", 12.5)
    write_bundle(
        folder,
        program=ROOT / "openmv_app",
        model=model,
        frames=labelled(),
        classes=classes,
        app=app,
        verified=verified,
    )
    return folder
