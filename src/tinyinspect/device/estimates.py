"""What an operator that was never counted costs: a range for its kind, from the structure of its kernel.

``data/operator_estimates.csv`` gives instructions per multiply-accumulate, element, kernel position, byte or call, from
the fewest that the loop of the kernel can take to more than it was ever seen to take in its like.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import pandas as pd

from tinyinspect.device.graph import ITEM_BYTES
from tinyinspect.device.work import Work

_WIDER = 4  # times the upper end, for integers of 16 bits and more in place of int8
# Of a kernel that is not in the table, by the element: a copy at best; at worst above SOFTMAX, the dearest counted.
_UNKNOWN = ("elements", 1.0, 700.0)
_CALL = 500  # instructions of any operator, at most, besides its loop


@dataclass(frozen=True)
class Interval:
    """From ``low`` to ``high``, both included."""

    low: float
    high: float

    @property
    def exact(self) -> bool:
        """Whether it is one number."""
        return self.low == self.high

    def scaled(self, factor: float) -> "Interval":
        """Both ends times ``factor``."""
        return Interval(self.low * factor, self.high * factor)

    def text(self, digits: int) -> str:
        """For people: one number, or two."""
        low, high = f"{self.low:.{digits}f}", f"{self.high:.{digits}f}"
        return low if low == high else f"{low} to {high}"


def total(parts: Iterable[Interval]) -> Interval:
    """The sum of intervals."""
    ends = [(part.low, part.high) for part in parts]
    return Interval(sum(low for low, _ in ends), sum(high for _, high in ends))


def estimated(work: Work) -> Interval:
    """Instructions of an operator that was never counted."""
    per, low, high = _range(work)
    units = {
        "macs": work.macs,
        "in_elements": work.in_elements,
        "out_elements": work.out_elements,
        "elements": max(work.in_elements, work.out_elements),
        "taps": work.taps * work.out_channels,
        "bytes": max(work.in_elements, work.out_elements) * ITEM_BYTES.get(work.dtype, 1),
        "calls": 1,
    }[per]
    return Interval(round(low * units), round(high * units) + _CALL)


def _range(work: Work) -> tuple[str, float, float]:
    table = _table()
    if (work.kind, work.dtype) in table.index:
        row = table.loc[(work.kind, work.dtype)]
    elif (work.kind, "any") in table.index:
        row = table.loc[(work.kind, "any")]
    elif (work.kind, "int8") in table.index:
        row = table.loc[(work.kind, "int8")]
        return str(row["per"]), float(row["low"]), float(row["high"]) * _WIDER
    else:
        return _UNKNOWN
    return str(row["per"]), float(row["low"]), float(row["high"])


@cache
def _table() -> pd.DataFrame:
    with (files("tinyinspect.device") / "data" / "operator_estimates.csv").open() as table:
        return pd.read_csv(table).set_index(["operator", "type"]).sort_index()
