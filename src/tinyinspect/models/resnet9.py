"""ResNet-9: a stem and four residual blocks, small enough for a microcontroller.

Source of the network: He et al., "Deep Residual Learning for Image Recognition", 2015, in the nine-layer form that
Lightly published for the OpenMV Cam H7 (16.7 MMAC at 64x64 and channels 8, 16, 32, 64). Pixels come in [0, 1], all
normalisation is in the BatchNorms behind the convolutions, which fold into them.
"""

from torch import Tensor, nn

from tinyinspect import config
from tinyinspect.models.same_padding import SameConv2d


def _convolution(in_channels: int, out_channels: int, kernel_size: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(SameConv2d(in_channels, out_channels, kernel_size, stride), nn.BatchNorm2d(out_channels))


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions and a shortcut, projected where the shape changes."""

    def __init__(self, in_channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        self.first = _convolution(in_channels, out_channels, 3, stride)
        self.second = _convolution(out_channels, out_channels, 3)
        same_shape = stride == 1 and in_channels == out_channels
        self.shortcut = nn.Identity() if same_shape else _convolution(in_channels, out_channels, 1, stride)
        self.activation = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """(n, in_channels, h, w) to (n, out_channels, h / stride, w / stride)."""
        return self.activation(self.second(self.activation(self.first(x))) + self.shortcut(x))


class ResNet9(nn.Module):
    """ResNet-9 classifier; `backbone` gives features, `head` the logits."""

    def __init__(self, model: config.ResNet9, classes: int) -> None:
        super().__init__()
        self.input_size = model.input_size
        stem, *rest = model.channels
        blocks = [ResidualBlock(stem, stem, 1)]
        for before, after in zip(model.channels, rest, strict=False):
            blocks.append(ResidualBlock(before, after, 2))
        side = model.input_size // model.stem_stride // 8
        self.backbone = nn.Sequential(
            _convolution(3, stem, 3, model.stem_stride),
            nn.ReLU(inplace=True),
            *blocks,
            nn.Conv2d(model.channels[-1], model.features, 1),
            nn.AvgPool2d(side),  # a fixed window arrives as AVERAGE_POOL_2D, not as the 20 times dearer MEAN
            nn.Flatten(),
        )
        self.head = nn.Linear(model.features, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Pixels (n, 3, input_size, input_size) float32 in [0, 1] to logits (n, classes)."""
        return self.head(self.backbone(x))
