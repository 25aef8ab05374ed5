"""What an execution comes to, in MLflow: summary, measures, cost on the board, curves, files, the model itself."""

from pathlib import Path

from tinyinspect.config.accept import Accept
from tinyinspect.config.data import Data
from tinyinspect.config.loading import load
from tinyinspect.config.quantize import Quantize
from tinyinspect.config.section import Section, TaskSettings
from tinyinspect.device.device_file import DEVICE, read_device
from tinyinspect.errors import reported
from tinyinspect.evaluation.predictions import read_trained_on, with_labels
from tinyinspect.files import write_json
from tinyinspect.registry import task_part
from tinyinspect.report.table import read_metrics
from tinyinspect.tasks.limits import METRICS, read_short, refusals
from tinyinspect.tracking import runs as tracking
from tinyinspect.tracking.registered import register
from tinyinspect.tracking.summary import summary

MODELS, PLOTS, FULL, SUMMARY = Path("models"), Path("plots"), Path("metrics_full.json"), Path("summary.json")
WEIGHTS = ["model.safetensors", "model.onnx", "model_float32.tflite", "model_int8.tflite", "decision.json"]
FILES = [METRICS, FULL, DEVICE, Path("quantization_error.json"), Path("predictions.csv"), PLOTS, Path("params.yaml")]


class Inputs(Section):
    """The sections of ``params.yaml`` that this stage reads; it logs all."""

    data: Data
    task: TaskSettings
    accept: Accept
    quantize: Quantize


def main() -> None:
    """Read what all stages measured, finish the MLflow run, write ``summary.json``."""
    params, everything = load(Path("params.yaml"), Inputs), tracking.all_params()
    metrics, device = read_metrics(FULL), read_device()
    refused = refusals(params.task.name, params.accept, params.quantize.max_accuracy_lost_points)
    measures = read_short(params.task.name)
    lost, _ = task_part(params.task.name, "acceptance").lost(measures)
    numbers = summary(task_part(params.task.name, "report").headline(measures), lost, device)
    numbers |= {"labelled pictures": len(with_labels(read_trained_on())), "limits broken": len(refused)}
    with tracking.execution(everything) as run:
        run.log_summary({"summary": numbers, **metrics, "device": device.model_dump()})
        run.complete_curves(tracking.read_curves(PLOTS / "train", PLOTS / "pretrain.csv"))
        run.log_artifacts([*(MODELS / name for name in WEIGHTS), *FILES, Path("dvc.lock")])
        run.log_tags({"verdict": "; ".join(refused) or "accepted"})
        picture = sorted(Path("dataset/test").rglob("*.jpg"))[0]
        address = register(run, params.task.name, params.data.classes, picture, accepted=not refused)
    write_json(numbers, SUMMARY)
    print(f"logged as {address}; `make mlflow` opens the page")


if __name__ == "__main__":
    with reported():
        main()
