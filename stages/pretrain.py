"""Self-supervised pretraining of the backbone on all frames."""

import csv
from pathlib import Path

import torch

from tinyinspect.config.device import Device
from tinyinspect.config.loading import load
from tinyinspect.config.pretrain import Pretrain
from tinyinspect.config.section import ModelSettings, Section
from tinyinspect.errors import reported
from tinyinspect.files import complete_file
from tinyinspect.learning.devices import device_of
from tinyinspect.learning.pretraining import pretrain
from tinyinspect.learning.sources import Sources
from tinyinspect.models.checkpoint import build, save_backbone
from tinyinspect.recordings.store import FrameStore
from tinyinspect.registry import architecture_part


class Inputs(Section):
    """The sections of ``params.yaml`` that this stage reads."""

    seed: int
    model: ModelSettings
    pretrain: Pretrain
    train: Device


def main() -> None:
    """Read ``frames/``, write the backbone's weights and the loss of every epoch."""
    params = load(Path("params.yaml"), Inputs)
    torch.manual_seed(params.seed)
    network = build(params.model, outputs=1)
    start = architecture_part(params.model.architecture, "network").initialize(network, params.model)
    losses: list[float] = []
    if params.pretrain.epochs:
        device = device_of(params.train.device)
        sources = Sources(FrameStore(Path("frames")), network.input_size, Path("models/.sources.partial"))
        for loss in pretrain(network.backbone, sources, params.pretrain, device, params.seed):
            losses.append(loss)
            print(f"epoch {len(losses)} of {params.pretrain.epochs}: loss {loss:.4f}")
    else:
        print(f"pretrain.epochs is 0: the backbone keeps {start} weights")
    save_backbone(network, params.model, Path("models/backbone.safetensors"))
    with complete_file(Path("plots/pretrain.csv")) as target, target.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["epoch", "loss"])
        writer.writerows(enumerate(losses, 1))


if __name__ == "__main__":
    with reported():
        main()
