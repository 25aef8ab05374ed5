"""PyTorch to Core ML: a package that takes an iPhone's pictures, checked operation by operation.

Core ML predicts on Apple's systems alone. So the program is read back from the package as it was written, and
:mod:`tinyinspect.conversion.mil_evaluator` computes what it says.
"""

import contextlib
import hashlib
import json
import shutil
import sys
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from tinyinspect import __version__
from tinyinspect.conversion.mil_evaluator import evaluate
from tinyinspect.conversion.quiet import quiet
from tinyinspect.errors import InputError
from tinyinspect.files import complete_folder, parse_json


@contextlib.contextmanager
def _without(name: str) -> Iterator[None]:
    """Let `import name` find nothing, as if it were not installed."""
    before = sys.modules.pop(name, None)
    sys.modules[name] = None  # type: ignore[assignment]  # Python's own way to say so
    try:
        yield
    finally:
        del sys.modules[name]
        if before is not None:
            sys.modules[name] = before


# coremltools imports TensorFlow where it finds it, for models that this project does not convert this way; TensorFlow
# before triton, which comes with PyTorch, is a segmentation fault.
try:
    with quiet(), _without("tensorflow"):
        import coremltools as ct
        from coremltools.converters.mil import Builder
        from coremltools.converters.mil.frontend.milproto.load import load as load_program
except ModuleNotFoundError:
    raise InputError(
        "coremltools is not installed; it has packages for macOS and Linux on x86-64 alone: elsewhere, run the other "
        "stages with `dvc repro --keep-going`"
    ) from None

INPUT, EMBEDDING, LABEL, SCORES = "image", "embedding", "classLabel", "classLabel_probs"
# Of the largest output, or in cosine: trained networks were measured within 2e-3 and 1e-6, hardly trained ones within
# 2e-2 and 2e-5.
TOLERANCE = {ct.precision.FLOAT16: 3e-2, ct.precision.FLOAT32: 1e-4}
_CONTENTS = Path("Data", "com.apple.CoreML")
_CONVERSION_DATE = "com.github.apple.coremltools.conversion_date"

Views = NDArray[np.uint8]  # (n, size, size, 3)


class _Tempered(nn.Module):
    """Logits divided by a temperature."""

    def __init__(self, temperature: float) -> None:
        super().__init__()
        self.factor = 1 / temperature

    def forward(self, logits: Tensor) -> Tensor:
        """(n, k) to (n, k)."""
        return logits * self.factor


def export_classifier(
    network: Any,
    classes: list[str],
    views: Views,
    path: Path,
    precision: ct.precision = ct.precision.FLOAT16,
    temperature: float = 1.0,
) -> tuple[float, int]:
    """Write a classifier as a package whose scores Vision gives as VNClassificationObservation.

    Args:
        network: gives a logit for each class.
        classes: their names.
        views: real frames to check with, at the network's input size.
        path: the .mlpackage folder.
        precision: of the weights and of what is computed.
        temperature: logits are divided by it before the softmax.

    Returns:
        The largest difference of a score from PyTorch, as a part of the largest score, and for how many frames the
        class is the same.

    Raises:
        InputError: The network has other outputs, or the package computes something else than PyTorch.
    """
    _insist_on_outputs(network, len(classes), "data.classes")
    scored = nn.Sequential(network, _Tempered(temperature), nn.Softmax(1)).eval()
    description = f"Scores of {', '.join(classes)} for the middle square of a picture."
    config = ct.ClassifierConfig(classes, predicted_feature_name=LABEL)
    model = _convert(scored, network.input_size, precision, classifier_config=config)
    spec = _described(model, description, _facts(network, classes))
    with complete_folder(path) as folder:
        _save(spec, Path(model.weights_dir), folder)
        made = run(folder, views)
        scores = np.array([[one[SCORES][name] for name in classes] for one in made], np.float32)
        expected = _by_pytorch(scored, views)
        difference = _difference(scores, expected)
        _insist_on_equality(path, TOLERANCE[precision], difference)
    same = sum(one[LABEL] == classes[best] for one, best in zip(made, expected.argmax(1), strict=True))
    return difference, same


def export_gate(
    network: Any,
    *,
    classes: list[str],
    normal_classes: list[str],
    centroids: NDArray[np.float32],
    threshold: float,
    frame_test: str | None,
    views: Views,
    path: Path,
    precision: ct.precision = ct.precision.FLOAT16,
) -> tuple[float, float]:
    """Write an anomaly gate as a package that gives the embedding and says in its metadata what to compare it with.

    Args:
        network: gives an embedding of d numbers, and frame numbers behind it where there is a frame test.
        classes: of the labelled frames.
        normal_classes: those that the gate lets through.
        centroids: mean embeddings of normal frames, (k, d).
        threshold: similarity to the nearest from which on a picture is taken for normal.
        frame_test: center and factor of the frame test as JSON, or None where there is none.
        views: real frames to check with, at the network's input size.
        path: the .mlpackage folder.
        precision: of the weights and of what is computed.

    Returns:
        The largest difference of an embedding's number from PyTorch, as a part of the largest magnitude, and the
        largest difference of a frame's similarity to the nearest centroid.

    Raises:
        InputError: The network has other outputs, or the package computes something else than PyTorch.
    """
    _insist_on_outputs(network, centroids.shape[1], "the gate's centroid")
    description = "Embedding of the middle square of a picture; the metadata says how to judge it."
    model = _convert(network.eval(), network.input_size, precision, outputs=[ct.TensorType(EMBEDDING)])
    facts = _facts(network, classes) | _judgement(normal_classes, centroids, threshold)
    if frame_test is not None:
        facts["frame_test"] = frame_test
    spec = _described(model, description, facts)
    with complete_folder(path) as folder:
        _save(spec, Path(model.weights_dir), folder)
        embeddings = np.concatenate([one[EMBEDDING].numpy() for one in run(folder, views)])
        expected = _by_pytorch(network, views)
        difference = _difference(embeddings, expected)
        similarity = float(np.abs(_cosines(embeddings, centroids) - _cosines(expected, centroids)).max())
        _insist_on_equality(path, TOLERANCE[precision], difference, similarity)
    return difference, similarity


def run(package: Path, views: Views) -> list[dict[str, Any]]:
    """Outputs by name for each frame; see :func:`tinyinspect.conversion.mil_evaluator.evaluate`."""
    with quiet():
        spec = ct.utils.load_spec(str(package))
        program = load_program(spec, spec.specificationVersion, str(package / _CONTENTS / "weights"))
    return [evaluate(program, {INPUT: pixels[None]}) for pixels in _pixels(views)]


def _insist_on_outputs(network: Any, expected: int, what: str) -> None:
    outputs = network.head.out_features
    if outputs != expected:
        raise InputError(
            f"the network gives {outputs} numbers, but {what} has {expected}; run `dvc repro` to make the weights and "
            "models/decision.json from the same parameters"
        )


def _convert(network: nn.Module, size: int, precision: ct.precision, **outputs: Any) -> ct.models.MLModel:
    pixels = torch.zeros(1, 3, size, size)
    # Within the model: the network takes pixels in [0, 1], Vision gives 0..255.
    image = ct.ImageType(INPUT, pixels.shape, scale=1 / 255, bias=[0, 0, 0], color_layout=ct.colorlayout.RGB)
    Builder.name_count.clear()  # else names go on from a program that was loaded before, and the bytes differ
    with quiet(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ct.convert(
            torch.jit.trace(network, pixels),
            source="pytorch",
            convert_to="mlprogram",
            inputs=[image],
            minimum_deployment_target=ct.target.iOS15,
            compute_precision=precision,
            skip_model_load=True,
            **outputs,
        )


def _facts(network: Any, classes: list[str]) -> dict[str, str]:
    return {"input_size": str(network.input_size), "crop": "middle square", "classes": json.dumps(classes)}


def _judgement(normal_classes: list[str], centroids: NDArray[np.float32], threshold: float) -> dict[str, str]:
    # str gives the fewest digits that stand for the same float32.
    numbers = [[float(str(number)) for number in centroid] for centroid in centroids]
    return {
        "normal_classes": json.dumps(normal_classes),
        "centroids": json.dumps(numbers),
        "threshold": str(threshold),
    }


def _described(model: ct.models.MLModel, description: str, facts: dict[str, str]) -> ct.proto.Model_pb2.Model:
    spec = model.get_spec()
    metadata = spec.description.metadata
    metadata.shortDescription = description
    metadata.author, metadata.versionString = "tinyinspect", __version__
    metadata.userDefined.update(facts)
    del metadata.userDefined[_CONVERSION_DATE]  # the same model is the same file tomorrow
    return spec


def _save(spec: ct.proto.Model_pb2.Model, weights: Path, folder: Path) -> None:
    """Fill a folder with the package, in the same bytes for the same model."""
    with tempfile.TemporaryDirectory() as scratch:
        package = Path(scratch, "model.mlpackage")  # coremltools takes no other suffix
        ct.utils.save_spec(spec, str(package), weights_dir=str(weights))
        shutil.copytree(package, folder, dirs_exist_ok=True)
    (folder / _CONTENTS / "model.mlmodel").write_bytes(spec.SerializeToString(deterministic=True))
    _name_by_contents(folder)


def _name_by_contents(folder: Path) -> None:
    """Put identifiers made of the contents where coremltools puts random ones."""
    files = [folder / _CONTENTS / "model.mlmodel", folder / _CONTENTS / "weights" / "weight.bin"]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    manifest = parse_json((folder / "Manifest.json").read_bytes())
    items = {entry["path"]: entry for entry in manifest["itemInfoEntries"].values()}
    names = {path: str(uuid.uuid5(uuid.NAMESPACE_URL, f"{digest}/{path}")) for path in sorted(items)}
    root = manifest["itemInfoEntries"][manifest["rootModelIdentifier"]]["path"]
    manifest["itemInfoEntries"] = {name: items[path] for path, name in names.items()}
    manifest["rootModelIdentifier"] = names[root]
    (folder / "Manifest.json").write_text(json.dumps(manifest, indent=4) + "\n")


def _by_pytorch(network: nn.Module, views: Views) -> NDArray[np.float32]:
    with torch.inference_mode():
        return network(_pixels(views) / 255).numpy()


def _pixels(views: Views) -> Tensor:
    return torch.from_numpy(views).permute(0, 3, 1, 2).float().contiguous()


def _difference(found: NDArray[np.float32], expected: NDArray[np.float32]) -> float:
    return float(np.abs(found - expected).max() / np.abs(expected).max())


def _insist_on_equality(path: Path, tolerance: float, *differences: float) -> None:
    if not all(difference <= tolerance for difference in differences):
        raise InputError(
            f"{path}: Core ML differs from PyTorch by {max(differences):.2g}, more than {tolerance:g}; train again "
            "with a smaller learning rate, the weights may have grown out of float16's range"
        )


def _cosines(outputs: NDArray[np.float32], centroids: NDArray[np.float32]) -> NDArray[np.float32]:
    """To the nearest centroid, (n,)."""
    pairs = torch.from_numpy(outputs[:, : centroids.shape[1]])[:, None], torch.from_numpy(centroids)[None]
    return F.cosine_similarity(*pairs, dim=2).amax(1).numpy()
