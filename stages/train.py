"""Supervised training of the model, from the pretrained backbone, for its task."""

from pathlib import Path
from typing import Any

import torch
from dvclive.live import Live

from tinyinspect.config.data import Data
from tinyinspect.config.loading import load
from tinyinspect.config.section import LossSettings, ModelSettings, Section, TaskSettings
from tinyinspect.config.train import Train
from tinyinspect.errors import reported
from tinyinspect.files import complete_file
from tinyinspect.learning.features import FEATURES, read_features
from tinyinspect.models.checkpoint import save_model, take_backbone
from tinyinspect.registry import task_part
from tinyinspect.tracking import runs as tracking

MODELS, RESUME = Path("models"), Path(".resume/train.pt")


class Inputs(Section):
    """The sections of ``params.yaml`` that this stage reads."""

    seed: int
    data: Data
    model: ModelSettings
    task: TaskSettings
    loss: LossSettings
    train: Train


def main() -> None:
    """Read ``dataset/`` and the backbone; write the weights, curves, and outputs of frames that were held out."""
    params = load(Path("params.yaml"), Inputs)
    part = task_part(params.task.name, "objective")

    def make() -> Any:
        torch.manual_seed(params.seed)
        network = part.network(params.model, classes=params.data.classes, task=params.task)
        take_backbone(network, MODELS / "backbone.safetensors")
        return network

    network = make()
    given = {
        "classes": params.data.classes,
        "task": params.task,
        "loss": params.loss,
        "train": params.train,
        "seed": params.seed,
        "resume": RESUME,
        "features": read_features(FEATURES),
    }
    curves = Live("plots/train", save_dvc_exp=False, dvcyaml=None, report=None, monitor_system=False)
    with curves, tracking.execution(tracking.all_params()) as run:
        for epoch, measures in enumerate(part.fit(network, Path("dataset"), **given)):
            run.log_metrics(measures, step=epoch)
            for name, value in measures.items():
                curves.log_metric(name, value)
            curves.next_step()
        held_out = part.held_out(make, Path("dataset"), **given)
    Path(curves.metrics_file).unlink()  # the last values, which `dvc plots` would fail to draw
    save_model(network, params.model, network.head.out_features, MODELS / "model.safetensors")
    with complete_file(MODELS / "held_out.csv") as target:
        held_out.to_csv(target, index=False, float_format="%.7g")


if __name__ == "__main__":
    with reported():
        main()
