"""Numbers of the frame itself beside a network's outputs: its brightness, colours and edges on the average.

A network learns to answer alike for all normal frames, and for whatever looks like one to it: also for a normal frame
that is blurred, half covered or half transferred. Fixed filters tell these apart, and nothing that was learned can make
them blind. They are statistics of natural images such as quality without a reference is judged by; source: Mittal et
al., "Making a 'Completely Blind' Image Quality Analyzer", IEEE Signal Processing Letters 2013, which measures how far
such numbers lie from those of good pictures by their Mahalanobis distance.

The numbers leave by the same tensor as the outputs, so every runtime and the camera give them without further ado.
Int8 gives that tensor one scale. So each number is stretched to 0 to 6, and the head to outputs of up to 6.
"""

from typing import Any

import torch
from torch import Tensor, nn

HIGHEST = 6.0  # what a map and a number are clipped to
_GREY, _COLOUR, _EDGE, _CORNER = 6.0, 12.0, 24.0, 12.0  # gains of the filters: an edge of a quarter of white is clipped
_LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)  # of white, above which the grey counts: they stand for its quantiles
_WEAK = (
    12.0,
    4.0,
)  # further gains of edges, by which weak ones are clipped: they stand for the share of the frame that has any
_PLACES = 32  # along a side, at which the filters look, or a few more
_CELLS = 3  # a map is averaged to so many cells a side, which int8 rounds, and those to one number, with a finer scale
_TYPICAL = 3.0  # the number of the average normal frame
_LARGEST_GAIN = 30.0  # of what normal frames hardly have, and int8 could not tell from nothing
_BATCH = 64


class WithFrameNumbers(nn.Module):
    """A network whose outputs are followed by its frame numbers, except while it is trained.

    Args:
        network: see :class:`tinyinspect.models.checkpoint.Network`; its parts are used, not copied.
    """

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.input_size, self.backbone, self.head = network.input_size, network.backbone, network.head
        self.frame_numbers = FrameNumbers(network.input_size)

    def forward(self, x: Tensor) -> Tensor:
        """Pixels (n, 3, input_size, input_size) float32 in [0, 1] to outputs (n, k), or with numbers (n, k + s)."""
        if self.training:
            return self._outputs(x)
        numbers = self.frame_numbers(x)  # first, so that its maps leave memory before the network's come
        return torch.cat([self._outputs(x), numbers.flatten(1)], 1)

    def _outputs(self, x: Tensor) -> Tensor:
        outputs: Tensor = self.head(self.backbone(x))
        return outputs

    @torch.no_grad()
    def standardize(self, views: Tensor) -> None:
        """Fit the scales of numbers and outputs to normal frames, (n, 3, size, size), in place.

        What two outputs have in common, an angle say, stays as it is.
        """
        self.eval()
        batches = views.split(_BATCH)
        self.frame_numbers.standardize(torch.cat([self.frame_numbers.means(batch) for batch in batches]))
        largest = max(float(self._outputs(batch).abs().max()) for batch in batches)
        if largest > 0:
            self.head.weight.mul_(HIGHEST / largest)
            self.head.bias.mul_(HIGHEST / largest)


class FrameNumbers(nn.Module):
    """The means of what fixed filters give: 3 for what normal frames have, 0 for nothing, 6 for twice as much or more.

    Args:
        size: pixels, the side of the network's input.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        stride = max(1, size // _PLACES)
        filters, mixing, levels = _filters(), _mixing(), torch.zeros(len(_mixing()))
        levels[_SOFT] = torch.tensor([-HIGHEST * level / (1 - level) for level in _LEVELS])
        self.count = len(mixing)
        self.filter = nn.Conv2d(3, len(filters), 3, stride=stride, bias=False)
        self.mix = nn.Conv2d(len(filters), self.count, 1)
        self.clip = nn.ReLU6()
        self.cells = nn.AvgPool2d(((size - 3) // stride + 1) // _CELLS)
        self.mean = nn.Conv2d(self.count, self.count, _CELLS, groups=self.count, bias=False)
        self.requires_grad_(False)
        self.filter.weight.copy_(filters)
        self.mix.weight.copy_(mixing[:, :, None, None])
        self.mix.get_parameter("bias").copy_(levels)
        self.mean.weight.fill_(1 / _CELLS**2)

    def forward(self, x: Tensor) -> Tensor:
        """Pixels (n, 3, size, size) in [0, 1] to numbers (n, s, 1, 1)."""
        numbers: Tensor = self.clip(self.mean(self._in_cells(x)))
        return numbers

    def means(self, x: Tensor) -> Tensor:
        """The numbers as they are before they are fitted, (n, s)."""
        return self._in_cells(x).mean((2, 3))

    def standardize(self, means: Tensor) -> None:
        """Fit to what :meth:`means` gives of normal frames, (n, s), in place."""
        gains = (_TYPICAL / means.mean(0).clamp(min=1e-6)).clamp(max=_LARGEST_GAIN)
        self.mean.weight.copy_((gains / _CELLS**2)[:, None, None, None].expand_as(self.mean.weight))

    def _in_cells(self, x: Tensor) -> Tensor:
        cells: Tensor = self.cells(self.clip(self.mix(self.clip(self.filter(x)))))
        return cells


_MAPS = 11  # grey; more red than green and less, more blue than green and less; edges across, down and corners by sign
_SOFT = slice(8, 8 + len(_LEVELS))


def _filters() -> Tensor:
    """Weights (11, 3, 3, 3): what is negative has a map of its own, for ReLU clips it."""
    grey = torch.zeros(3, 3, 3)
    grey[:, 1, 1] = 1 / 3
    across, down = grey - grey.roll(-1, 2), grey - grey.roll(-1, 1)
    corner = across - across.roll(1, 2) + down - down.roll(1, 1)
    red, blue = torch.zeros(3, 3, 3), torch.zeros(3, 3, 3)
    red[0, 1, 1], red[1, 1, 1], blue[2, 1, 1], blue[1, 1, 1] = 1, -1, 1, -1
    signed = [_COLOUR * red, _COLOUR * blue, _EDGE * across, _EDGE * down, _CORNER * corner]
    return torch.stack([_GREY * grey, *(sign * one for one in signed for sign in (1, -1))])


def _mixing() -> Tensor:
    """Weights (s, 11): grey, colours, edges whatever their sign, grey above each level, weak edges."""
    maps = torch.eye(_MAPS)
    edges = maps[5::2] + maps[6::2]
    above = [maps[0] / (1 - level) for level in _LEVELS]
    return torch.stack([*maps[:5], *edges, *above, *(gain * edge for gain in _WEAK for edge in edges)])
