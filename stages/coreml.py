"""Core ML package of the model for iOS, checked against PyTorch on real frames."""

from pathlib import Path

import numpy as np

from tinyinspect.config.loading import load
from tinyinspect.config.params import Params
from tinyinspect.device.gate import read_gate
from tinyinspect.errors import reported
from tinyinspect.models.checkpoint import load_model
from tinyinspect.selection.labelled import read_labelled

SAMPLES = 64  # frames to compare runtimes on
PACKAGE = Path("models/model.mlpackage")


def main() -> None:
    """Read the model's weights and its gate, write ``models/model.mlpackage``."""
    from tinyinspect.conversion.coreml import export_classifier, export_gate  # says so where coremltools is missing

    params = load(Path("params.yaml"), Params)
    classes = params.data.classes
    network = load_model(Path("models/model.safetensors"))
    gate = read_gate(Path("models/gate.json"))
    frames = read_labelled(Path("labeled/train"), classes).views(network.input_size)
    # Some of every class, for they come in the order of the classes.
    views = frames[np.linspace(0, len(frames) - 1, min(len(frames), SAMPLES)).astype(int)]
    if gate is None:
        difference, same = export_classifier(network, classes, views, PACKAGE)
        decided = f"the class is the same on {same}"
    else:
        difference, similarity = export_gate(
            network,
            classes=classes,
            normal_classes=params.gate.normal_classes,
            centroid=gate.of_float.centroid,
            threshold=gate.of_float.threshold,
            views=views,
            path=PACKAGE,
        )
        decided = f"the similarity to the centroid within {similarity:.1e}"
    print(f"Core ML equals PyTorch within {difference:.1e} of its largest output on {len(views)} frames, {decided}")


if __name__ == "__main__":
    with reported():
        main()
