"""A classifier as a Core ML package, whose scores Vision gives as observations."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyinspect.conversion.coreml import export_classifier
from tinyinspect.tasks.classifier.decision import ScoreLimits
from tinyinspect.tasks.classifier.settings import Task


def export(
    network: Any, decision: ScoreLimits, views: NDArray[np.uint8], path: Path, *, classes: list[str], task: Task
) -> str:
    """Write the package, checked against PyTorch; return a sentence about the check.

    Raises:
        InputError: As :func:`export_classifier`.
    """
    difference, same = export_classifier(network, classes, views, path, temperature=decision.temperature)
    return (
        f"Core ML equals PyTorch within {difference:.1e} of its largest output on {len(views)} frames, the class is "
        f"the same on {same}"
    )
