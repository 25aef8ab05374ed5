"""What a finished model is refused for: its board, its task's measures."""

from pathlib import Path
from typing import Any

from tinyinspect.config.accept import Accept
from tinyinspect.device.device_file import DEVICE, DeviceFile, read_device
from tinyinspect.files import read_json
from tinyinspect.quantization.limit import exceeds
from tinyinspect.registry import task_part

METRICS = Path("metrics.json")


def refusals(
    task: str, accept: Accept, most_lost: float | None, metrics: Path = METRICS, device: Path = DEVICE
) -> list[str]:
    """One sentence for each limit that the model breaks, none where it is accepted.

    Args:
        task: name of the task.
        accept: the section of the parameters.
        most_lost: points that int8 may lose; None sets no limit.
        metrics: what ``evaluate`` wrote.
        device: what ``verify`` wrote.

    Raises:
        InputError: A file is missing or is not what its stage writes.
    """
    board = read_device(device)
    measured = read_short(task, metrics)
    part = task_part(task, "acceptance")
    found = [] if board.fits else [_misfit(board)]
    return [*found, *part.reasons(measured, accept), *_too_much(part.lost(measured), most_lost)]


def read_short(task: str, path: Path = METRICS) -> Any:
    """Read ``metrics.json``, as the task's part ``metrics`` has it.

    Raises:
        InputError: The file is missing or is not what ``evaluate`` writes.
    """
    return read_json(path, task_part(task, "metrics").Metrics, "run `dvc repro evaluate`")


def _too_much(lost: tuple[float, float], most: float | None) -> list[str]:
    """A sentence where the points lost exceed the most that may be lost beyond their interval."""
    if not exceeds(lost[1], most):
        return []
    return [
        f"int8 loses {lost[0]:.2f} points, beyond its interval more than quantize.max_accuracy_lost_points {most:g}; "
        "quantization_error.json names the layer, and quantize=ptq_equalized or quantize=qat may help"
    ]


def _misfit(board: DeviceFile) -> str:
    nearest = f"; it would fit with {' or '.join(board.changes)}" if board.changes else ""
    return f"it does not run on {board.board}: {'; '.join(board.reasons)}{nearest}"


def read_measured(path: Path, stage: str) -> dict[str, Any]:
    """A JSON object that a stage wrote.

    Raises:
        InputError: The file is missing or holds something else.
    """
    return read_json(path, dict[str, Any], f"run `dvc repro {stage}`")
