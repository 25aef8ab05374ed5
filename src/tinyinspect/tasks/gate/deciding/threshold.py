"""The threshold of a gate: for one of two error rates, with what the held-out pictures can say of it."""

import numpy as np
from numpy.typing import NDArray

from tinyinspect.errors import InputError
from tinyinspect.evaluation.intervals import CONFIDENCE, Interval, allowed, strictest
from tinyinspect.tasks.gate.decision import DIGITS
from tinyinspect.tasks.gate.settings import Decide

Scores = NDArray[np.float32]  # (n,) cosine similarities
RESAMPLES = 500


def threshold_for(normal: Scores, abnormal: dict[str, Scores], decide: Decide) -> float:
    """The threshold for the rate that the user gives.

    Args:
        normal: similarities of normal frames, (n,).
        abnormal: similarities of abnormal pictures by group, each (m,).
        decide: the section of the parameters.

    Raises:
        InputError: As :func:`for_false_accepts`.
    """
    if decide.false_reject_rate is not None:
        return for_false_rejects(normal, np.concatenate(list(abnormal.values())), decide.false_reject_rate)
    assert decide.false_accept_rate is not None  # the schema wants one of the two
    return for_false_accepts(normal, abnormal, decide.false_accept_rate)


def for_false_accepts(normal: Scores, abnormal: dict[str, Scores], rate: float) -> float:
    """The similarity that lets as many normal frames through as it can, and no more than a share of abnormal pictures.

    The share holds for all of them, and for each group that is large enough to tell: many pictures that are easy to
    stop may not make up for others that pass. It lies halfway between the lowest normal frame that passes and the next
    abnormal picture below it.

    Raises:
        InputError: There are too few abnormal pictures to tell, or no normal frame would pass.
    """
    everything = np.concatenate(list(abnormal.values()))
    if not allowed(everything, rate):
        raise InputError(
            f"decide.false_accept_rate {rate:g} cannot be told from {len(everything)} abnormal pictures of validation; "
            f"raise it to {1 / max(len(everything), 1):.2g} or more, or add pictures to photos/"
        )
    groups = [one for one in abnormal.values() if allowed(one, rate)]
    refused = max(strictest(one, rate) for one in [everything, *groups])
    passing = normal[normal > refused]
    if not len(passing):
        raise InputError(
            f"decide.false_accept_rate {rate:g} cannot be met: above {refused:.3f} the gate would refuse all "
            f"{len(normal)} normal frames; raise the rate, train for longer or add abnormal pictures"
        )
    return _below(float(passing.min()), everything)


def for_false_rejects(normal: Scores, abnormal: Scores, rate: float) -> float:
    """The similarity that refuses as many abnormal pictures as it can, and no more than a share of normal frames.

    It lies halfway between the lowest normal frame that passes and the next picture of either side below it.
    """
    lowest = np.sort(normal)[allowed(normal, rate)]
    return _below(float(lowest), np.concatenate([abnormal, normal]))


def _below(lowest: float, others: Scores) -> float:
    below = others[others < lowest]
    return round((lowest + float(below.max() if len(below) else -1)) / 2, DIGITS)


def interval_of(normal: Scores, abnormal: dict[str, Scores], decide: Decide, seed: int = 0) -> Interval:
    """Where the threshold would lie had other pictures been held out: 95 % of a bootstrap of both sides.

    Args:
        normal: similarities of normal frames, (n,).
        abnormal: similarities of abnormal pictures by group.
        decide: the section of the parameters.
        seed: of the draws.
    """
    random = np.random.default_rng(seed)
    found = []
    for _ in range(RESAMPLES):
        drawn = {name: random.choice(scores, len(scores)) for name, scores in abnormal.items()}
        try:
            found.append(threshold_for(random.choice(normal, len(normal)), drawn, decide))
        except InputError:  # no normal frame of this draw would pass: the threshold would be as high as any
            found.append(1.0)
    low, high = np.quantile(found, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Interval(float(low), float(high))
