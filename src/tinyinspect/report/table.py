"""The metrics as a table on the terminal.

    python -m tinyinspect.report.table [METRICS.JSON]

prints what ``evaluate`` has written.
"""

import json
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tinyinspect.errors import InputError, reported

RUNTIMES = {
    "pytorch": "PyTorch",
    "onnx": "ONNX Runtime",
    "tflite_float": "TFLite float32",
    "tflite_int8": "TFLite int8",
    "tflite_micro": "TFLite Micro (camera)",
}


def print_metrics(metrics: dict[str, Any], console: Console | None = None) -> None:
    """Print accuracy, balanced accuracy and recalls of each runtime with their 95 % intervals, then what int8 costs.

    Args:
        metrics: the content of ``metrics.json``.
        console: where to; the terminal by default.
    """
    console = console or Console()
    console.print(metrics_table(metrics))
    console.print(quantization_sentence(metrics))


def metrics_table(metrics: dict[str, Any]) -> Table:
    """One row per runtime, in percent."""
    counts = metrics["test_frames"]
    title = f"{counts['total']} test frames: %, and its 95 % interval"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 1))
    table.add_column("runtime", no_wrap=True)
    table.add_column("accuracy", justify="right", overflow="fold")
    table.add_column("balanced\naccuracy", justify="right", overflow="fold")
    for name, count in counts["of_class"].items():
        table.add_column(Text(f"recall\n{name}\n({count})"), justify="right", overflow="fold")
    for runtime, name in RUNTIMES.items():
        row = [Text.assemble(f"{value}\n", (interval, "dim")) for value, interval in cells(metrics[runtime])]
        table.add_row(name, *row, style="bold" if runtime == "tflite_micro" else "")
    return table


def cells(measured: dict[str, Any]) -> list[tuple[str, str]]:
    """Accuracy, balanced accuracy and recalls of one runtime, and their intervals, in percent."""
    single = [
        _percent(measured[name], measured[f"{name}_ci_low"], measured[f"{name}_ci_high"])
        for name in ("accuracy", "balanced_accuracy")
    ]
    recalls = [
        _percent(recall, measured["recall_ci_low"][name], measured["recall_ci_high"][name])
        for name, recall in measured["recall"].items()
    ]
    return single + recalls


def _percent(value: float, low: float, high: float) -> tuple[str, str]:
    return f"{100 * value:.1f}", f"{100 * low:.1f}-{100 * high:.1f}"


def quantization_sentence(metrics: dict[str, Any]) -> str:
    """What int8 costs, in words."""
    cost = metrics["quantization"]
    points = cost["accuracy_lost_points"]
    change = f"loses {points:.2f}" if points > 0 else f"gains {-points:.2f}" if points < 0 else "loses 0.00"
    return (
        f"int8 on the camera {change} points of accuracy against PyTorch "
        f"(95 % interval of the loss {cost['ci_low']:.2f} to {cost['ci_high']:.2f}, "
        f"McNemar p = {cost['mcnemar_p']:.2g}); both give the same class on {100 * cost['agreement']:.1f} % of frames."
    )


def read_metrics(path: Path) -> dict[str, Any]:
    """Read ``metrics.json``.

    Raises:
        InputError: The file is missing, or is not what ``evaluate`` writes.
    """
    try:
        metrics = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read ({error}); run `dvc repro evaluate`") from None
    if not isinstance(metrics, dict) or not {*RUNTIMES, "quantization", "test_frames"} <= metrics.keys():
        raise InputError(f"{path} lacks the metrics of evaluate; run `dvc repro evaluate`")
    return metrics


if __name__ == "__main__":
    with reported():
        print_metrics(read_metrics(Path(sys.argv[1] if len(sys.argv) > 1 else "metrics.json")))
