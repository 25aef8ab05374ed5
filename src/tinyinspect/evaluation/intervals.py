"""Intervals of 95 % for what is measured on a few hundred frames.

None of them shrinks to a point where every frame is right, as the plain bootstrap does; that of a difference of AUROCs
alone is such a bootstrap.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

CONFIDENCE = 0.95
DRAWS = 100_000
RESAMPLES = 2000  # of pictures, where each costs a pass over all of them


class Interval(NamedTuple):
    """A two-sided interval of 95 %."""

    low: float
    high: float


def strictest(abnormal: NDArray[np.float32], rate: float) -> float:
    """The score above which at most a share of ``rate`` < 1 of the abnormal pictures, (m,), lies."""
    return float(np.sort(abnormal)[::-1][allowed(abnormal, rate)])


def allowed(abnormal: NDArray[np.float32], rate: float) -> int:
    """How many of the abnormal pictures, (m,), may pass at a rate."""
    return int(rate * len(abnormal) + 1e-9)


def proportion(successes: int, total: int) -> Interval:
    """Wilson's score interval of a proportion."""
    interval = stats.binomtest(successes, total).proportion_ci(CONFIDENCE, method="wilson")
    return Interval(interval.low, interval.high)


def in_words(successes: int, total: int) -> str:
    """A proportion and its interval, in percent."""
    low, high = proportion(successes, total)
    return f"{100 * successes / total:.1f} % (95 % interval {100 * low:.1f} to {100 * high:.1f})"


def poisson(count: int) -> Interval:
    """Garwood's exact interval of the mean of a Poisson count."""
    tail = (1 - CONFIDENCE) / 2
    low = float(stats.chi2.ppf(tail, 2 * count)) / 2 if count else 0.0
    return Interval(low, float(stats.chi2.ppf(1 - tail, 2 * count + 2)) / 2)


def balanced_accuracy(successes: NDArray[np.int64], totals: NDArray[np.int64], seed: int) -> Interval:
    """Interval of the mean recall: each class's recall is drawn from its posterior under Jeffreys' prior.

    Where all frames are right or all wrong, the equal tails leave out the mean itself; the interval then reaches to it.

    Source: Brodersen et al., "The balanced accuracy and its posterior distribution", ICPR 2010; the ends as in Brown,
    Cai and DasGupta, "Interval estimation for a binomial proportion", Statistical Science 16, 2001, section 4.1.2.

    Args:
        successes: frames of each class that were recognised, (k,).
        totals: frames of each class, (k,).
        seed: of the draws.
    """
    draws = np.random.default_rng(seed).beta(successes + 0.5, totals - successes + 0.5, (DRAWS, len(totals)))
    low, high = np.quantile(draws.mean(1), [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    measured = float((successes / totals).mean())
    return Interval(min(float(low), measured), max(float(high), measured))


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


def auroc(value: float, normal: int, abnormal: int) -> Interval:
    """Score interval of an area under the ROC curve that was measured on so many normal and abnormal pictures.

    Source: Newcombe, "Confidence intervals for an effect size measure based on the Mann-Whitney statistic. Part 2",
    Statistics in Medicine 25, 2006, method 5.
    """
    z = float(stats.norm.ppf((1 + CONFIDENCE) / 2))
    extra = (normal + abnormal) / 2 - 1

    def excess(bound: float) -> float:
        """How far ``value`` is from a true area of ``bound``, beyond z standard errors."""
        spread = 1 + extra * ((1 - bound) / (2 - bound) + bound / (1 + bound))
        return abs(value - bound) - z * float(np.sqrt(bound * (1 - bound) * spread / (normal * abnormal)))

    # Beside the value, not on it: there the excess is zero too where the value is 0 or 1.
    low = optimize.brentq(excess, 0, value - 1e-9) if excess(0) > 0 else 0.0
    high = optimize.brentq(excess, value + 1e-9, 1) if excess(1) > 0 else 1.0
    return Interval(float(low), float(high))


def tpr_at_fpr(normal: NDArray[np.float32], abnormal: NDArray[np.float32], rate: float, seed: int) -> Interval:
    """Interval of the true positive rate at a false positive rate.

    The abnormal pictures are drawn anew, for the threshold depends on them, and at each threshold the rate is drawn
    from its posterior under Jeffreys' prior.

    Args:
        normal: scores of the normal frames, (n,).
        abnormal: scores of the abnormal pictures, (m,).
        rate: false positive rate.
        seed: of the draws.
    """
    random = np.random.default_rng(seed)
    drawn = random.choice(abnormal, (RESAMPLES, len(abnormal)))
    thresholds = np.array([strictest(one, rate) for one in drawn])
    passed = len(normal) - np.searchsorted(np.sort(normal), thresholds, side="right")
    low, high = np.quantile(
        random.beta(passed + 0.5, len(normal) - passed + 0.5), [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]
    )
    return Interval(float(low), float(high))


def auroc_difference(
    first: NDArray[np.float32],
    second: NDArray[np.float32],
    normal: NDArray[np.bool_],
    abnormal: NDArray[np.bool_],
    seed: int,
) -> Interval:
    """Interval of the difference of two areas measured on the same pictures, by a stratified paired bootstrap.

    Args:
        first: scores of one model, (n,).
        second: scores of the other, (n,).
        normal: which pictures are normal, (n,).
        abnormal: which are abnormal, (n,).
        seed: of the draws.
    """
    random = np.random.default_rng(seed)
    # How often a picture is drawn stands for its weight, so that one table of who wins serves all draws.
    counts = int(normal.sum()), int(abnormal.sum())
    weights = [random.multinomial(count, np.full(count, 1 / count), RESAMPLES) for count in counts]
    wins = [np.sign(scores[normal][:, None] - scores[abnormal]) / 2 for scores in (first, second)]
    drawn = ((weights[0] @ (wins[0] - wins[1])) * weights[1]).sum(1) / (counts[0] * counts[1])
    low, high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Interval(float(low), float(high))
