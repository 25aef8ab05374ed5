"""The dozen numbers by which runs are told apart; the first columns of MLflow's table."""

from tinyinspect.device.device_file import DeviceFile
from tinyinspect.report.verdict import Headline


def summary(headline: Headline, lost: float, device: DeviceFile) -> dict[str, float]:
    """Names and values; what is unknown for the board is left out.

    Args:
        headline: of the task's part ``report``.
        lost: points lost to int8.
        device: the content of ``device.json``.
    """
    known = {
        headline.name: headline.value,
        "points lost to int8": lost,
        "milliseconds": device.milliseconds,
        "million instructions": device.instructions / 1e6,
        "file kB": device.file_bytes / 1000,
        "arena kB": None if device.arena_bytes is None else device.arena_bytes / 1000,
    }
    return {name: round(float(value), 6) for name, value in known.items() if value is not None}
