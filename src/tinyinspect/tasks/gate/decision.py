"""What the camera compares an embedding with: mean embeddings of normal frames, and the least similarity to one.

Where the network gives frame numbers behind the embedding, what these lie too far off is taken from the similarity.

Both are chosen twice, for the float model and for the int8 file, for their embeddings differ a little.
"""

from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from tinyinspect.errors import InputError
from tinyinspect.evaluation.frame_test import FrameTest
from tinyinspect.evaluation.intervals import in_words
from tinyinspect.files import read_json

Embeddings = NDArray[np.float32]  # (n, d)
Outputs = NDArray[np.float32]  # (n, d + s): embeddings, and behind them frame numbers where there is a frame test
Centroid = Annotated[list[float], Field(min_length=2)]
ENOUGH = 100  # held-out pictures of a side, to tell an error rate of 1 %
_MORE = {
    "normal frames": "label more frames of task.normal_classes",
    "abnormal pictures": "add pictures to photos/",
}
DIGITS = 6  # of a centroid's numbers, far below what int8 resolves
_STARTS = 10  # of k-means, of which the best is kept


class Decision(BaseModel):
    """How one model's outputs are judged."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    threshold: float = Field(description="Cosine similarity to the nearest centroid from which on a picture passes")
    centroids: list[Centroid] = Field(min_length=1, description="Means of the unit embeddings of normal frames")
    frame_test: FrameTest | None = Field(default=None, description="Where the frame numbers of normal frames lie")

    @property
    def length(self) -> int:
        """Numbers of a row of outputs."""
        return len(self.centroids[0]) + (0 if self.frame_test is None else len(self.frame_test.center))

    def similarities(self, outputs: Outputs) -> NDArray[np.float32]:
        """Of each row, see :func:`judged`, (n,)."""
        return judged(outputs, np.array(self.centroids, np.float32), self.frame_test)

    def accepts(self, outputs: Outputs) -> NDArray[np.bool_]:
        """Which pictures are let through, (n,)."""
        return self.similarities(outputs) >= self.threshold


class LeftOut(BaseModel):
    """Pictures of one kind and step, judged by a network that was not trained on the kind."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(description="Group and kind")
    step: int = Field(description="Of the ladder of severities, from 0")
    pictures: int = Field(description="How many there are")
    passed: int = Field(description="How many of them pass")


class Gate(BaseModel):
    """The decision on the float model's embeddings and on those of the int8 file under TFLite Micro."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    of_float: Decision
    of_int8: Decision
    threshold_low: float = Field(description="Of the int8 threshold's 95 % interval")
    threshold_high: float = Field(description="Of the int8 threshold's 95 % interval")
    normal: int = Field(description="Held-out normal frames that it was chosen on")
    refused: int = Field(description="How many of these the int8 threshold refuses")
    abnormal: int = Field(description="Abnormal pictures of validation that it was chosen on")
    passed: int = Field(description="How many of these pass the int8 threshold")
    left_out: list[LeftOut] = Field(description="What passes of kinds that were left out of the training")

    @property
    def knows(self) -> str:
        """What the threshold was chosen on and the error rates there, with their 95 % intervals."""
        return knows(self.normal, self.refused, self.abnormal, self.passed)

    @property
    def warnings(self) -> list[str]:
        """Sentences where too few pictures were held out."""
        return too_few(self.normal, self.abnormal)


def knows(normal: int, refused: int, abnormal: int, passed: int) -> str:
    """What a threshold was chosen on, in words."""
    rejects, accepts = in_words(refused, normal), in_words(passed, abnormal)
    return (
        f"It was chosen on {normal} held-out normal frames, of which it refuses {rejects}, and {abnormal} abnormal "
        f"pictures, of which {accepts} pass."
    )


def too_few(normal: int, abnormal: int) -> list[str]:
    """Sentences where fewer pictures of a side were held out than can tell an error rate of 1 %."""
    sides = {"normal frames": normal, "abnormal pictures": abnormal}
    return [
        f"the threshold was chosen on only {count} held-out {side}, which cannot tell an error rate below "
        f"{100 / max(count, 1):.1f} %; {_MORE[side]}"
        for side, count in sides.items()
        if count < ENOUGH
    ]


def centroids_of(embeddings: Embeddings, count: int) -> NDArray[np.float32]:
    """Means of so many groups of unit embeddings, of length 1 and rounded as they are stored, (count, d) float32.

    Args:
        embeddings: of normal frames, (n, d).
        count: groups, found by k-means.

    Raises:
        InputError: There are fewer embeddings than groups, or they have no mean direction.
    """
    if len(embeddings) < count:
        raise InputError(
            f"task.centroids is {count}, but only {len(embeddings)} normal frames are held out of training; label more "
            "frames, raise task.validation_fraction or lower task.centroids"
        )
    units = _unit(embeddings)
    several = count > 1 and np.isfinite(units).all()
    groups = _groups(units, count) if several else np.zeros(len(units), np.int64)
    means = np.stack([units[groups == group].mean(0) for group in np.unique(groups)])
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    if not (lengths > 0).all():
        raise InputError("the normal frames' embeddings cancel out or are no numbers; train with a smaller rate")
    return np.round(means / lengths, DIGITS).astype(np.float32)


def _groups(units: Embeddings, count: int) -> NDArray[np.int64]:
    from sklearn.cluster import KMeans  # here: every stage of a gate would wait for it

    return KMeans(count, n_init=_STARTS, random_state=0).fit(units).labels_.astype(np.int64)


def judged(outputs: Outputs, centroids: NDArray[np.float32], frame_test: FrameTest | None) -> NDArray[np.float32]:
    """Cosine of each embedding to the nearest centroid, less what its frame numbers exceed the test's limit, (n,).

    It is from -1 to 1. Without a test, ``outputs`` are embeddings alone.
    """
    length = centroids.shape[1]
    cosines = similarities(outputs[:, :length], centroids)
    return cosines if frame_test is None else lessened(cosines, frame_test.excess(outputs[:, length:]))


def lessened(cosines: NDArray[np.float32], excess: NDArray[np.float32]) -> NDArray[np.float32]:
    """Similarities less an excess, at least -1, (n,)."""
    return np.maximum(cosines - excess, np.float32(-1))


def similarities(embeddings: Embeddings, centroids: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cosine of each embedding (n, d) to the nearest of the centroids (k, d), (n,) float32; 0 for one of zeros."""
    return (_unit(embeddings) @ _unit(centroids).T).max(1)


def read(path: Path) -> Gate:
    """Read ``models/decision.json``.

    Raises:
        InputError: The file is missing or is not what the stage `decide` writes for a gate.
    """
    return read_json(path, Gate, "run `dvc repro decide`")


def _unit(embeddings: Embeddings) -> Embeddings:
    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    return np.divide(embeddings, lengths, out=np.zeros_like(embeddings), where=lengths > 0)
