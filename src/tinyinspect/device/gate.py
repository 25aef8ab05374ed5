"""What the camera compares an embedding with: the mean embedding of normal frames, and the least similarity to it.

``models/gate.json`` holds both twice, of the float model and of the int8 file, for their embeddings differ a little. A
classifier's ``gate.json`` is empty.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyinspect.errors import InputError
from tinyinspect.files import complete_file

Embeddings = NDArray[np.float32]  # (n, d)
_DIGITS = 6  # of a centroid's numbers, far below what int8 resolves


@dataclass(frozen=True)
class Decision:
    """How one model's embeddings are judged.

    Attributes:
        centroid: mean of the unit embeddings of normal frames, of length 1, (d,) float32.
        threshold: cosine similarity to it from which on a picture is taken for normal.
    """

    centroid: NDArray[np.float32]
    threshold: float

    @property
    def numbers(self) -> list[float]:
        """The centroid as it is stored, for JSON."""
        return [round(float(value), _DIGITS) for value in self.centroid]

    def accepts(self, embeddings: Embeddings) -> NDArray[np.bool_]:
        """Which pictures are let through, (n,)."""
        return similarities(embeddings, self.centroid) >= self.threshold


@dataclass(frozen=True)
class Gate:
    """The decision on the float model's embeddings, and on those of the int8 file under TFLite Micro."""

    of_float: Decision
    of_int8: Decision


def centroid_of(embeddings: Embeddings) -> NDArray[np.float32]:
    """Mean of unit embeddings, scaled to length 1 and rounded as it is stored, (d,) float32.

    Raises:
        InputError: The embeddings have no mean direction.
    """
    mean = _unit(embeddings).mean(0)
    length = np.linalg.norm(mean)
    if not length > 0:
        raise InputError("the normal frames' embeddings cancel out or are no numbers; train with a smaller rate")
    return np.round(mean / length, _DIGITS).astype(np.float32)


def similarities(embeddings: Embeddings, centroid: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cosine of each embedding to the centroid, (n,) float32 in [-1, 1]; 0 for an embedding of zeros."""
    return _unit(embeddings) @ (centroid / np.linalg.norm(centroid))


def strictest(abnormal: NDArray[np.float32], rate: float) -> float:
    """The score above which at most a share of ``rate`` < 1 of the abnormal pictures, (m,), lies."""
    return float(np.sort(abnormal)[::-1][_allowed(abnormal, rate)])


def _allowed(abnormal: NDArray[np.float32], rate: float) -> int:
    return int(rate * len(abnormal) + 1e-9)


def threshold_for(normal: NDArray[np.float32], abnormal: NDArray[np.float32], false_accept_rate: float) -> float:
    """The similarity that lets as many normal frames through as it can, and no more than a share of abnormal pictures.

    It lies halfway between the lowest normal frame that passes and the next abnormal picture below it.

    Args:
        normal: similarities of normal frames, (n,).
        abnormal: similarities of abnormal pictures, (m,).
        false_accept_rate: that share.

    Raises:
        InputError: There are too few abnormal pictures to tell, or no normal frame would pass.
    """
    if not _allowed(abnormal, false_accept_rate):
        raise InputError(
            f"gate.false_accept_rate {false_accept_rate:g} cannot be told from {len(abnormal)} abnormal pictures of "
            f"validation; raise it to {1 / max(len(abnormal), 1):.2g} or more, or add pictures to photos/"
        )
    refused = strictest(abnormal, false_accept_rate)
    passing = normal[normal > refused]
    if not len(passing):
        raise InputError(
            f"gate.false_accept_rate {false_accept_rate:g} cannot be met: above {refused:.3f} the gate would refuse "
            f"all {len(normal)} normal frames; raise the rate, train for longer or add abnormal pictures"
        )
    lowest = passing.min()
    return round(float(lowest + abnormal[abnormal < lowest].max()) / 2, _DIGITS)


def decide(normal: Embeddings, abnormal: Embeddings, false_accept_rate: float) -> Decision:
    """Centroid and threshold from embeddings of normal frames and abnormal pictures that were not trained on.

    Raises:
        InputError: As :func:`centroid_of` and :func:`threshold_for`.
    """
    centroid = centroid_of(normal)
    of_normal, of_abnormal = similarities(normal, centroid), similarities(abnormal, centroid)
    return Decision(centroid, threshold_for(of_normal, of_abnormal, false_accept_rate))


def write_gate(gate: Gate | None, path: Path) -> None:
    """Write ``gate.json``; an empty one for a model that is no gate."""
    content = {} if gate is None else {"float": _content(gate.of_float), "int8": _content(gate.of_int8)}
    with complete_file(path) as target:
        target.write_text(json.dumps(content) + "\n")


def read_gate(path: Path) -> Gate | None:
    """Read ``gate.json``; None where the model is a classifier.

    Raises:
        InputError: The file is missing or is not what the stage `centroid` writes.
    """
    try:
        content = json.loads(path.read_text())
        return Gate(_decision(content["float"]), _decision(content["int8"])) if content else None
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"{path} is missing or is no gate; run `dvc repro centroid`") from None


def _content(decision: Decision) -> dict[str, Any]:
    return {"threshold": decision.threshold, "centroid": decision.numbers}


def _decision(content: dict[str, Any]) -> Decision:
    return Decision(np.array(content["centroid"], np.float32), float(content["threshold"]))


def _unit(embeddings: Embeddings) -> Embeddings:
    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    return np.divide(embeddings, lengths, out=np.zeros_like(embeddings), where=lengths > 0)
