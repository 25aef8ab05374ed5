"""Where int8 loses: every layer of the float file against the same layer of the int8 file, on the same frames.

The two files hold the same layers in the same order. A layer's total error is what has come together up to its output.
Two parts are the layer's own: its weights' rounding, and its output's, which is what is left when float outputs are cut
and rounded to the int8 range. SQNR is the signal-to-quantization-noise ratio in decibels: 20 more is a tenth of the
error. The two parts are those of the median channel: the energy of a few large channels would hide that the others are
rounded to nothing.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from numpy.typing import NDArray

from tinyinspect.errors import InputError

WEAK_DB = 20.0  # a tenth of the signal is error: below it a layer is worth a look
MANY_SATURATED = 0.01
NARROW_CHANNEL = 0.1  # of the tensor's range, that its median channel uses
MOST_DB = 99.0  # what no error at all is written as
_WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
_CONVERSIONS = ("QUANTIZE", "DEQUANTIZE")


@dataclass(frozen=True)
class LayerError:
    """What one layer loses.

    Attributes:
        layer: number in the order in which they run, and operator.
        sqnr_db: of its output, with all errors before it.
        weight_sqnr_db: of the weights that read its median input channel; None where it has none.
        activation_sqnr_db: of its float output's median channel, cut and rounded to the int8 range.
        saturated: share of the float output's values outside the int8 range.
        range_used: share of the int8 range between the smallest and largest value of the float output.
        channel_range_used: the same of the median channel.
    """

    layer: str
    sqnr_db: float
    weight_sqnr_db: float | None
    activation_sqnr_db: float
    saturated: float
    range_used: float
    channel_range_used: float

    @property
    def own_sqnr_db(self) -> float:
        """The smaller of the two parts that are the layer's own."""
        return min(self.activation_sqnr_db, MOST_DB if self.weight_sqnr_db is None else self.weight_sqnr_db)


def analyse(float_path: Path, int8_path: Path, views: NDArray[np.uint8]) -> list[LayerError]:
    """Compare two files layer by layer.

    Args:
        float_path: float32 .tflite file of exactly what was rounded.
        int8_path: the int8 .tflite file.
        views: (n, size, size, 3) uint8 frames.

    Raises:
        InputError: The files hold different layers, or one cannot be read.
    """
    float_file, int8_file = _File(float_path), _File(int8_path)
    pairs = _pairs(float_file, int8_file)
    sums = [_Sums() for _ in pairs]
    for view in views:
        float_file.run(view.astype(np.float32) / np.float32(255))
        int8_file.run((view.astype(np.int16) - 128).astype(np.int8))
        for (first, second), total in zip(pairs, sums, strict=True):
            expected = float_file.value(first["outputs"][0])
            total.add(expected, int8_file.value(second["outputs"][0]), *int8_file.scale(second["outputs"][0]))
    return [
        _layer(number, float_file, int8_file, pair, total)
        for number, (pair, total) in enumerate(zip(pairs, sums, strict=True))
    ]


def worst(layers: list[LayerError]) -> LayerError:
    """The layer that loses most by itself."""
    return min(layers, key=lambda layer: layer.own_sqnr_db)


def advice(layer: LayerError) -> str:
    """What to try for the worst layer, one sentence."""
    if layer.own_sqnr_db >= WEAK_DB:
        return f"every layer keeps {WEAK_DB:g} dB or more, so int8 is not where accuracy is lost"
    if layer.saturated > MANY_SATURATED:
        return "its range cuts values off: raise quantize.calibration_frames or set quantize.ranges to min_max"
    if layer.channel_range_used < NARROW_CHANNEL:
        return "its channels differ much in size: try -S quantize=ptq_equalized"
    if layer.weight_sqnr_db is not None and layer.weight_sqnr_db < layer.activation_sqnr_db:
        return "its weights round badly: try -S quantize=ptq_equalized, then quantize=qat"
    return "a few values stretch its range: try quantize.ranges=mse"


def summary(layers: list[LayerError], changed: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What stands in ``quantization_error.json``.

    Args:
        layers: of all frames.
        changed: by class, what :func:`by_class` gives.
    """
    weakest = worst(layers)
    return {
        "worst_layer": weakest.layer,
        "try": advice(weakest),
        "layers": [_plain(layer) for layer in layers],
        "changed_answers": changed,
    }


def by_class(
    float_path: Path,
    int8_path: Path,
    views: NDArray[np.uint8],
    changed: NDArray[np.bool_],
    labels: NDArray[np.int64],
    classes: list[str],
) -> dict[str, dict[str, Any]]:
    """The frames whose answer int8 changed, by class: how many of how many, and each layer's error on them.

    Args:
        float_path: see :func:`analyse`.
        int8_path: see :func:`analyse`.
        views: (changed.sum(), size, size, 3) uint8, the changed frames.
        changed: whether float and int8 answer differently, (n,).
        labels: the truth, (n,).
        classes: names in the order of the labels.
    """
    found = {}
    for index, name in enumerate(classes):
        rows = labels[changed] == index
        layers = analyse(float_path, int8_path, views[rows]) if rows.any() else []
        found[name] = {
            "frames": int((labels == index).sum()),
            "changed": int(rows.sum()),
            "layers": [_plain(layer) for layer in layers],
        }
    return found


class _File:
    """A .tflite file that keeps the values of all tensors."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._interpreter = Interpreter(
                str(path),
                num_threads=1,
                experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
                experimental_preserve_all_tensors=True,
            )
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError, OSError) as error:
            text = " ".join(str(error).split())
            raise InputError(f"{path} does not run in TFLite ({text}); run `dvc repro` to make it anew") from None
        self._details = {one["index"]: one for one in self._interpreter.get_tensor_details()}
        self.operators = [one for one in self._interpreter._get_ops_details() if one["op_name"] not in _CONVERSIONS]

    def run(self, view: NDArray) -> None:
        self._interpreter.set_tensor(self._interpreter.get_input_details()[0]["index"], view[None])
        self._interpreter.invoke()

    def scale(self, tensor: int) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
        """Scales and zero points, and along which axis there is one for each entry."""
        given = self._details[tensor]["quantization_parameters"]
        return given["scales"].astype(np.float64), given["zero_points"].astype(float), given["quantized_dimension"]

    def value(self, tensor: int) -> NDArray[np.float64]:
        """The tensor's value, dequantised."""
        values = self._interpreter.get_tensor(tensor).astype(np.float64)
        scales, zeros, axis = self.scale(tensor)
        if not len(scales):
            return values
        shape = [-1 if place == axis and len(scales) > 1 else 1 for place in range(values.ndim)]
        return (values - zeros.reshape(shape)) * scales.reshape(shape)


class _Sums:
    """What is added up of a layer over the frames."""

    def __init__(self) -> None:
        self.signal = self.noise = 0.0
        self.of_channel = self.rounding = np.zeros(0)
        self.saturated = self.count = 0
        self.lowest: NDArray[np.float64] | None = None
        self.highest: NDArray[np.float64] | None = None
        self.span = 1.0

    def add(
        self,
        expected: NDArray[np.float64],
        given: NDArray[np.float64],
        scales: NDArray[np.float64],
        zeros: NDArray[np.float64],
        axis: int,
    ) -> None:
        scale, zero = scales[0], zeros[0]
        levels = np.round(expected / scale) + zero
        kept = (np.clip(levels, -128, 127) - zero) * scale
        self.signal += float((expected**2).sum())
        self.noise += float(((expected - given) ** 2).sum())
        self.saturated += int(((levels < -128) | (levels > 127)).sum())
        self.count += expected.size
        rows = expected.reshape(-1, expected.shape[-1])
        lost = (expected - kept).reshape(rows.shape)
        self.of_channel = (rows**2).sum(0) + (self.of_channel if len(self.of_channel) else 0)
        self.rounding = (lost**2).sum(0) + (self.rounding if len(self.rounding) else 0)
        self.lowest = rows.min(0) if self.lowest is None else np.minimum(self.lowest, rows.min(0))
        self.highest = rows.max(0) if self.highest is None else np.maximum(self.highest, rows.max(0))
        self.span = 255 * scale


def _pairs(float_file: _File, int8_file: _File) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    kinds = [[one["op_name"] for one in file.operators] for file in (float_file, int8_file)]
    if kinds[0] != kinds[1]:
        raise InputError(
            f"{float_file.path} and {int8_file.path} hold different layers; run the stage `quantize` to make both anew"
        )
    return list(zip(float_file.operators, int8_file.operators, strict=True))


def _layer(
    number: int, float_file: _File, int8_file: _File, pair: tuple[dict[str, Any], dict[str, Any]], total: _Sums
) -> LayerError:
    kind = pair[0]["op_name"]
    weights = None
    if kind in _WEIGHTED:
        expected, given = (
            file.value(one["inputs"][1]) for file, one in zip((float_file, int8_file), pair, strict=True)
        )
        outer = tuple(range(expected.ndim - 1))  # the last axis is the input channel in all three kinds
        weights = _of_median_channel((expected**2).sum(outer), ((expected - given) ** 2).sum(outer))
    assert total.lowest is not None and total.highest is not None  # every layer saw a frame
    spans = total.highest - total.lowest
    return LayerError(
        layer=f"{number} {kind}",
        sqnr_db=_decibels(total.signal, total.noise),
        weight_sqnr_db=weights,
        activation_sqnr_db=_of_median_channel(total.of_channel, total.rounding),
        saturated=total.saturated / total.count,
        range_used=min(1.0, float((total.highest.max() - total.lowest.min()) / total.span)),
        channel_range_used=min(1.0, float(np.median(spans) / total.span)),
    )


def _decibels(signal: float, noise: float) -> float:
    if noise <= 0 or signal <= 0:
        return MOST_DB if noise <= 0 else 0.0
    return min(MOST_DB, 10 * float(np.log10(signal / noise)))


def _of_median_channel(signal: NDArray[np.float64], noise: NDArray[np.float64]) -> float:
    """Of the channels that carry anything, decibels."""
    ratios = [_decibels(*pair) for pair in zip(signal.tolist(), noise.tolist(), strict=True) if pair[0] > 0]
    return float(np.median(ratios)) if ratios else MOST_DB


def _plain(layer: LayerError) -> dict[str, Any]:
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(layer).items()}
