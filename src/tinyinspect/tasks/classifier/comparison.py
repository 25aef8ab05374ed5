"""Two classifiers on the same frames."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tinyinspect.evaluation import intervals
from tinyinspect.review.compared import Common, Compared


def compare(common: Common, seed: int) -> list[Compared]:
    """Accuracy, balanced accuracy and the class that the later one finds least, with paired tests.

    Args:
        common: the frames.
        seed: of the bootstrap.
    """
    truth = common.head["truth"].to_numpy()
    before, after = (_right(one) for one in (common.base, common.head))
    recalls = {name: after[truth == name].mean() for name in sorted(set(truth))}
    worst = min(recalls, key=recalls.__getitem__)
    mine = truth == worst
    return [
        _mcnemar("accuracy", before, after),
        _balanced(truth, before, after, seed),
        _mcnemar(f"recall of '{worst}', the worst class", before[mine], after[mine]),
    ]


def _right(table: pd.DataFrame) -> NDArray[np.bool_]:
    return (table["answer_camera"] == table["truth"]).to_numpy()


def _mcnemar(name: str, before: NDArray[np.bool_], after: NDArray[np.bool_]) -> Compared:
    gained, lost = int((after & ~before).sum()), int((before & ~after).sum())
    interval = intervals.paired_difference(gained, lost, len(before))
    test = f"McNemar p = {intervals.mcnemar_p(gained, lost):.2g}, {gained} gained, {lost} lost"
    return Compared(name, float(before.mean()), float(after.mean()), *interval, test)


def _balanced(truth: NDArray, before: NDArray[np.bool_], after: NDArray[np.bool_], seed: int) -> Compared:
    """Balanced accuracy; the interval by a paired bootstrap within each class."""
    random = np.random.default_rng(seed)
    values, draws = [], []
    for name in sorted(set(truth)):
        mine = truth == name
        gain = after[mine].astype(np.float64) - before[mine]
        values.append((before[mine].mean(), after[mine].mean()))
        draws.append(random.choice(gain, (intervals.RESAMPLES, len(gain))).mean(1))
    ends = (1 - intervals.CONFIDENCE) / 2, (1 + intervals.CONFIDENCE) / 2
    low, high = np.quantile(np.mean(draws, axis=0), ends)
    base, head = np.mean(values, axis=0)
    return Compared("balanced accuracy", float(base), float(head), float(low), float(high), "paired bootstrap")
