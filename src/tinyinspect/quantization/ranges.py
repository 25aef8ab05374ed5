"""The ranges that int8 covers: another rule than the smallest and largest value of the calibration.

TensorFlow's calibration leaves in a float .tflite file the smallest and largest value of each activation. The rules
here run that file on the calibration frames, count the values, and write narrower ranges into it.
"""

from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tinyinspect.config.quantize import Ranges
from tinyinspect.quantization.calibrated import Range, ranges_of, values_of, with_ranges

BINS = 2048
PERCENTILE = 99.99  # of the values that stay inside, half of the others at each end
STEPS = 60  # candidate ranges of the search for the smallest error
LEVELS = 255

Rule = Callable[[NDArray[np.int64], float, float], tuple[float, float]]
Key = TypeVar("Key", int, str)  # a place in a file, or a name


def adjuster(ranges: Ranges, views: NDArray[np.uint8]) -> Callable[[bytes], bytes] | None:
    """What :func:`tinyinspect.conversion.tflite.to_int8` takes as ``adjust``; None where nothing is to change.

    Args:
        ranges: the rule.
        views: (n, size, size, 3) uint8 calibration frames.
    """
    rule = rule_of(ranges)
    return None if rule is None else lambda calibrated: _narrowed(calibrated, views, rule)


def rule_of(ranges: Ranges) -> Rule | None:
    """From a histogram and its ends to narrower ends; None where the ends stay."""
    return {Ranges.MIN_MAX: None, Ranges.PERCENTILE: percentile, Ranges.MSE: least_error}[ranges]


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


def narrowed(
    whole: dict[Key, Range], values_of_tensors: Callable[[list[Key]], Iterator[dict[Key, NDArray]]], rule: Rule
) -> dict[Key, Range]:
    """Narrower ranges, from the values of the tensors; not of those that are always 0.

    Args:
        whole: smallest and largest value of each tensor.
        values_of_tensors: gives the values of tensors, batch by batch.
        rule: from a histogram to a range.
    """
    wide = {key: ends for key, ends in whole.items() if ends[1] > ends[0]}
    counts = {key: np.zeros(BINS, np.int64) for key in wide}
    for values in values_of_tensors(list(wide)):
        for key, ends in wide.items():
            counts[key] += np.histogram(values[key], BINS, ends)[0]
    return {key: rule(counts[key], *ends) for key, ends in wide.items()}


def _narrowed(calibrated: bytes, views: NDArray[np.uint8], rule: Rule) -> bytes:
    return with_ranges(
        calibrated, narrowed(ranges_of(calibrated), lambda places: values_of(calibrated, views, places), rule)
    )
