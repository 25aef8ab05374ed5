"""Self-supervised pretraining of the backbone on all frames."""

import csv
from pathlib import Path

import torch

from tinyinspect.config.device import Device
from tinyinspect.config.loading import load
from tinyinspect.config.pretrain import Pretrain, SslMethod
from tinyinspect.config.section import ModelSettings, Section
from tinyinspect.config.teacher import Teacher
from tinyinspect.errors import reported
from tinyinspect.files import complete_file
from tinyinspect.learning.devices import device_of
from tinyinspect.learning.distillation import teacher_embeddings
from tinyinspect.learning.pretraining import pretrain
from tinyinspect.learning.sources import Sources
from tinyinspect.models.checkpoint import build, save_backbone
from tinyinspect.models.teacher import load_teacher
from tinyinspect.recordings.store import FrameStore
from tinyinspect.registry import architecture_part

RESUME = Path(".resume/teacher.pt")


class Inputs(Section):
    """The sections of ``params.yaml`` that this stage reads."""

    seed: int
    model: ModelSettings
    pretrain: Pretrain
    teacher: Teacher
    train: Device


def main() -> None:
    """Read ``frames/``, write the backbone's weights and the loss of every epoch."""
    params = load(Path("params.yaml"), Inputs)
    torch.manual_seed(params.seed)
    network = build(params.model, outputs=1)
    start = architecture_part(params.model.architecture, "network").initialize(network, params.model)
    losses: list[float] = []
    if params.pretrain.epochs:
        settings, device, store = params.pretrain, device_of(params.train.device), FrameStore(Path("frames"))
        teacher = load_teacher(params.teacher) if settings.method is SslMethod.DISTILL else None
        sources = Sources(store, network.input_size, Path("models/.sources.partial"), settings.frames)
        taught = teacher_embeddings(teacher, store, sources.rows, device, RESUME) if teacher else None
        for loss in pretrain(network.backbone, sources, settings, device, params.seed, taught):
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
