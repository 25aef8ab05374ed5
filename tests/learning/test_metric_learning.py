from pathlib import Path

import numpy as np
import pytest
import torch

from tinyinspect.config.loading import check
from tinyinspect.config.metric import Targets
from tinyinspect.config.model import MobileNetV2MetricSettings
from tinyinspect.config.params import Params
from tinyinspect.config.train import Train
from tinyinspect.device.gate import centroid_of, similarities
from tinyinspect.learning import resume
from tinyinspect.learning.frames import frames_of
from tinyinspect.learning.metric_learning import MetricLearning, fit
from tinyinspect.models.mobilenetv2_metric import MobileNetV2Metric
from tinyinspect.project.compose import composed
from tinyinspect.selection.labelled import Labelled

ROOT = Path(__file__).parents[2]
MODEL = MobileNetV2MetricSettings(
    architecture="mobilenetv2_metric", input_size=32, width=0.1, last_channels=16, embedding=8, weights="random"
)


def drawn(kinds: list[str], each: int, seed: int) -> Labelled:
    """Noise with a bright shape in it, at any place; the label is the kind."""
    random = np.random.default_rng(seed)
    pictures = []
    for kind in np.repeat(kinds, each):
        picture = random.integers(0, 100, (40, 40, 3), np.uint8)
        row, column = random.integers(4, 20, 2)
        match kind:
            case "bar":
                picture[row : row + 6, 3:37] = 240
            case "red":
                picture[row : row + 14, column : column + 14] = [240, 20, 20]
            case "blue":
                picture[row : row + 14, column : column + 14] = [20, 20, 240]
            case "pillar":
                picture[3:37, column : column + 3] = [240, 240, 20]
        pictures.append(picture)
    labels = np.repeat(np.arange(len(kinds)), each)
    return Labelled(pictures, labels, [f"{number}.jpg" for number in range(len(labels))])


@pytest.fixture(scope="module")
def params() -> Params:
    return check(composed(ROOT / "conf", ["model=mobilenetv2_metric"]), "conf/", Params)


@pytest.fixture(scope="module")
def settings(params) -> Train:
    gentle = {"epochs": 50, "batch_size": 24, "learning_rate": 0.02, "min_scale": 0.9, "rotation": 5, "device": "cpu"}
    return params.train.model_copy(update=gentle)


NORMALS = drawn(["bar"], 30, 0)
ABNORMALS = {"train": drawn(["red", "none"], 30, 1), "validation": drawn(["pillar"], 20, 2)}


def trained(params, settings, path: Path) -> tuple[MobileNetV2Metric, list[dict[str, float]]]:
    torch.manual_seed(0)
    network = MobileNetV2Metric(MODEL)
    metric = params.metric.model_copy(update={"negatives_per_positive": 2})
    return network, list(fit(network, NORMALS, ABNORMALS, metric, settings, 0, path))


def test_it_learns_to_tell_new_pictures_from_normal(params, settings, tmp_path):
    network, measures = trained(params, settings, tmp_path / "resume.pt")
    assert len(measures) == 50 and measures[-1]["train/loss"] < measures[0]["train/loss"]
    network.eval()

    def embeddings(labelled):
        views = torch.from_numpy(labelled.views(32)).permute(0, 3, 1, 2).float() / 255
        with torch.no_grad():
            return network(views).numpy()

    centroid = centroid_of(embeddings(NORMALS))
    normal = similarities(embeddings(drawn(["bar"], 20, 5)), centroid)
    strange = similarities(embeddings(drawn(["red", "none"], 10, 6)), centroid)
    assert (normal[:, None] > strange).mean() > 0.9
    assert measures[-1]["validation/auroc"] > 0.9


def test_an_interrupted_training_ends_with_the_weights_of_a_whole_one(params, settings, tmp_path, monkeypatch):
    monkeypatch.setattr(resume, "SECONDS_BETWEEN_SAVES", 0)
    few = settings.model_copy(update={"epochs": 3})
    whole, expected = trained(params, few, tmp_path / "whole.pt")
    torch.manual_seed(0)
    network = MobileNetV2Metric(MODEL)
    metric = params.metric.model_copy(update={"negatives_per_positive": 2})
    interrupted = fit(network, NORMALS, ABNORMALS, metric, few, 0, tmp_path / "resume.pt")
    next(interrupted), next(interrupted)
    interrupted.close()
    resumed, measures = trained(params, few, tmp_path / "resume.pt")
    assert measures == expected
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], value, rtol=0, atol=0)


def task(params, settings, counts: list[int], **changes) -> MetricLearning:
    abnormals = drawn(["red", "blue", "none"], max(counts), 0)
    rows = np.concatenate([np.flatnonzero(abnormals.labels == kind)[:count] for kind, count in enumerate(counts)])
    frames = frames_of(abnormals.take(rows), 32, torch.device("cpu"))
    normals = frames_of(NORMALS, 32, torch.device("cpu"))
    metric = params.metric.model_copy(update=changes)
    return MetricLearning(normals, frames, (normals.views, frames.views), metric, settings, 8)


def test_every_source_is_drawn_alike_however_many_pictures_it_has(params, settings):
    one = task(params, settings, [50, 5, 1], negatives_per_positive=2, targets=Targets.SOURCES)
    targets = torch.cat([targets for _, targets in one.batches(torch.Generator().manual_seed(0))])
    assert torch.bincount(targets).tolist() == [30, 20, 20, 20]


@pytest.mark.parametrize("batch_size", [8, 24, 1000])
def test_every_batch_holds_normal_and_abnormal_in_their_proportion(params, settings, batch_size):
    few = settings.model_copy(update={"batch_size": batch_size})
    one = task(params, few, [20, 20, 20], negatives_per_positive=3, targets=Targets.NORMAL)
    batches = list(one.batches(torch.Generator().manual_seed(0)))
    assert len(batches) == one.steps
    for inputs, targets in batches:
        assert inputs.shape == (len(targets), 3, 32, 32) and 0 <= float(inputs.min()) <= float(inputs.max()) <= 1
        normal = int((targets == 0).sum())
        assert normal >= 1 and abs(3 * normal - int((targets == 1).sum())) <= 3
    assert sum(len(targets) for _, targets in batches) == 120
