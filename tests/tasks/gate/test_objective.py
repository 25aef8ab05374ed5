from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.tasks.gate.trees import write
from tinyinspect.config.loading import check
from tinyinspect.config.params import Params
from tinyinspect.config.train import Train
from tinyinspect.learning import resume
from tinyinspect.learning.features import NO_FEATURES
from tinyinspect.learning.frames import frames_of
from tinyinspect.models.checkpoint import build
from tinyinspect.models.efficientnet_lite0_metric.network import initialize
from tinyinspect.models.efficientnet_lite0_metric.settings import Model as EfficientNetSettings
from tinyinspect.models.frame_numbers import WithFrameNumbers
from tinyinspect.models.mobilenetv2_metric.network import MobileNetV2Metric
from tinyinspect.models.mobilenetv2_metric.settings import Model as MobileNetV2MetricSettings
from tinyinspect.project.compose import composed
from tinyinspect.selection.labelled import VALIDATION, Labelled, frames_folder
from tinyinspect.selection.splits import split_validation
from tinyinspect.tasks.gate.decision import centroids_of, similarities
from tinyinspect.tasks.gate.objective.metric_learning import MetricLearning, fit, network
from tinyinspect.tasks.gate.pictures import abnormal_folder
from tinyinspect.tasks.gate.settings import Targets

ROOT = Path(__file__).parents[3]
MODEL = MobileNetV2MetricSettings(
    architecture="mobilenetv2_metric", input_size=32, width=0.1, last_channels=16, weights="random"
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
CLASSES = ["good", "bad"]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> Path:
    """Bars are normal; red and blank pictures are trained on, pillars validate."""
    folder = tmp_path_factory.mktemp("dataset")
    held = split_validation(NORMALS.labels, 0.2, 0)[1]
    write(frames_folder(folder, VALIDATION) / "good", NORMALS.take(held))
    write(frames_folder(folder, "train") / "good", NORMALS.take(np.setdiff1d(np.arange(30), held)))
    for kind, source in enumerate(("photo/red", "photo/blank")):
        write(abnormal_folder(folder, "train") / source, drawn(["red", "none"], 30, 1).take(np.arange(30) + 30 * kind))
    write(abnormal_folder(folder, VALIDATION) / "object" / "pillar", drawn(["pillar"], 20, 2))
    return folder


def fitting(network, dataset: Path, params, settings, path: Path, *, frame_test=False) -> Iterator[dict[str, float]]:
    loss = params.loss.model_copy(update={"negatives_per_positive": 2})
    task = params.task.model_copy(update={"normal_classes": ["good"], "frame_test": frame_test})
    return fit(
        network,
        dataset,
        classes=CLASSES,
        task=task,
        loss=loss,
        train=settings,
        seed=0,
        resume=path,
        features=NO_FEATURES,
    )


def trained(dataset, params, settings, path: Path) -> tuple[MobileNetV2Metric, list[dict[str, float]]]:
    torch.manual_seed(0)
    network = MobileNetV2Metric(MODEL, 8)
    return network, list(fitting(network, dataset, params, settings, path))


def test_it_learns_to_tell_new_pictures_from_normal(dataset, params, settings, tmp_path):
    network, measures = trained(dataset, params, settings, tmp_path / "resume.pt")
    assert len(measures) == 50 and measures[-1]["train/loss"] < measures[0]["train/loss"]
    network.eval()

    def embeddings(labelled):
        views = torch.from_numpy(labelled.views(32)).permute(0, 3, 1, 2).float() / 255
        with torch.no_grad():
            return network(views).numpy()

    centroids = centroids_of(embeddings(NORMALS), 1)
    normal = similarities(embeddings(drawn(["bar"], 20, 5)), centroids)
    strange = similarities(embeddings(drawn(["red", "none"], 10, 6)), centroids)
    assert (normal[:, None] > strange).mean() > 0.9
    assert measures[-1]["validation/auroc"] > 0.9


def test_it_tunes_a_network_that_knows_imagenet(dataset, params, settings, tmp_path):
    model = EfficientNetSettings(architecture="efficientnet_lite0_metric", input_size=64, weights="packaged")
    torch.manual_seed(0)
    network = build(model, 8)
    initialize(network, model)
    gentle = settings.model_copy(update={"epochs": 4, "learning_rate": 0.001})
    measures = list(fitting(network, dataset, params, gentle, tmp_path / "resume.pt"))
    assert measures[-1]["train/loss"] < measures[0]["train/loss"]
    assert measures[-1]["validation/auroc"] > 0.9


def test_an_interrupted_training_ends_with_the_weights_of_a_whole_one(dataset, params, settings, tmp_path, monkeypatch):
    monkeypatch.setattr(resume, "SECONDS_BETWEEN_SAVES", 0)
    few = settings.model_copy(update={"epochs": 3})
    whole, expected = trained(dataset, params, few, tmp_path / "whole.pt")
    torch.manual_seed(0)
    network = MobileNetV2Metric(MODEL, 8)
    interrupted = fitting(network, dataset, params, few, tmp_path / "resume.pt")
    next(interrupted), next(interrupted)
    interrupted.close()
    resumed, measures = trained(dataset, params, few, tmp_path / "resume.pt")
    assert measures == expected
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], value, rtol=0, atol=0)


def task(params, settings, counts: list[int], group: str = "photo", **changes) -> MetricLearning:
    abnormals = drawn(["red", "blue", "none"], max(counts), 0)
    rows = np.concatenate([np.flatnonzero(abnormals.labels == kind)[:count] for kind, count in enumerate(counts)])
    frames = frames_of(abnormals.take(rows), 32, torch.device("cpu"))
    normals = frames_of(NORMALS, 32, torch.device("cpu"))
    loss = params.loss.model_copy(update=changes)
    names = ["photo/red", "photo/blue", f"{group}/none"]
    return MetricLearning(normals, frames, names, (normals.views, frames.views), loss, settings, 8)


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


def test_what_looks_like_the_normals_is_drawn_as_often_as_all_the_rest(params, settings):
    one = task(params, settings, [50, 5, 3], group="near", negatives_per_positive=2, targets=Targets.SOURCES)
    targets = torch.cat([targets for _, targets in one.batches(torch.Generator().manual_seed(0))])
    assert torch.bincount(targets).tolist() == [30, 15, 15, 30]


@pytest.mark.parametrize("frame_test", [False, True])
def test_a_gates_network_gives_an_embedding_and_frame_numbers_where_they_are_tested(params, frame_test):
    task = params.task.model_copy(update={"embedding": 8, "frame_test": frame_test})
    made = network(MODEL, classes=CLASSES, task=task).eval()
    with torch.no_grad():
        assert made(torch.rand(1, 3, 32, 32)).shape[1] == (27 if frame_test else 8)


def test_frame_numbers_are_fitted_and_leave_the_training_as_it_is(dataset, params, settings, tmp_path):
    few = settings.model_copy(update={"epochs": 2})
    plain, measures = trained(dataset, params, few, tmp_path / "plain.pt")
    torch.manual_seed(0)
    numbered = WithFrameNumbers(MobileNetV2Metric(MODEL, 8))
    assert list(fitting(numbered, dataset, params, few, tmp_path / "numbered.pt", frame_test=True)) == measures
    views = torch.from_numpy(NORMALS.views(32)).permute(0, 3, 1, 2).float() / 255
    with torch.no_grad():
        found, expected = numbered.eval()(views), plain.eval()(views)
    torch.testing.assert_close(torch.cosine_similarity(found[:, :8], expected), torch.ones(30))
    assert float(found[:, 8].mean()) == pytest.approx(3, abs=0.1)
