"""Supervised training of the model, from the pretrained backbone: a classifier's or a gate's."""

from collections.abc import Iterator
from pathlib import Path

from dvclive.live import Live

from tinyinspect import tracking
from tinyinspect.config.loading import load
from tinyinspect.config.params import Params
from tinyinspect.errors import reported
from tinyinspect.learning import classification, metric_learning
from tinyinspect.models.checkpoint import Network, load_model, save_model
from tinyinspect.models.resnet9 import ResNet9
from tinyinspect.selection.abnormals import read_abnormals
from tinyinspect.selection.labelled import read_labelled

RESUME = Path(".resume/train.pt")


def main() -> None:
    """Read ``labeled/train``, for a gate ``abnormal/`` too, and the backbone; write the model's weights and curves."""
    params = load(Path("params.yaml"), Params)
    network = load_model(Path("models/backbone.safetensors"))
    curves = Live("plots/train", save_dvc_exp=False, dvcyaml=None, report=None, monitor_system=False)
    with curves, tracking.execution(params.model_dump(mode="json")) as run:
        for epoch, measures in enumerate(training_of(network, params)):
            run.log_metrics(measures, step=epoch)
            for name, value in measures.items():
                curves.log_metric(name, value)
            curves.next_step()
    Path(curves.metrics_file).unlink()  # the last values, which `dvc plots` would fail to draw
    save_model(network, params.model, params.data.classes, Path("models/model.safetensors"))


def training_of(network: Network, params: Params) -> Iterator[dict[str, float]]:
    """The training of the variant, which yields the measures of every epoch."""
    if isinstance(network, ResNet9):
        labelled = read_labelled(Path("labeled/train"), params.data.classes)
        return classification.fit(network, labelled, params.train, params.seed, RESUME)
    normals = read_labelled(Path("labeled/train"), params.gate.normal_classes)
    abnormals = {split: read_abnormals(Path("abnormal") / split)[0] for split in ("train", "validation")}
    return metric_learning.fit(network, normals, abnormals, params.metric, params.train, params.seed, RESUME)


if __name__ == "__main__":
    with reported():
        main()
