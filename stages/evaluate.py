"""The same test frames in five runtimes: metrics with intervals, plots, the report, the MLflow run."""

import json
from pathlib import Path

from tinyinspect import config, tracking
from tinyinspect.errors import reported
from tinyinspect.evaluation import plots
from tinyinspect.evaluation.classification import INT8, measure
from tinyinspect.evaluation.runtimes import outputs_of_all
from tinyinspect.files import complete_file
from tinyinspect.report.page import write_page
from tinyinspect.report.table import print_metrics
from tinyinspect.selection.labelled import read_labelled

FOLDER, REPORT, METRICS = Path("plots"), Path("models/report.html"), Path("metrics.json")
ARTIFACTS = ["model.safetensors", "model.onnx", "model_float32.tflite", "model_int8.tflite"]


def main() -> None:
    """Read ``models/`` and ``labeled/test``, write ``metrics.json``, plots and the report, finish the MLflow run."""
    params = config.load(Path("params.yaml"))
    classes = params.data.classes
    frames = read_labelled(Path("labeled/test"), classes)
    with tracking.execution(params.model_dump(mode="json"), finish=True) as run:
        outputs = outputs_of_all(Path("models"), frames.views(params.model.input_size))
        metrics = measure(outputs, frames.labels, classes, params.seed)
        plots.write_confusions(FOLDER / "confusion", outputs, frames.labels, classes)
        plots.write_precision_recall(FOLDER / "precision_recall", outputs, frames.labels, classes)
        plots.write_mistakes(FOLDER / "misclassified.jpg", plots.mistakes(frames, outputs[INT8], classes), len(frames))
        curves = tracking.read_curves(FOLDER / "train", FOLDER / "pretrain.csv")
        write_page(REPORT, metrics, curves, FOLDER)
        with complete_file(METRICS) as target:
            target.write_text(json.dumps(metrics, indent=2) + "\n")
        run.log_summary(metrics)
        run.complete_curves(curves)
        models = [Path("models") / name for name in ARTIFACTS]
        run.log_artifacts([*models, METRICS, FOLDER, REPORT, Path("params.yaml"), Path("dvc.lock")])
    print_metrics(metrics)


if __name__ == "__main__":
    with reported():
        main()
