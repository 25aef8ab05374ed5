"""Three strided convolutions, a pooling and a linear head."""

from tinyinspect.models.plain.settings import Model
from torch import Tensor, nn

from tinyinspect.models.same_padding import SameConv2d


class Plain(nn.Module):
    """The network."""

    def __init__(self, model: Model, outputs: int) -> None:
        super().__init__()
        self.input_size = model.input_size
        layers: list[nn.Module] = []
        for before, after in ((3, model.channels), (model.channels, model.channels), (model.channels, model.channels)):
            layers += [SameConv2d(before, after, 3, 2), nn.BatchNorm2d(after), nn.ReLU(inplace=True)]
        self.backbone = nn.Sequential(*layers, nn.AvgPool2d(model.input_size // 8), nn.Flatten())
        self.head = nn.Linear(model.channels, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Pixels to outputs."""
        return self.head(self.backbone(x))


def build(model: Model, outputs: int) -> Plain:
    """The network with fresh weights."""
    return Plain(model, outputs)


def initialize(network: Plain, model: Model) -> str:
    """Leave the weights as they are."""
    return "random"
