"""What is found out about a model file: each finding passes, or is of one of three kinds."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a finding means for the camera."""

    REFUSED = "does not load"  # the firmware raises an error, when it loads the file or when it runs it
    SEES = "sees something else"  # it runs; what goes in or comes out may not be what the network was trained on
    COSTS = "costs"  # it runs; the same result is to be had for less


@dataclass(frozen=True)
class Finding:
    """One line of a verdict.

    Attributes:
        check: what was looked at.
        found: what was found there.
        kind: what is wrong with it; None where it passes.
        change: what to do about it.
    """

    check: str
    found: str
    kind: Kind | None = None
    change: str = ""

    @property
    def sentence(self) -> str:
        """The finding in one line."""
        return f"{self.check}: {self.found}" + (f" ({self.change})" if self.change else "")
