"""Two gates on the same pictures."""

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from tinyinspect.errors import InputError
from tinyinspect.evaluation import intervals
from tinyinspect.review.compared import Common, Compared


def compare(common: Common, seed: int) -> list[Compared]:
    """AUROC by a paired bootstrap; normal frames and abnormal pictures judged rightly by McNemar's test.

    Args:
        common: the pictures.
        seed: of the bootstrap.

    Raises:
        InputError: The common pictures are all normal or all abnormal.
    """
    normal = (common.head["truth"] == "normal").to_numpy()
    if normal.all() or not normal.any():
        raise InputError("the pictures that both were tested on are all normal or all abnormal; test both on the same")
    first, second = (one["score_camera"].to_numpy(np.float32) for one in (common.base, common.head))
    low, high = intervals.auroc_difference(second, first, normal, ~normal, seed)
    before, after = (float(roc_auc_score(normal, scores)) for scores in (first, second))
    return [
        Compared("AUROC", before, after, low, high, "paired bootstrap"),
        _judged("normal frames that pass", common, normal),
        _judged("abnormal pictures that are stopped", common, ~normal),
    ]


def _judged(name: str, common: Common, mine: np.ndarray) -> Compared:
    before, after = (_right(one)[mine] for one in (common.base, common.head))
    gained, lost = int((after & ~before).sum()), int((before & ~after).sum())
    interval = intervals.paired_difference(gained, lost, len(before))
    test = f"McNemar p = {intervals.mcnemar_p(gained, lost):.2g}, {gained} gained, {lost} lost"
    return Compared(name, float(before.mean()), float(after.mean()), *interval, test)


def _right(table: pd.DataFrame) -> np.ndarray:
    return (table["answer_camera"] == table["truth"]).to_numpy()
