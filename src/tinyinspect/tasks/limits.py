"""What a finished model is refused for: its board, its task's measures."""

import json
from pathlib import Path
from typing import Any

from tinyinspect.config.accept import Accept
from tinyinspect.errors import InputError
from tinyinspect.registry import task_part

METRICS, DEVICE = Path("metrics.json"), Path("device.json")


def refusals(task: str, accept: Accept, metrics: Path = METRICS, device: Path = DEVICE) -> list[str]:
    """One sentence for each limit that the model breaks, none where it is accepted.

    Args:
        task: name of the task.
        accept: the section of the parameters.
        metrics: what ``evaluate`` wrote.
        device: what ``verify`` wrote.

    Raises:
        InputError: A file is missing or is not what its stage writes.
    """
    board, measured = _read(device, "verify"), _read(metrics, "evaluate")
    try:
        found = [] if board["fits"] else [_misfit(board)]
        return found + list(task_part(task, "acceptance").reasons(measured, accept))
    except (KeyError, TypeError) as error:
        raise InputError(f"{metrics} or {device} lacks {error}; run `dvc repro evaluate verify`") from None


def _misfit(board: dict[str, Any]) -> str:
    nearest = f"; it would fit with {' or '.join(board['changes'])}" if board["changes"] else ""
    return f"it does not run on {board['board']}: {'; '.join(board['reasons'])}{nearest}"


def _read(path: Path, stage: str) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"{path} cannot be read ({error}); run `dvc repro {stage}`") from None
