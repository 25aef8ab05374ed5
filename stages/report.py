"""The page that a person opens: the verdict, each test frame, costs and provenance, in one file."""

from pathlib import Path
from typing import Any

from tinyinspect.config.accept import Accept
from tinyinspect.config.board import Board
from tinyinspect.config.data import Data
from tinyinspect.config.loading import load
from tinyinspect.config.quantize import Quantize
from tinyinspect.config.section import ModelSettings, Section, TaskSettings
from tinyinspect.device.device_file import read_device
from tinyinspect.device.verdict_text import read_layer_costs
from tinyinspect.errors import InputError, reported
from tinyinspect.evaluation.attention import attention
from tinyinspect.evaluation.predictions import read_predictions, read_trained_on, with_labels
from tinyinspect.evaluation.replay import Replay
from tinyinspect.files import read_json
from tinyinspect.models.checkpoint import load_model
from tinyinspect.project.compose import composed
from tinyinspect.recordings.store import FrameStore
from tinyinspect.registry import task_part
from tinyinspect.report.embedding_map import map_data
from tinyinspect.report.memory import bars
from tinyinspect.report.page import Material, write_page
from tinyinspect.report.provenance import changed_params, provenance
from tinyinspect.report.table import read_metrics
from tinyinspect.report.thumbnails import sheet
from tinyinspect.report.verdict import verdict
from tinyinspect.selection.embeddings import read_map
from tinyinspect.tasks.limits import read_measured, refusals
from tinyinspect.tracking import runs as tracking

PLOTS, MODELS, DATASET = Path("plots"), Path("models"), Path("dataset")


class Inputs(Section):
    """The sections of ``params.yaml`` that this stage reads; it tells of all."""

    seed: int
    data: Data
    model: ModelSettings
    task: TaskSettings
    board: Board
    accept: Accept
    quantize: Quantize


def main() -> None:
    """Read what all stages wrote, write ``models/report.html``."""
    params, everything = load(Path("params.yaml"), Inputs), tracking.all_params()
    measures, part, wording = (task_part(params.task.name, name) for name in ("measures", "report", "wording"))
    decision = task_part(params.task.name, "decision").read(MODELS / "decision.json")
    metrics, device = read_metrics(Path("metrics_full.json")), read_device()
    predictions, trained_on, store = read_predictions(), read_trained_on(), FrameStore(Path("frames"))
    labelled = with_labels(trained_on)
    test = measures.test_set(DATASET, classes=params.data.classes, task=params.task)
    network, views = load_model(MODELS / "model.safetensors"), test.frames.views(params.model.input_size)
    refused = refusals(params.task.name, params.accept, params.quantize.max_accuracy_lost_points)
    material = Material(
        task=params.task.name,
        part=part,
        wording=wording,
        decision=decision,
        classes=test.classes,
        verdict=verdict(refused, part.warnings(metrics), metrics, device),
        metrics=metrics,
        headline=part.headline(task_part(params.task.name, "metrics").short(metrics)),
        device=device,
        board=params.board.title,
        predictions=predictions,
        replay=read_json(Path("replay.json"), Replay, "run `dvc repro replay`"),
        frames=test.frames,
        looked=attention(network, views, lambda outputs: part.evidence(outputs, decision)),
        unsure=part.unsure(predictions, decision),
        labels=len(labelled),
        taught=len(trained_on) - len(labelled),
        curves=tracking.read_curves(PLOTS / "train", PLOTS / "pretrain.csv"),
        layers=read_layer_costs(PLOTS / "layer_cost.csv"),
        errors=read_measured(Path("quantization_error.json"), "evaluate"),
        memory=bars(device, params.board),
        map=map_data(store, read_map(Path("embeddings/map.npy"), len(store)), predictions, labelled),
        sheet=sheet(Path("selection/contact_sheet_train.png"), width=1000),
        provenance=provenance(tracking.data_hash(Path.cwd()), params.seed),
        changed=changed_params(everything, defaults(params.task.name)),
        card=part.card(metrics, params.data.classes),
    )
    write_page(MODELS / "report.html", material)
    print(f"{material.verdict.title}; open models/report.html")


def defaults(task: str) -> dict[str, Any]:
    """What ``conf/`` says for a task, or as it stands where the task needs other choices beside its own."""
    try:
        return composed(Path("conf"), [f"task={task}"])
    except InputError:
        return composed(Path("conf"), [])


if __name__ == "__main__":
    with reported():
        main()
