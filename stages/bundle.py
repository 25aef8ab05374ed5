"""Stage ``bundle``: everything to copy to the camera's drive, in models/openmv."""

from dataclasses import replace
from pathlib import Path

from tinyinspect.config.loading import load
from tinyinspect.config.params import Params
from tinyinspect.deployment.bundle import Content, classifier_content, gate_content, read_verified, write_bundle
from tinyinspect.device.gate import read_gate
from tinyinspect.errors import reported
from tinyinspect.files import complete_folder
from tinyinspect.selection.abnormals import read_abnormals
from tinyinspect.selection.labelled import read_labelled

MODEL = Path("models/model_int8.tflite")
COMPILED = Path("models/compiled/model.tflite")  # there where the board has a neural processor
TEST = Path("labeled/test")


def main() -> None:
    """Bundle the verified int8 model with the program, its settings and frames to check it by."""
    with reported():
        params = load(Path("params.yaml"), Params)
        verified = read_verified(Path("device.json"))
        content = _content(params)
        if COMPILED.exists():
            content = replace(content, model=COMPILED)
        with complete_folder(Path("models/openmv")) as folder:
            write_bundle(folder, content, program=Path("openmv_app"), app=params.app, verified=verified)


def _content(params: Params) -> Content:
    gate = read_gate(Path("models/gate.json"))
    if gate is None:
        frames = read_labelled(TEST, params.data.classes)
        return classifier_content(MODEL, frames, params.data.classes, params.app)
    normals = read_labelled(TEST, params.gate.normal_classes)
    abnormals, _ = read_abnormals(Path("abnormal/test"))
    return gate_content(MODEL, normals, abnormals, gate.of_int8, params.app)


if __name__ == "__main__":
    main()
