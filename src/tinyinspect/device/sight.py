"""What a network sees when a program gives ``ml.Model.predict`` a picture, and what the program gets back.

The firmware writes the pixels into the input tensor and never looks at the tensor's scale: ``ml.Model.predict`` through
``ml.preprocessing.Normalization`` (scripts/libraries/ml) and ``py_image_to_ndarray`` (modules/py_image.c) since 4.8, by
``img.unpack`` before, to the same effect. An int8 tensor gets pixel - 128, a uint8 tensor the pixel, a float32 tensor
the pixel scaled to the program's ``scale=(0, 1)``; other types raise "Unsupported dtype". So what an integer network
sees follows from its input's own scale and zero point. Holds for firmware 4.5.6 to 5.0.0.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tinyinspect.camera import Fit
from tinyinspect.device.checks import shape_text
from tinyinspect.device.findings import Finding, Kind
from tinyinspect.device.graph import Graph, Tensor

_WRITTEN = {"int8": -128, "uint8": 0}  # what the firmware writes for a black pixel
_CLOSE = 2e-3  # half a pixel's step over the whole range, as a part of it
_USUAL = {(0, 1): "0 to 1", (-1, 1): "-1 to 1", (0, 255): "0 to 255", (-128, 127): "-128 to 127"}
_FITTED = {
    Fit.CROP: "the middle of the picture, cropped to the input's proportions",
    Fit.STRETCH: "the whole picture, stretched to the input's proportions",
}


@dataclass(frozen=True)
class Pixels:
    """The numbers that stand for a black and for a white pixel."""

    black: float
    white: float

    @property
    def text(self) -> str:
        """Both, by their usual name where they have one."""
        for (black, white), name in _USUAL.items():
            if self.equals(Pixels(black, white)):
                return name
        return f"{self.black:.4g} to {self.white:.4g}"

    def equals(self, other: "Pixels") -> bool:
        """Whether both are the same within a pixel's step."""
        step = max(abs(self.white - self.black), abs(other.white - other.black)) * (_CLOSE + 1 / 255)
        return abs(self.black - other.black) <= step and abs(self.white - other.white) <= step


OURS = Pixels(0.0, 1.0)  # what this project's networks are trained on


def is_picture(tensor: Tensor) -> bool:
    """Whether the firmware takes a picture for this input (ml/preprocessing.py: 1 x height x width x 1 or 3)."""
    return len(tensor.shape) == 4 and tensor.shape[0] == 1 and tensor.shape[3] in (1, 3)


def seen_pixels(tensor: Tensor) -> Pixels | None:
    """The numbers that a network sees through this input; None where the firmware can write no pixels into it."""
    if tensor.dtype == "float32":
        return Pixels(0.0, 1.0)
    if tensor.dtype not in _WRITTEN:
        return None
    scale = tensor.scales[0] if tensor.scales else 1.0
    zero_point = tensor.zero_points[0] if tensor.zero_points else 0
    black = (_WRITTEN[tensor.dtype] - zero_point) * scale
    return Pixels(black, black + 255 * scale)


def seen(graph: Graph, fit: Fit, trained: Pixels | None) -> list[Finding]:
    """What the network sees and gives.

    Args:
        graph: the network.
        fit: how the firmware fits a picture into the input.
        trained: what the network was trained on; None where it is not known, and then the finding asks.
    """
    inputs = [graph.tensors[index] for index in graph.inputs]
    findings = [finding for tensor in inputs for finding in _input(tensor, fit, trained)]
    if len(inputs) > 1:
        change = "give predict() a list of as many entries, in this order"
        findings.append(Finding("inputs", f"{len(inputs)}: {', '.join(map(shape_text, inputs))}", Kind.SEES, change))
    outputs = [graph.tensors[index] for index in graph.outputs]
    return [*findings, *(finding for tensor in outputs for finding in _output(tensor, trained))]


def _input(tensor: Tensor, fit: Fit, trained: Pixels | None) -> Iterator[Finding]:
    about = f"{tensor.dtype} {shape_text(tensor)}"
    if not is_picture(tensor):
        yield _no_picture(tensor, about, trained)
        return
    pixels = seen_pixels(tensor)
    if pixels is None:
        found = f"{about}, into which the firmware writes no pixels"
        yield Finding("input", found, Kind.SEES, "give predict() an array, or quantize the input to int8")
        return
    if trained is not None and tensor.dtype != "int8":
        yield Finding("input", tensor.dtype, Kind.SEES, "set inference_input_type = tf.int8")
        return
    order = "RGB" if tensor.shape[3] == 3 else "grey"
    found = f"{about}, {order}: pixels are seen as {pixels.text}"
    if tensor.shape[1] != tensor.shape[2]:
        found += f"; {_FITTED[fit]}"
    if trained is None:
        yield Finding("input", found, Kind.SEES, _question(tensor))
    elif pixels.equals(trained):
        yield Finding("input", found)
    else:
        change = f"it was trained on {trained.text}: scale {_scale(trained):.6g}, zero point {_zero_point(trained)}"
        yield Finding("input", found, Kind.SEES, change)


def _question(tensor: Tensor) -> str:
    if tensor.dtype == "float32":
        return "was it trained so? If not, give predict() a Normalization(scale=(lowest, highest))"
    return "was it trained so? The firmware ignores a mean and a scale"


def _no_picture(tensor: Tensor, about: str, trained: Pixels | None) -> Finding:
    if len(tensor.shape) == 4 and tensor.shape[1] in (1, 3):
        found = f"{about}: channels first, and the firmware gives pictures as 1 x height x width x channels"
        return Finding("input", found, Kind.SEES, "convert it to NHWC, or give predict() an array")
    found = f"{about}: no picture (1 x height x width x 1 or 3)"
    if trained is not None:
        return Finding("input", found, Kind.SEES, "make it 1 x height x width x channels with 1 or 3 channels")
    return Finding("input", f"{found}, so predict() must be given an array")


# modules/py_ml.c, py_ml_process_output: an integer is dequantized by the tensor's scale, which is 1 where it has none.
def _output(tensor: Tensor, trained: Pixels | None) -> Iterator[Finding]:
    about = f"{tensor.dtype} {shape_text(tensor)}"
    if trained is not None and tensor.dtype != "int8":
        yield Finding("output", tensor.dtype, Kind.SEES, "set inference_output_type = tf.int8")
    elif tensor.dtype != "float32" and not tensor.scales:
        yield Finding(
            "output", f"{about} without a scale: the program gets the integers", Kind.SEES, "scale them there"
        )
    else:
        yield Finding("output", f"{about}, as floats")


def _scale(pixels: Pixels) -> float:
    return (pixels.white - pixels.black) / 255


def _zero_point(pixels: Pixels) -> int:
    return round(-128 - pixels.black / _scale(pixels))
