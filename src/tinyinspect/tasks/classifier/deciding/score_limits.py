"""How a classifier's temperature and score limits are chosen: on frames that were held out of training.

A network that was trained with label smoothing gives scores that say little of how often it is right. A temperature
mends that (Guo et al., "On Calibration of Modern Neural Networks", ICML 2017); the limits are then chosen for error
rates that the user states.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from tinyinspect.errors import InputError
from tinyinspect.tasks.classifier.decision import ScoreLimits
from tinyinspect.tasks.classifier.settings import Decide, Task

HELD_OUT = "held_out.csv"
_TEMPERATURES = 0.05, 20.0  # bounds of the search
_FEWEST = 0.5  # share of the frames that must count: a camera that hardly ever answers is of no use


def decide(models: Path, dataset: Path, *, classes: list[str], task: Task, decide: Decide) -> tuple[ScoreLimits, str]:
    """Temperature and limits from the logits of held-out frames, which ``train`` wrote.

    Raises:
        InputError: The file of logits is missing or of another network.
    """
    labels, logits = _read_held_out(models / HELD_OUT, classes)
    limits = limits_of(labels, logits, decide)
    sentence = (
        f"temperature {limits.temperature:.2f}; a score of {limits.min_score:.2f} counts: {100 * limits.counted:.0f} % "
        f"of {limits.held_out} held-out frames, {100 * limits.error_rate:.1f} % of them wrong; unsure below "
        f"{limits.unsure_below:.2f}"
    )
    if limits.error_rate > decide.max_error_rate:
        sentence += (
            f"; no limit that leaves half of the frames reaches decide.max_error_rate {decide.max_error_rate:g}, this "
            "one is the best there is"
        )
    return limits, sentence


def limits_of(labels: NDArray[np.int64], logits: NDArray[np.float32], decide: Decide) -> ScoreLimits:
    """Temperature and limits.

    Args:
        labels: the truth, (n,).
        logits: of networks that did not see these frames, (n, classes).
        decide: the error rates.
    """
    temperature = round(temperature_of(labels, logits), 4)  # as the camera gets it
    scores = softmax(logits / temperature, axis=1)
    best, right = scores.max(1), scores.argmax(1) == labels
    min_score = round(_lowest_limit(best, right, decide.max_error_rate), 6)
    counts = best >= min_score
    return ScoreLimits(
        temperature=temperature,
        min_score=min_score,
        unsure_below=round(float(np.quantile(best, decide.unsure_rate)), 6),
        held_out=len(labels),
        error_rate=round(float((~right[counts]).mean()), 6),
        counted=round(float(counts.mean()), 6),
    )


def temperature_of(labels: NDArray[np.int64], logits: NDArray[np.float32]) -> float:
    """The temperature that makes the labels most likely."""

    def loss(exponent: float) -> float:
        return -float(log_softmax(logits / np.exp(exponent), axis=1)[np.arange(len(labels)), labels].mean())

    bounds = tuple(np.log(_TEMPERATURES))
    return float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded").x))


def _lowest_limit(best: NDArray[np.float32], right: NDArray[np.bool_], rate: float) -> float:
    """The lowest score from which on at most a share of ``rate`` is wrong, else that with the smallest share."""
    order = np.argsort(-best, kind="stable")
    ranked = best[order]
    counted = np.arange(1, len(order) + 1)
    shares = np.cumsum(~right[order]) / counted
    # Frames of one score count together or not at all.
    ends = np.append(ranked[1:] < ranked[:-1], True) & (counted >= _FEWEST * len(order))
    allowed = np.flatnonzero(ends & (shares <= rate))
    smallest = np.flatnonzero(ends & (shares == shares[ends].min()))
    place = allowed[-1] if len(allowed) else smallest[-1]
    lower = ranked[place + 1] if place + 1 < len(order) else 0.0
    return float(ranked[place] + lower) / 2  # as far from the frames on either side


def _read_held_out(path: Path, classes: list[str]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    try:
        table = pd.read_csv(path)
        labels, logits = table["label"].to_numpy(np.int64), table.drop(columns="label").to_numpy(np.float32)
    except (OSError, ValueError, KeyError):
        raise InputError(f"{path} is missing or holds no logits; run `dvc repro train`") from None
    if not len(labels) or logits.shape[1] != len(classes):
        raise InputError(f"{path} holds logits of {logits.shape[1]} classes, not {len(classes)}; run `dvc repro train`")
    return labels, logits
