"""Weights on disk: safetensors (no pickle), with what rebuilds the network in the file's metadata.

A network has two parts: ``backbone``, which gives features and is what pretraining trains, and ``head``, which gives
the outputs of a task. A file holds both, or the backbone alone.
"""

import json
from pathlib import Path
from typing import Any, Protocol

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from tinyinspect import registry
from tinyinspect.config.section import ModelSettings
from tinyinspect.errors import InputError
from tinyinspect.files import complete_file, parse_json
from tinyinspect.models.frame_numbers import WithFrameNumbers

_BACKBONE, _FRAME_NUMBERS = "backbone.", "frame_numbers."


class Network(Protocol):
    """What every architecture builds: an ``nn.Module`` with these parts."""

    input_size: int
    backbone: nn.Sequential
    head: nn.Linear

    def __call__(self, x: Tensor) -> Tensor:
        """Pixels (n, 3, input_size, input_size) float32 in [0, 1] to outputs (n, k)."""
        ...


def build(model: ModelSettings, outputs: int) -> Any:
    """A network with fresh weights, drawn backbone first; see :class:`Network`.

    Args:
        model: the section of the parameters; its architecture says which network.
        outputs: numbers that the task wants of it.
    """
    return registry.architecture_part(model.architecture, "network").build(model, outputs)


def save_model(network: nn.Module, model: ModelSettings, outputs: int, path: Path) -> None:
    """Write all weights and, as metadata, what :func:`load_model` needs to rebuild the network."""
    _save(network.state_dict(), {"model": model.model_dump(mode="json"), "outputs": outputs}, path)


def save_backbone(network: nn.Module, model: ModelSettings, path: Path) -> None:
    """Write the weights of the backbone alone."""
    state = {name: value for name, value in network.state_dict().items() if name.startswith(_BACKBONE)}
    _save(state, {"model": model.model_dump(mode="json")}, path)


def load_model(path: Path) -> Any:
    """Rebuild a saved network in eval mode, on the CPU; see :class:`Network`.

    Raises:
        InputError: The file is missing, no safetensors file, or not one of ours.
    """
    saved, tensors = _read(path)
    if "outputs" not in saved:
        raise InputError(
            f"{path} holds a backbone without a head; run `dvc repro train` and use models/model.safetensors"
        )
    network = _rebuilt(path, saved, saved["outputs"])
    if any(name.startswith(_FRAME_NUMBERS) for name in tensors):
        network = WithFrameNumbers(network)
    _fill(network, tensors, path, strict=True)
    return network.eval()


def load_backbone(path: Path) -> Any:
    """Rebuild a network of one output whose backbone has the saved weights, in eval mode, on the CPU.

    Raises:
        InputError: As :func:`load_model`.
    """
    saved, tensors = _read(path)
    network = _rebuilt(path, saved, 1)
    _fill(network, tensors, path, strict=False)
    return network.eval()


def take_backbone(network: nn.Module, path: Path) -> None:
    """Put a saved backbone's weights into a network of the same architecture, in place.

    Raises:
        InputError: As :func:`load_model`, or the backbone is another network's.
    """
    _fill(network, _read(path)[1], path, strict=False)


def _save(state: dict[str, Tensor], facts: dict[str, Any], path: Path) -> None:
    # Under one key: safetensors writes several in an order of chance, and the same weights are to be the same file.
    metadata = {"network": json.dumps(facts)}
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in state.items()}
    with complete_file(path) as target:
        target.write_bytes(save(tensors, metadata))


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
    except (SafetensorError, OSError) as error:
        raise InputError(f"{path} cannot be read as safetensors ({error}); run `dvc repro` to make it anew") from None
    if "network" not in metadata:
        raise InputError(f"{path} does not say which network it holds; use weights that this pipeline saved")
    try:
        saved = parse_json(metadata["network"])
        saved["model"]["architecture"]
    except (ValueError, KeyError, TypeError):
        raise _other_version(path) from None
    return saved, tensors


def _rebuilt(path: Path, saved: dict[str, Any], outputs: int) -> Any:
    try:
        architecture = saved["model"]["architecture"]
        settings = registry.architecture_part(architecture, "settings").Model.model_validate(saved["model"])
        return build(settings, outputs)
    except (KeyError, ValueError, TypeError):  # pydantic's words about every field
        raise _other_version(path) from None


def _fill(network: nn.Module, tensors: dict[str, Tensor], path: Path, *, strict: bool) -> None:
    expected = {name for name in network.state_dict() if strict or name.startswith(_BACKBONE)}
    try:
        network.load_state_dict(tensors, strict=strict)
    except RuntimeError:  # PyTorch's words about every tensor
        raise _other_version(path) from None
    if tensors.keys() != expected:
        raise _other_version(path)


def _other_version(path: Path) -> InputError:
    return InputError(f"{path} holds a network of another version; run `dvc repro` to make it anew")
