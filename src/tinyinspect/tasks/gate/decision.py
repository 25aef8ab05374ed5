"""What the camera compares an embedding with: the mean embedding of normal frames, and the least similarity to it.

Both are chosen twice, for the float model and for the int8 file, for their embeddings differ a little.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from tinyinspect.errors import InputError
from tinyinspect.files import read_json

Embeddings = NDArray[np.float32]  # (n, d)
DIGITS = 6  # of a centroid's numbers, far below what int8 resolves


class Decision(BaseModel):
    """How one model's embeddings are judged."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    threshold: float = Field(description="Cosine similarity to the centroid from which on a picture passes")
    numbers: list[float] = Field(min_length=2, description="The centroid: mean of the unit embeddings of normal frames")

    @property
    def centroid(self) -> NDArray[np.float32]:
        """The centroid, of length 1, (d,) float32."""
        return np.array(self.numbers, np.float32)

    def accepts(self, embeddings: Embeddings) -> NDArray[np.bool_]:
        """Which pictures are let through, (n,)."""
        return similarities(embeddings, self.centroid) >= self.threshold


class Gate(BaseModel):
    """The decision on the float model's embeddings and on those of the int8 file under TFLite Micro."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    of_float: Decision
    of_int8: Decision
    normal: int = Field(description="Held-out normal frames that it was chosen on")
    abnormal: int = Field(description="Abnormal pictures of validation that it was chosen on")


def centroid_of(embeddings: Embeddings) -> NDArray[np.float32]:
    """Mean of unit embeddings, scaled to length 1 and rounded as it is stored, (d,) float32.

    Raises:
        InputError: The embeddings have no mean direction.
    """
    mean = _unit(embeddings).mean(0)
    length = np.linalg.norm(mean)
    if not length > 0:
        raise InputError("the normal frames' embeddings cancel out or are no numbers; train with a smaller rate")
    return np.round(mean / length, DIGITS).astype(np.float32)


def similarities(embeddings: Embeddings, centroid: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cosine of each embedding to the centroid, (n,) float32 in [-1, 1]; 0 for an embedding of zeros."""
    return _unit(embeddings) @ (centroid / np.linalg.norm(centroid))


def read(path: Path) -> Gate:
    """Read ``models/decision.json``.

    Raises:
        InputError: The file is missing or is not what the stage `decide` writes for a gate.
    """
    return read_json(path, Gate, "run `dvc repro decide`")


def _unit(embeddings: Embeddings) -> Embeddings:
    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    return np.divide(embeddings, lengths, out=np.zeros_like(embeddings), where=lengths > 0)
