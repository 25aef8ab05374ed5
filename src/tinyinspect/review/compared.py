"""Two models on the frames that both were tested on."""

from dataclasses import dataclass

import pandas as pd

from tinyinspect.errors import InputError
from tinyinspect.review.versions import Version


@dataclass(frozen=True)
class Compared:
    """A measure before and after.

    Attributes:
        name: of the measure.
        before: from 0 to 1.
        after: from 0 to 1.
        low: of the 95 % interval of after minus before.
        high: of that interval.
        test: which paired test, with its result.
    """

    name: str
    before: float
    after: float
    low: float
    high: float
    test: str

    @property
    def beyond_chance(self) -> bool:
        """Whether the interval of the difference leaves zero out."""
        return not self.low <= 0 <= self.high


@dataclass(frozen=True)
class Common:
    """What two versions are compared on, row by row the same pictures.

    Attributes:
        base: predictions of the one, n rows; its truth is that of ``head``.
        head: predictions of the other.
        refused: pictures that one was tested on and the other trained on.
    """

    base: pd.DataFrame
    head: pd.DataFrame
    refused: int

    @property
    def newly_wrong(self) -> pd.DataFrame:
        """Rows of ``head`` that ``base`` had right."""
        return self.head[self._right(self.base) & ~self._right(self.head)]

    @property
    def newly_right(self) -> pd.DataFrame:
        """Rows of ``head`` that ``base`` had wrong."""
        return self.head[~self._right(self.base) & self._right(self.head)]

    @staticmethod
    def _right(table: pd.DataFrame) -> pd.Series:
        return table["answer_camera"] == table["truth"]


def common(base: Version, head: Version) -> Common:
    """The counted pictures that both were tested on and neither was trained on.

    Where a label was corrected in between, the later truth holds for both.

    Raises:
        InputError: There is none.
    """
    first, second = (
        one.predictions[one.predictions["counted"]].drop_duplicates("picture").set_index("picture", drop=False)
        for one in (base, head)
    )
    both = second.index[second.index.isin(first.index)]
    trained = {*base.trained_on["picture"], *head.trained_on["picture"]}
    either = set(first.index) | set(second.index)
    kept = both[~both.isin(trained)]
    if not len(kept):
        raise InputError(
            f"{base.name} and {head.name} were tested on no common picture that neither was trained on; draw one test "
            "set for both (docs/report.md)"
        )
    before, after = first.loc[kept], second.loc[kept]
    return Common(
        base=before.assign(truth=after["truth"]).reset_index(drop=True),
        head=after.reset_index(drop=True),
        refused=len(either & trained),
    )
