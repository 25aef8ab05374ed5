"""The same test pictures in five runtimes: metrics with intervals, predictions, plots."""

from pathlib import Path
from typing import Any

import numpy as np

from tinyinspect.camera import model_view
from tinyinspect.config.data import Data
from tinyinspect.config.loading import load
from tinyinspect.config.section import ModelSettings, Section, TaskSettings
from tinyinspect.device.microcontroller import STAND_IN
from tinyinspect.errors import reported
from tinyinspect.evaluation import plots
from tinyinspect.evaluation.baselines import BASELINES, MOST_FRAMES, Baselines
from tinyinspect.evaluation.colour import grey_notes
from tinyinspect.evaluation.histogram import draw_scores
from tinyinspect.evaluation.predictions import (
    PREDICTIONS,
    TRAINED_ON,
    predictions_of,
    trained_on,
    with_labels,
    write_table,
)
from tinyinspect.evaluation.quantization_error import write_quantization_error
from tinyinspect.evaluation.runtimes import outputs_of_all, tflite_micro
from tinyinspect.evaluation.scored import INT8, Scored
from tinyinspect.files import read_json, write_json
from tinyinspect.learning.features import FEATURES, read_features
from tinyinspect.registry import task_part
from tinyinspect.report.table import print_metrics
from tinyinspect.selection.spread import spread

FOLDER, METRICS, FULL = Path("plots"), Path("metrics.json"), Path("metrics_full.json")
ERRORS = Path("quantization_error.json")


class Inputs(Section):
    """The sections of ``params.yaml`` that this stage reads."""

    seed: int
    data: Data
    model: ModelSettings
    task: TaskSettings


def main() -> None:
    """Read ``models/`` and the test pictures, write metrics, predictions and plots."""
    params = load(Path("params.yaml"), Inputs)
    measures, wording = (task_part(params.task.name, part) for part in ("measures", "wording"))
    decision = task_part(params.task.name, "decision").read(Path("models/decision.json"))
    test = measures.test_set(Path("dataset"), classes=params.data.classes, task=params.task)
    outputs = outputs_of_all(Path("models"), test.frames.views(params.model.input_size))
    scored = measures.score(outputs, test, decision, params.seed)
    stand_in = {"stand_in": STAND_IN} if STAND_IN else {}
    predictions, trained = predictions_of(scored), trained_on(Path("dataset"), read_features(FEATURES))
    scored.metrics.update(stand_in, **compared(params, decision), unknown=of_unknown(params, decision))
    scored.metrics["train_frames"] = {"total": len(with_labels(trained))}
    diagnosis = task_part(params.task.name, "diagnosis")
    size = params.model.input_size
    found = diagnosis.diagnose(scored.metrics, with_labels(trained), predictions, size)
    scored.metrics["diagnosis"] = [*found, *grey_notes(Path("dataset"))]
    write_plots(scored)
    weakest = write_quantization_error(Path("models"), params.model.input_size, scored, ERRORS, FOLDER)
    write_table(predictions, PREDICTIONS)
    write_table(trained, TRAINED_ON)
    write_json(scored.metrics, FULL)
    write_json(task_part(params.task.name, "metrics").short(scored.metrics), METRICS)
    print_metrics(scored.metrics, wording)
    print(weakest)


def compared(params: Inputs, decision: Any) -> dict[str, Any]:
    """What the measures are compared with: the camera's on training pictures, and what the stage `baselines` wrote."""
    given = {"classes": params.data.classes, "task": params.task}
    pictures = task_part(params.task.name, "pictures").calibration(Path("dataset"), **given)
    some = pictures.take(spread(len(pictures), MOST_FRAMES))
    outputs = tflite_micro(Path("models/model_int8.tflite"), some.views(params.model.input_size))
    found = read_json(BASELINES, Baselines, "run `dvc repro baselines`")
    training = task_part(params.task.name, "measures").of_training(outputs, some, decision)
    return {"teacher": found.teacher, "baselines": ({"training_frames": training} if training else {}) | found.measures}


def of_unknown(params: Inputs, decision: Any) -> dict[str, Any]:
    """What the camera answers to pictures of none of the classes."""
    part, classes, size = task_part(params.task.name, "unknown"), params.data.classes, params.model.input_size
    shown = part.pictures(Path("dataset"), classes=classes, task=params.task, seed=params.seed)
    views = {group: np.stack([model_view(picture, size) for picture in pictures]) for group, pictures in shown.items()}
    outputs = {group: tflite_micro(Path("models/model_int8.tflite"), seen) for group, seen in views.items()}
    return part.answers(outputs, decision, classes)


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
