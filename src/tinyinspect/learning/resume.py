"""An interrupted training goes on where it stood, if nothing it depends on has changed."""

import hashlib
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tinyinspect.files import complete_file

SECONDS_BETWEEN_SAVES = 10.0


class ResumeFile:
    """The state of an unfinished training on disk, loaded without pickle's code execution."""

    def __init__(self, path: Path, fingerprint: str) -> None:
        """Keep states of the training with this `fingerprint` in `path`."""
        self._path = path
        self._fingerprint = fingerprint
        self._saved = -math.inf  # what is interrupted in its first seconds is resumed too

    def load(self) -> dict[str, Any] | None:
        """The state that was saved last, or None where there is none of this training."""
        try:
            content = torch.load(self._path, weights_only=True)
        except Exception:  # missing, cut short or foreign: whatever torch raises, training starts anew
            return None
        return content["state"] if content.get("fingerprint") == self._fingerprint else None

    def save_now_and_then(self, state: dict[str, Any]) -> None:
        """Save, unless that was done a few seconds ago."""
        if time.monotonic() - self._saved > SECONDS_BETWEEN_SAVES:
            # Through a file of Python's: PyTorch's own does not say that the disk is full.
            with complete_file(self._path) as target, target.open("wb") as file:
                torch.save({"fingerprint": self._fingerprint, "state": state}, file)
            self._saved = time.monotonic()

    def clear(self) -> None:
        """Forget the state: the training is done."""
        self._path.unlink(missing_ok=True)


def fingerprint(text: str, *arrays: NDArray[Any] | torch.Tensor) -> str:
    """A hash of settings and data, hexadecimal."""
    digest = hashlib.sha256(text.encode())
    for array in arrays:
        digest.update(np.ascontiguousarray(np.asarray(array)).tobytes())
    return digest.hexdigest()
