"""A gate as a Core ML package, whose metadata says what to compare the embedding with."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyinspect.conversion.coreml import export_gate
from tinyinspect.tasks.gate.decision import Gate
from tinyinspect.tasks.gate.settings import Task


def export(
    network: Any, decision: Gate, views: NDArray[np.uint8], path: Path, *, classes: list[str], task: Task
) -> str:
    """Write the package, checked against PyTorch; return a sentence about the check.

    Raises:
        InputError: As :func:`export_gate`.
    """
    test = decision.of_float.frame_test
    difference, similarity = export_gate(
        network,
        classes=classes,
        normal_classes=task.normal_classes,
        centroids=np.array(decision.of_float.centroids, np.float32),
        threshold=decision.of_float.threshold,
        frame_test=None if test is None else test.model_dump_json(),
        views=views,
        path=path,
    )
    return (
        f"Core ML equals PyTorch within {difference:.1e} of its largest output on {len(views)} frames, the similarity "
        f"to the nearest centroid within {similarity:.1e}"
    )
