"""Convolution with TensorFlow's SAME padding.

A stride-2 convolution pads the right and the bottom alone. PyTorch's symmetric padding would become an explicit PAD
operator in TFLite, which costs the camera as much as a layer.
"""

from torch import Tensor, nn
from torch.nn import functional as F


class SameConv2d(nn.Conv2d):
    """2-D convolution, square kernel, padded as TensorFlow's SAME pads an even-sized input."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, groups=groups, bias=False)
        # What TensorFlow gives an input whose size the stride divides.
        total = max(kernel_size - stride, 0)
        self._before, self._after = total // 2, total - total // 2
        if self._before == self._after:
            self.padding = (self._before, self._before)

    def forward(self, x: Tensor) -> Tensor:
        """(n, in_channels, h, w) float to (n, out_channels, ceil(h / stride), ceil(w / stride))."""
        if self._before != self._after:
            x = F.pad(x, (self._before, self._after) * 2)
        return super().forward(x)


def padded_same(convolution: nn.Conv2d) -> SameConv2d:
    """A square convolution without a bias, with the same weights, but padded as TensorFlow's SAME pads it."""
    made = SameConv2d(
        convolution.in_channels,
        convolution.out_channels,
        convolution.kernel_size[0],
        convolution.stride[0],
        convolution.groups,
    )
    made.load_state_dict(convolution.state_dict())
    return made
