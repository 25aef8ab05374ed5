"""What a measure is to be compared with: simple answers, and a linear classifier on the features of the teacher.

One typed file, ``baselines.json``, written by the stage ``baselines`` and read by ``evaluate``.
"""

from pathlib import Path

from pydantic import BaseModel

BASELINES = Path("baselines.json")
MOST_FRAMES = 250  # of either side: the teacher takes minutes for more


class Baselines(BaseModel):
    """What ``baselines.json`` holds.

    Attributes:
        teacher: whose features they are; null where there is none.
        measures: shares in [0, 1], by baseline and measure.
    """

    teacher: str | None
    measures: dict[str, dict[str, float]]
