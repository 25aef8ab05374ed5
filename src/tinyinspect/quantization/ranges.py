"""The ranges that int8 covers: another rule than the smallest and largest value of the calibration.

TensorFlow's calibration leaves in a float .tflite file the smallest and largest value of each activation. The rules
here run that file on the calibration frames, count the values, and write narrower ranges into it.
"""

from collections.abc import Callable

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from numpy.typing import NDArray

from tinyinspect.config.quantize import Ranges

BINS = 2048
PERCENTILE = 99.99  # of the values that stay inside, half of the others at each end
STEPS = 60  # candidate ranges of the search for the smallest error
LEVELS = 255

Rule = Callable[[NDArray[np.int64], float, float], tuple[float, float]]


def adjuster(ranges: Ranges, views: NDArray[np.uint8]) -> Callable[[bytes], bytes] | None:
    """What :func:`tinyinspect.conversion.tflite.to_int8` takes as ``adjust``; None where nothing is to change.

    Args:
        ranges: the rule.
        views: (n, size, size, 3) uint8 calibration frames.
    """
    if ranges is Ranges.MIN_MAX:
        return None
    rule: Rule = {Ranges.PERCENTILE: percentile, Ranges.MSE: least_error}[ranges]
    return lambda calibrated: _narrowed(calibrated, views, rule)


def percentile(counts: NDArray[np.int64], low: float, high: float) -> tuple[float, float]:
    """The range that holds ``PERCENTILE`` percent of the values.

    Args:
        counts: histogram, (BINS,).
        low: its lower end.
        high: its upper end.
    """
    share = np.cumsum(counts) / counts.sum()
    tail = (1 - PERCENTILE / 100) / 2
    edges = np.linspace(low, high, len(counts) + 1)
    first, last = int(np.searchsorted(share, tail)), int(np.searchsorted(share, 1 - tail))
    # A pile of zeros behind a ReLU lies in the first bin, and stays in the range.
    return float(edges[first]), float(edges[min(last + 1, len(counts))])


def least_error(counts: NDArray[np.int64], low: float, high: float) -> tuple[float, float]:
    """The range, a part of the whole one, that 255 levels cover with the smallest squared error; see percentile."""
    width = (high - low) / len(counts)
    values = low + width * (np.arange(len(counts)) + 0.5)
    best = (np.inf, low, high)
    for share in np.linspace(1, 0.1, STEPS):
        lower, upper = low * share, high * share
        step = (upper - lower) / LEVELS
        rounded = np.clip(np.round((values - lower) / step), 0, LEVELS) * step + lower
        best = min(best, (float(counts @ (values - rounded) ** 2), lower, upper))
    return best[1], best[2]


def _narrowed(calibrated: bytes, views: NDArray[np.uint8], rule: Rule) -> bytes:
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(calibrated, 0))
    subgraph = model.subgraphs[0]
    given = set(subgraph.inputs)  # the camera's contract sets its range
    places = {
        place: (float(tensor.quantization.min[0]), float(tensor.quantization.max[0]))
        for place, tensor in enumerate(subgraph.tensors)
        if place not in given and _is_calibrated(tensor)
    }
    for place, counts in _histograms(calibrated, views, places).items():
        low, high = rule(counts, *places[place])
        subgraph.tensors[place].quantization.min = [min(low, 0.0)]
        subgraph.tensors[place].quantization.max = [max(high, 0.0)]
    builder = flatbuffers.Builder(len(calibrated))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _is_calibrated(tensor: schema.TensorT) -> bool:
    quantization = tensor.quantization
    return quantization is not None and quantization.min is not None and quantization.max[0] > quantization.min[0]


def _histograms(
    content: bytes, views: NDArray[np.uint8], places: dict[int, tuple[float, float]]
) -> dict[int, NDArray[np.int64]]:
    interpreter = Interpreter(
        model_content=content,
        num_threads=1,
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        experimental_preserve_all_tensors=True,
    )
    interpreter.allocate_tensors()
    start = interpreter.get_input_details()[0]["index"]
    counts = {place: np.zeros(BINS, np.int64) for place in places}
    for view in views:
        interpreter.set_tensor(start, view[None].astype(np.float32) / 255)
        interpreter.invoke()
        for place, bounds in places.items():
            counts[place] += np.histogram(interpreter.get_tensor(place), BINS, bounds)[0]
    return counts
