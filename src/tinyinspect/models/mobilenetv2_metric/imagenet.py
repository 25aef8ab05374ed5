"""ImageNet weights for MobileNetV2, from torchvision, with their normalisation folded into the first convolution.

So the network takes pixels in [0, 1], as the camera gives them, and not (pixel - mean) / std.
"""

from urllib.error import URLError

import torch
from torch import Tensor, nn
from torchvision.models import MobileNet_V2_Weights

from tinyinspect.errors import InputError
from tinyinspect.models.normalisation import fold_normalisation

WEIGHTS = MobileNet_V2_Weights.IMAGENET1K_V2
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_LAST = "18."  # the convolution before pooling


def load_imagenet(features: nn.Module) -> None:
    """Put ImageNet's weights into the convolutions of a MobileNetV2 of width 1, in place.

    They are taken from torch hub's folder, or fetched into it. A last convolution of other than 1280 channels keeps its
    weights.

    Raises:
        InputError: The network has another width, or the weights are not there and cannot be fetched.
    """
    state = {name.removeprefix("features."): tensor for name, tensor in _fetched().items() if "features." in name}
    if features.get_parameter(f"{_LAST}0.weight").shape[0] != state[f"{_LAST}0.weight"].shape[0]:
        state |= {name: tensor for name, tensor in features.state_dict().items() if name.startswith(_LAST)}
    try:
        features.load_state_dict(state)
    except RuntimeError:
        raise InputError("model.weights is imagenet, which exist for width 1 alone; set model.width to 1") from None
    fold_normalisation(features.get_submodule("0.0"), features.get_submodule("0.1"), MEAN, STD)


def _fetched() -> dict[str, Tensor]:
    try:
        return WEIGHTS.get_state_dict(progress=False, check_hash=True)
    except (URLError, OSError, RuntimeError) as error:
        name = WEIGHTS.url.rsplit("/", 1)[1]
        raise InputError(
            f"ImageNet's weights cannot be fetched ({error}); put {name} into {torch.hub.get_dir()}/checkpoints, or "
            "set model.weights to random"
        ) from None
