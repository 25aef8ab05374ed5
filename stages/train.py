"""Supervised training of the model on the labelled frames, from the pretrained backbone."""

from pathlib import Path

from dvclive.live import Live

from tinyinspect import config, tracking
from tinyinspect.errors import reported
from tinyinspect.learning.classification import fit
from tinyinspect.models.checkpoint import load_model, save_model
from tinyinspect.selection.labelled import read_labelled


def main() -> None:
    """Read ``labeled/train`` and the backbone, write the model's weights and its curves."""
    params = config.load(Path("params.yaml"))
    classes = params.data.classes
    labelled = read_labelled(Path("labeled/train"), classes)
    network = load_model(Path("models/backbone.safetensors"))
    curves = Live("plots/train", save_dvc_exp=False, dvcyaml=None, report=None, monitor_system=False)
    with curves, tracking.execution(params.model_dump(mode="json")) as run:
        epochs = fit(network, labelled, params.train, params.seed, Path(".resume/train.pt"))
        for epoch, measures in enumerate(epochs):
            run.log_metrics(measures, step=epoch)
            for name, value in measures.items():
                curves.log_metric(name, value)
            curves.next_step()
    save_model(network, params.model, classes, Path("models/model.safetensors"))


if __name__ == "__main__":
    with reported():
        main()
