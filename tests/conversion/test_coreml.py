"""Both variants as Core ML packages: what the saved program computes, and what an app is told."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from tinyinspect.conversion.coreml import ct, export_classifier, export_gate, run
from tinyinspect.errors import InputError
from tinyinspect.models.checkpoint import build
from tinyinspect.models.frame_numbers import WithFrameNumbers
from tinyinspect.models.mobilenetv2_metric.settings import Model as MobileNetV2MetricSettings

CLASSES = ["bar", "blank"]
HALF, FULL = ct.precision.FLOAT16, ct.precision.FLOAT32
DIGITS = pytest.mark.parametrize(("precision", "digits"), [(HALF, 1e-2), (FULL, 1e-5)])


@pytest.fixture(scope="module")
def views() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (5, 32, 32, 3), np.uint8)


@pytest.fixture(scope="module")
def classifier(small_model, views):
    return trained_like(build(small_model, len(CLASSES)), views)


@pytest.fixture(scope="module")
def gate(views):
    model = MobileNetV2MetricSettings(
        architecture="mobilenetv2_metric", input_size=32, width=0.1, last_channels=16, weights="random"
    )
    return trained_like(build(model, 8), views)


@pytest.fixture(scope="module")
def centroids() -> np.ndarray:
    directions = np.random.default_rng(1).normal(size=(2, 8))
    return np.round(directions / np.linalg.norm(directions, axis=1, keepdims=True), 6).astype(np.float32)


def trained_like(network: nn.Module, views: np.ndarray) -> nn.Module:
    """With BatchNorm statistics that are not the initial ones."""
    torch.manual_seed(0)
    for _ in range(20):
        network.train()(pixels(views) / 255)
    return network.eval()


def pixels(views: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(views.transpose(0, 3, 1, 2).astype(np.float32))


def outputs(network: nn.Module, views: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return network(pixels(views) / 255).numpy()


def gate_package(network, centroids, views, path, precision=HALF, frame_test=None) -> tuple[float, float]:
    return export_gate(
        network,
        classes=CLASSES,
        normal_classes=["bar"],
        centroids=centroids,
        threshold=0.25,
        frame_test=frame_test,
        views=views,
        path=path,
        precision=precision,
    )


@DIGITS
def test_a_classifier_gives_the_scores_and_the_class_of_pytorch(classifier, views, tmp_path, precision, digits):
    path = tmp_path / "model.mlpackage"
    difference, same = export_classifier(classifier, CLASSES, views, path, precision)
    assert difference < digits and same == len(views)
    expected = torch.from_numpy(outputs(classifier, views)).softmax(1).numpy()
    found = run(path, views)
    scores = np.array([[one["classLabel_probs"][name] for name in CLASSES] for one in found])
    np.testing.assert_allclose(scores, expected, atol=digits)
    assert [one["classLabel"] for one in found] == [CLASSES[best] for best in expected.argmax(1)]


@DIGITS
@pytest.mark.parametrize("temperature", [0.5, 4])
def test_scores_are_of_the_temperature(classifier, views, tmp_path, precision, digits, temperature):
    path = tmp_path / "model.mlpackage"
    export_classifier(classifier, CLASSES, views, path, precision, temperature=temperature)
    expected = torch.from_numpy(outputs(classifier, views) / temperature).softmax(1).numpy()
    scores = np.array([[one["classLabel_probs"][name] for name in CLASSES] for one in run(path, views)])
    np.testing.assert_allclose(scores, expected, atol=digits)
    assert np.abs(expected - torch.from_numpy(outputs(classifier, views)).softmax(1).numpy()).max() > digits


@DIGITS
def test_a_gate_gives_the_embedding_of_pytorch(gate, centroids, views, tmp_path, precision, digits):
    path = tmp_path / "model.mlpackage"
    difference, similarity = gate_package(gate, centroids, views, path, precision)
    assert difference < digits and similarity < digits
    found = np.concatenate([one["embedding"].numpy() for one in run(path, views)])
    expected = outputs(gate, views)
    np.testing.assert_allclose(found, expected, atol=digits * np.abs(expected).max())


@DIGITS
def test_a_gate_gives_frame_numbers_behind_the_embedding(gate, centroids, views, tmp_path, precision, digits):
    numbered, path = WithFrameNumbers(gate).eval(), tmp_path / "model.mlpackage"
    numbered.standardize(pixels(views) / 255)
    gate_package(numbered, centroids, views, path, precision, '{"center": []}')
    found = np.concatenate([one["embedding"].numpy() for one in run(path, views)])
    expected = outputs(numbered, views)
    assert found.shape == (5, 8 + 19)
    np.testing.assert_allclose(found, expected, atol=digits * np.abs(expected).max())
    told = ct.models.MLModel(str(path), skip_model_load=True).user_defined_metadata
    assert told["frame_test"] == '{"center": []}'


def test_an_app_reads_from_a_gate_all_that_it_judges_by(centroids, views, tmp_path):
    gate_package(Flat(), centroids, views, tmp_path / "model.mlpackage")
    model = ct.models.MLModel(str(tmp_path / "model.mlpackage"), skip_model_load=True)
    told = model.user_defined_metadata
    assert np.array_equal(np.array(json.loads(told["centroids"]), np.float32), centroids)
    assert (float(told["threshold"]), json.loads(told["normal_classes"])) == (0.25, ["bar"])
    assert (told["input_size"], told["crop"], json.loads(told["classes"])) == ("32", "middle square", CLASSES)
    assert model.author == "tinyinspect" and model.version and "middle square" in model.short_description
    (output,) = model.get_spec().description.output
    numbers = ct.proto.FeatureTypes_pb2.ArrayFeatureType.FLOAT32
    assert (output.name, output.type.multiArrayType.dataType) == ("embedding", numbers)


def test_vision_finds_an_rgb_picture_and_a_classifier(classifier, views, tmp_path):
    export_classifier(classifier, CLASSES, views, tmp_path / "model.mlpackage")
    description = ct.utils.load_spec(str(tmp_path / "model.mlpackage")).description
    picture = description.input[0].type.imageType
    rgb = ct.proto.FeatureTypes_pb2.ImageFeatureType.RGB
    assert (description.input[0].name, picture.width, picture.height, picture.colorSpace) == ("image", 32, 32, rgb)
    assert (description.predictedFeatureName, description.predictedProbabilitiesName) == (
        "classLabel",
        "classLabel_probs",
    )


def test_the_same_model_is_the_same_package(classifier, views, tmp_path):
    packages = [tmp_path / "first.mlpackage", tmp_path / "second.mlpackage"]
    for path in packages:
        export_classifier(classifier, CLASSES, views, path)
    first, second = (contents(path) for path in packages)
    assert len(first) == 3 and first == second
    told = ct.models.MLModel(str(packages[0]), skip_model_load=True).user_defined_metadata
    assert not any("date" in key for key in told)


def contents(folder) -> dict:
    return {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


class Flat(nn.Module):
    """The least that gives an embedding of 8 numbers, in front of it a layer."""

    input_size = 32

    def __init__(self, layer: nn.Module | None = None) -> None:
        super().__init__()
        self.layer = layer or nn.ReLU()
        self.backbone = nn.Sequential(nn.AvgPool2d(32), nn.Flatten())
        self.head = nn.Linear(3, 8)

    def forward(self, x):
        return self.head(self.backbone(self.layer(x)))


class Moody(Flat):
    """Another while it is converted."""

    def forward(self, x):
        return super().forward(x) * (1.0 if torch.jit.is_tracing() else 2.0)


@pytest.mark.parametrize(
    ("layer", "found"),
    [(nn.ELU(), "the operation 'elu'"), (nn.Conv2d(3, 3, 2, padding="same"), "the padding '")],
)
def test_what_the_check_does_not_know_is_one_sentence(layer, found, centroids, views, tmp_path):
    with pytest.raises(InputError, match=found) as error:
        gate_package(Flat(layer), centroids, views, tmp_path / "model.mlpackage")
    assert len(str(error.value).splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_a_package_that_computes_something_else_leaves_the_old_one(centroids, views, tmp_path):
    path = tmp_path / "model.mlpackage"
    gate_package(Flat(), centroids, views, path)
    before = contents(path)
    with pytest.raises(InputError, match=r"model\.mlpackage: Core ML differs from PyTorch by 0\.5"):
        gate_package(Moody(), centroids, views, path)
    assert list(tmp_path.iterdir()) == [path] and contents(path) == before


def test_a_centroid_of_another_network_is_one_sentence(views, tmp_path):
    with pytest.raises(InputError, match="the network gives 8 numbers, but the gate's centroid has 5"):
        gate_package(Flat(), np.ones((1, 5), np.float32), views, tmp_path / "model.mlpackage")


def test_coremltools_is_imported_without_tensorflow_and_without_a_word():
    program = """
import importlib.util, sys
import tinyinspect.conversion.coreml
assert not any(name.split(".")[0] == "tensorflow" for name in sys.modules)
assert importlib.util.find_spec("tensorflow") is not None  # can be imported afterwards
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
