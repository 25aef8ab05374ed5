"""The model for iOS."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyinspect.conversion.coreml import export_gate


def export(network: Any, decision: Any, views: NDArray[np.uint8], path: Path, *, classes: list[str], task: Any) -> str:
    """A package that gives the number."""
    difference, _ = export_gate(
        network,
        classes=classes,
        normal_classes=[],
        centroids=np.ones((1, 1), np.float32),
        threshold=0.0,
        frame_test=None,
        views=views,
        path=path,
    )
    return f"Core ML equals PyTorch within {difference:.1e}"
