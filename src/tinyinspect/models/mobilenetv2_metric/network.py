"""MobileNetV2 with a linear head: an embedding for a gate, logits for a classifier.

Source of the network: Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", CVPR 2018, as
torchvision builds it. Pixels come in [0, 1]; an embedding leaves as it is, for L2 normalisation does not run on the
camera: who compares two embeddings takes the cosine.
"""

import torch
from torch import Tensor, nn
from torchvision.models import mobilenet_v2
from torchvision.ops.misc import Conv2dNormActivation

from tinyinspect.models.mobilenetv2_metric.imagenet import load_imagenet
from tinyinspect.models.mobilenetv2_metric.settings import InitialWeights, Model
from tinyinspect.models.same_padding import padded_same

STRIDE = 32  # pixels of the input that one of the last layer sees side by side


class MobileNetV2Metric(nn.Module):
    """MobileNetV2; `backbone` gives features, `head` the outputs."""

    def __init__(self, model: Model, outputs: int) -> None:
        super().__init__()
        self.input_size = model.input_size
        self.backbone = nn.Sequential(
            _features(model.width, model.last_channels),
            nn.AvgPool2d(model.input_size // STRIDE),  # a fixed window arrives as AVERAGE_POOL_2D, not as MEAN
            nn.Flatten(),
        )
        self.head = nn.Linear(model.last_channels, outputs)
        # A step on the CPU takes two thirds of the time. Not for ResNet-9: oneDNN 3.12 writes past its workspace for a
        # strided 1x1 convolution of few channels (github.com/uxlfoundation/oneDNN/issues/6035); this network has none.
        self.to(memory_format=torch.channels_last)

    def forward(self, x: Tensor) -> Tensor:
        """Pixels (n, 3, input_size, input_size) float32 in [0, 1] to outputs (n, k)."""
        return self.head(self.backbone(x))


def _features(width: float, last_channels: int) -> nn.Sequential:
    features = mobilenet_v2(width_mult=width).features
    for module in list(features.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.Conv2d) and child.stride == (2, 2):
                setattr(module, name, padded_same(child))
    before = features[-1][0].in_channels
    features[-1] = Conv2dNormActivation(before, last_channels, kernel_size=1, activation_layer=nn.ReLU6)
    return features


def build(model: Model, outputs: int) -> MobileNetV2Metric:
    """A MobileNetV2 with fresh weights and so many outputs."""
    return MobileNetV2Metric(model, outputs)


def initialize(network: MobileNetV2Metric, model: Model) -> str:
    """Put in the weights that the parameters ask for; return what the network starts from, in a word.

    Raises:
        InputError: As :func:`load_imagenet`.
    """
    if model.weights is InitialWeights.RANDOM:
        return "random"
    load_imagenet(network.backbone.get_submodule("0"))
    return "ImageNet's"
