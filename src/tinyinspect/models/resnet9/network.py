"""ResNet-9: a stem and four residual blocks, small enough for a microcontroller.

Source of the network: He et al., "Deep Residual Learning for Image Recognition", 2015, in the nine-layer form that
Lightly published for the OpenMV Cam H7 (16.7 MMAC at 64x64 and channels 8, 16, 32, 64). Stem, widths, depths and the
places of the shortcuts can be chosen: on the camera an addition costs as much as half a convolution. Pixels come in
[0, 1], all normalisation is in the BatchNorms behind the convolutions, which fold into them.
"""

from torch import Tensor, nn

from tinyinspect.models.resnet9.settings import Model
from tinyinspect.models.same_padding import SameConv2d


def _convolution(in_channels: int, out_channels: int, kernel_size: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(SameConv2d(in_channels, out_channels, kernel_size, stride), nn.BatchNorm2d(out_channels))


def _plain(in_channels: int, out_channels: int, stride: int, convolutions: int) -> nn.Sequential:
    layers = nn.Sequential(_convolution(in_channels, out_channels, 3, stride))
    for _ in range(convolutions - 1):
        layers.extend([nn.ReLU(inplace=True), _convolution(out_channels, out_channels, 3)])
    return layers


class Block(nn.Module):
    """3x3 convolutions, the first strided, and a shortcut or none, projected where the shape changes."""

    def __init__(self, in_channels: int, out_channels: int, stride: int, convolutions: int, residual: bool) -> None:
        super().__init__()
        self.convolutions = _plain(in_channels, out_channels, stride, convolutions)
        self.shortcut: nn.Module | None = None
        if residual:
            same_shape = stride == 1 and in_channels == out_channels
            self.shortcut = nn.Identity() if same_shape else _convolution(in_channels, out_channels, 1, stride)
        self.activation = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """(n, in_channels, h, w) to (n, out_channels, h / stride, w / stride)."""
        made = self.convolutions(x)
        return self.activation(made if self.shortcut is None else made + self.shortcut(x))


class ResNet9(nn.Module):
    """ResNet-9; `backbone` gives features, `head` the outputs."""

    def __init__(self, model: Model, outputs: int) -> None:
        super().__init__()
        self.input_size = model.input_size
        stem = model.channels[0]
        before = [stem, *model.channels[:-1]]
        steps = zip(before, model.channels, (1, 2, 2, 2), model.convolutions, model.residual, strict=True)
        blocks = [Block(*step) for step in steps if step[3]]  # the fourth is how many convolutions
        side = model.input_size // model.stem_stride // 8
        self.backbone = nn.Sequential(
            _convolution(3, stem, model.stem_kernel, model.stem_stride),
            nn.ReLU(inplace=True),
            *blocks,
            nn.Conv2d(model.channels[-1], model.features, 1),
            nn.AvgPool2d(side),  # a fixed window arrives as AVERAGE_POOL_2D, not as the 20 times dearer MEAN
            nn.Flatten(),
        )
        self.head = nn.Linear(model.features, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Pixels (n, 3, input_size, input_size) float32 in [0, 1] to outputs (n, k)."""
        return self.head(self.backbone(x))


def build(model: Model, outputs: int) -> ResNet9:
    """A ResNet-9 with fresh weights and so many outputs."""
    return ResNet9(model, outputs)


def initialize(network: ResNet9, model: Model) -> str:
    """Leave the weights as they were drawn; return what the network starts from, in a word."""
    return "random"
