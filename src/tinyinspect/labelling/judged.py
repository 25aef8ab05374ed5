"""What somebody else than a person takes some frames for: a probability for every class."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Judged:
    """Some frames, with the probabilities of their classes.

    Attributes:
        rows: (m,) int64, of the frames.
        probabilities: (m, k) float32.
        classes: k names.
    """

    rows: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    classes: list[str]

    def of(self, row: int) -> dict[str, float] | None:
        """Probability by class of a frame, the likeliest first; None for one that is not among them."""
        places = np.flatnonzero(self.rows == row)
        return by_class(self.classes, self.probabilities[places[0]]) if len(places) else None


def by_class(classes: list[str], probabilities: NDArray[np.float32]) -> dict[str, float]:
    """Probabilities (k,) by the names of the classes, the likeliest first."""
    return {classes[place]: round(float(probabilities[place]), 4) for place in np.argsort(-probabilities)}
