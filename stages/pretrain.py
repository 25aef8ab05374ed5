"""Self-supervised pretraining of the backbone on all frames."""

import csv
from pathlib import Path

import torch

from tinyinspect.config.loading import load
from tinyinspect.config.model import InitialWeights, MobileNetV2MetricSettings
from tinyinspect.config.params import Params
from tinyinspect.errors import reported
from tinyinspect.files import complete_file
from tinyinspect.learning.devices import device_of
from tinyinspect.learning.pretraining import pretrain, sources_of
from tinyinspect.models.checkpoint import build, save_model
from tinyinspect.models.imagenet import load_imagenet
from tinyinspect.recordings.store import FrameStore


def main() -> None:
    """Read ``frames/``, write the backbone's weights and the loss of every epoch."""
    params = load(Path("params.yaml"), Params)
    torch.manual_seed(params.seed)
    network = build(params.model, params.data.classes)
    start = "random"
    if isinstance(params.model, MobileNetV2MetricSettings) and params.model.weights is InitialWeights.IMAGENET:
        load_imagenet(network.backbone.get_submodule("0"))
        start = "ImageNet's"
    losses: list[float] = []
    if params.pretrain.epochs:
        device = device_of(params.train.device)
        with sources_of(FrameStore(Path("frames")), network.input_size) as sources:
            for loss in pretrain(network.backbone, sources, params.pretrain, device, params.seed):
                losses.append(loss)
                print(f"epoch {len(losses)} of {params.pretrain.epochs}: loss {loss:.4f}")
    else:
        print(f"pretrain.epochs is 0: the backbone keeps {start} weights")
    save_model(network, params.model, params.data.classes, Path("models/backbone.safetensors"))
    with complete_file(Path("plots/pretrain.csv")) as target, target.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["epoch", "loss"])
        writer.writerows(enumerate(losses, 1))


if __name__ == "__main__":
    with reported():
        main()
