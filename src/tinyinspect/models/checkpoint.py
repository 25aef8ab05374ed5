"""Weights on disk: safetensors (no pickle), with the model's configuration in the file's metadata."""

import json
from pathlib import Path

from pydantic import TypeAdapter
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import nn

from tinyinspect.config.model import MobileNetV2MetricSettings, Model, ResNet9Settings
from tinyinspect.errors import InputError
from tinyinspect.files import complete_file
from tinyinspect.models.mobilenetv2_metric import MobileNetV2Metric
from tinyinspect.models.resnet9 import ResNet9

Network = ResNet9 | MobileNetV2Metric
_MODEL: TypeAdapter[Model] = TypeAdapter(Model)


def build(model: Model, classes: list[str]) -> Network:
    """A network with fresh weights; the metric model has no output for the classes.

    Raises:
        InputError: The input size does not survive the strides, or a strided block has no convolution.
    """
    match model:
        case MobileNetV2MetricSettings():
            return MobileNetV2Metric(model)
        case ResNet9Settings():
            return _resnet9(model, classes)


def _resnet9(model: ResNet9Settings, classes: list[str]) -> ResNet9:
    strides = model.stem_stride * 8
    if not all(model.convolutions[1:]):
        raise InputError(f"model.convolutions is {model.convolutions}; only the first block may have none")
    if model.input_size % strides:
        raise InputError(f"model.input_size is {model.input_size}; this network needs a multiple of {strides}")
    return ResNet9(model, len(classes))


def save_model(network: nn.Module, model: Model, classes: list[str], path: Path) -> None:
    """Write the weights and, as metadata, all that :func:`load_model` needs to rebuild the network."""
    # Under one key: safetensors writes several in an order of chance, and the same weights are to be the same file.
    metadata = {"network": json.dumps({"model": model.model_dump(mode="json"), "classes": classes})}
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()}
    with complete_file(path) as target:
        target.write_bytes(save(tensors, metadata))


def load_model(path: Path) -> Network:
    """Rebuild a saved network in eval mode, on the CPU.

    Raises:
        InputError: The file is missing, no safetensors file, or not one of ours.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except (SafetensorError, OSError) as error:
        raise InputError(f"{path} cannot be read as safetensors ({error}); run `dvc repro` to make it anew") from None
    if "network" not in metadata:
        raise InputError(f"{path} does not say which network it holds; use weights that this pipeline saved")
    try:
        saved = json.loads(metadata["network"])
        network = build(_MODEL.validate_python(saved["model"]), saved["classes"])
        network.load_state_dict(tensors)
    except (KeyError, ValueError, RuntimeError):  # pydantic's and PyTorch's words about every field and tensor
        raise InputError(f"{path} holds a network of another version; run `dvc repro` to make it anew") from None
    return network.eval()
