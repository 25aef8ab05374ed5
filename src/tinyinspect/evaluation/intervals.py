"""Intervals of 95 % for what is measured on a few hundred frames.

None of them shrinks to a point where every frame is right, as the plain bootstrap does.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

CONFIDENCE = 0.95
DRAWS = 100_000


class Interval(NamedTuple):
    """A two-sided interval of 95 %."""

    low: float
    high: float


def proportion(successes: int, total: int) -> Interval:
    """Wilson's score interval of a proportion."""
    interval = stats.binomtest(successes, total).proportion_ci(CONFIDENCE, method="wilson")
    return Interval(interval.low, interval.high)


def balanced_accuracy(successes: NDArray[np.int64], totals: NDArray[np.int64], seed: int) -> Interval:
    """Interval of the mean recall: each class's recall is drawn from its posterior under Jeffreys' prior.

    Source: Brodersen et al., "The balanced accuracy and its posterior distribution", ICPR 2010.

    Args:
        successes: frames of each class that were recognised, (k,).
        totals: frames of each class, (k,).
        seed: of the draws.
    """
    draws = np.random.default_rng(seed).beta(successes + 0.5, totals - successes + 0.5, (DRAWS, len(totals)))
    low, high = np.quantile(draws.mean(1), [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Interval(float(low), float(high))


def paired_difference(only_first: int, only_second: int, total: int) -> Interval:
    """Interval of the difference of two proportions measured on the same frames (adjusted Wald).

    Source: Bonett and Price, "Adjusted Wald confidence interval for a difference of binomial proportions based on
    paired data", Journal of Educational and Behavioral Statistics 37, 2012.

    Args:
        only_first: frames that only the first gets right.
        only_second: frames that only the second gets right.
        total: all frames.
    """
    first, second = (only_first + 1) / (total + 2), (only_second + 1) / (total + 2)
    deviation = np.sqrt((first + second - (first - second) ** 2) / (total + 2))
    margin = float(stats.norm.ppf((1 + CONFIDENCE) / 2) * deviation)
    return Interval(max(-1.0, first - second - margin), min(1.0, first - second + margin))


def mcnemar_p(only_first: int, only_second: int) -> float:
    """Exact McNemar test: how likely so uneven a split of the disagreements is, were both equally accurate."""
    disagreements = only_first + only_second
    return float(stats.binomtest(only_first, disagreements).pvalue) if disagreements else 1.0
