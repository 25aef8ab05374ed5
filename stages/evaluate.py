"""The same test pictures in five runtimes: metrics with intervals, plots, the report, the MLflow run."""

import json
from pathlib import Path

from tinyinspect import tracking
from tinyinspect.config.loading import load
from tinyinspect.config.params import Params
from tinyinspect.device.gate import Gate, read_gate
from tinyinspect.device.microcontroller import STAND_IN
from tinyinspect.errors import reported
from tinyinspect.evaluation import classification, gate, plots
from tinyinspect.evaluation.classification import INT8
from tinyinspect.evaluation.histogram import draw_scores
from tinyinspect.evaluation.quantization_error import write_quantization_error
from tinyinspect.evaluation.runtimes import outputs_of_all
from tinyinspect.evaluation.test_set import Scored, TestSet, read_class_set, read_gate_set
from tinyinspect.files import complete_file
from tinyinspect.report.page import write_page
from tinyinspect.report.table import print_metrics

FOLDER, REPORT, METRICS = Path("plots"), Path("models/report.html"), Path("metrics.json")
ERRORS = Path("quantization_error.json")
ARTIFACTS = ["model.safetensors", "model.onnx", "model_float32.tflite", "model_int8.tflite", "gate.json"]


def main() -> None:
    """Read ``models/`` and the test pictures, write ``metrics.json``, plots and the report, finish the MLflow run."""
    params = load(Path("params.yaml"), Params)
    decision = read_gate(Path("models/gate.json"))
    test = test_set(decision, params)
    with tracking.execution(params.model_dump(mode="json"), finish=True) as run:
        outputs = outputs_of_all(Path("models"), test.frames.views(params.model.input_size))
        if decision is None:
            scored = classification.score(outputs, test, params.seed)
        else:
            scored = gate.score(outputs, test, decision, params.seed)
        if STAND_IN:
            scored.metrics["stand_in"] = STAND_IN
        write_plots(scored)
        weakest = write_quantization_error(Path("models"), params.model.input_size, scored, ERRORS, FOLDER)
        curves = tracking.read_curves(FOLDER / "train", FOLDER / "pretrain.csv")
        write_page(REPORT, scored.metrics, curves, FOLDER)
        with complete_file(METRICS) as target:
            target.write_text(json.dumps(scored.metrics, indent=2) + "\n")
        run.log_summary(scored.metrics)
        run.complete_curves(curves)
        models = [Path("models") / name for name in ARTIFACTS]
        run.log_artifacts([*models, METRICS, ERRORS, FOLDER, REPORT, Path("params.yaml"), Path("dvc.lock")])
    print_metrics(scored.metrics)
    print(weakest)


def test_set(decision: Gate | None, params: Params) -> TestSet:
    """What the variant is measured on."""
    if decision is None:
        return read_class_set(Path("labeled/test"), params.data.classes)
    return read_gate_set(Path("labeled/test"), Path("abnormal"), params.gate.normal_classes)


def write_plots(scored: Scored) -> None:
    """Everything below ``plots/`` that this stage makes."""
    counted = scored.test.counted
    frames, classes = scored.test.frames.take(counted), scored.test.classes
    logits = {name: values[counted] for name, values in scored.logits.items()}
    plots.write_confusions(FOLDER / "confusion", logits, frames.labels, classes)
    plots.write_precision_recall(FOLDER / "precision_recall", logits, frames.labels, classes)
    wrong = plots.mistakes(frames, logits[INT8], scored.scores[INT8][counted], classes)
    plots.write_mistakes(FOLDER / "misclassified.jpg", wrong, len(frames))
    draw_scores(scored, FOLDER / "scores.png")


if __name__ == "__main__":
    with reported():
        main()
