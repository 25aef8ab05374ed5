"""What the gate compares an embedding with: centroid and threshold, of the float model and of the int8 file."""

from pathlib import Path

from tinyinspect.config.loading import load
from tinyinspect.config.model import MobileNetV2MetricSettings
from tinyinspect.config.params import Params
from tinyinspect.device.gate import Gate, decide, write_gate
from tinyinspect.errors import reported
from tinyinspect.evaluation.runtimes import pytorch, tflite_micro
from tinyinspect.learning.classification import split_validation
from tinyinspect.selection.abnormals import read_abnormals
from tinyinspect.selection.labelled import read_labelled

TARGET = Path("models/gate.json")


def main() -> None:
    """Read both models, held-out normal frames and abnormal pictures of validation; write ``models/gate.json``."""
    params = load(Path("params.yaml"), Params)
    if not isinstance(params.model, MobileNetV2MetricSettings):
        write_gate(None, TARGET)
        print("the model is a classifier: no centroid, no threshold")
        return
    frames = read_labelled(Path("labeled/train"), params.gate.normal_classes)
    held_out = frames.take(split_validation(frames.labels, params.train.validation_fraction, params.seed)[1])
    size, rate = params.model.input_size, params.gate.false_accept_rate
    normal, abnormal = held_out.views(size), read_abnormals(Path("abnormal/validation"))[0].views(size)
    of_float, of_int8 = (
        decide(run(model, normal), run(model, abnormal), rate)
        for run, model in (
            (pytorch, Path("models/model.safetensors")),
            (tflite_micro, Path("models/model_int8.tflite")),
        )
    )
    write_gate(Gate(of_float, of_int8), TARGET)
    counts = f"{len(normal)} held-out normal frames, {len(abnormal)} abnormal pictures"
    print(f"threshold {of_float.threshold:.3f} in float, {of_int8.threshold:.3f} in int8, from {counts}")


if __name__ == "__main__":
    with reported():
        main()
