"""Two models on the same frames."""

from tinyinspect.evaluation import intervals
from tinyinspect.review.compared import Common, Compared


def compare(common: Common, seed: int) -> list[Compared]:
    """How often the nearest number is the right one."""
    gained, lost, count = len(common.newly_right), len(common.newly_wrong), len(common.head)
    before = float((common.base["answer_camera"] == common.base["truth"]).mean())
    interval = intervals.paired_difference(gained, lost, count)
    test = f"McNemar p = {intervals.mcnemar_p(gained, lost):.2g}"
    return [Compared("right answers", before, before + (gained - lost) / count, *interval, test)]
