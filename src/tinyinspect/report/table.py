"""The metrics as a table on the terminal."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tinyinspect.errors import InputError
from tinyinspect.files import read_json

RUNTIMES = {
    "pytorch": "PyTorch",
    "onnx": "ONNX Runtime",
    "tflite_float": "TFLite float32",
    "tflite_int8": "TFLite int8",
    "tflite_micro": "TFLite Micro (camera)",
}


def print_metrics(metrics: dict[str, Any], wording: Any, console: Console | None = None) -> None:
    """Print the measures of each runtime with their 95 % intervals, those of each abnormal source, what int8 costs.

    Args:
        metrics: the content of ``metrics_full.json``.
        wording: the task's part that puts them into words.
        console: where to; the terminal by default.
    """
    console = console or Console()
    console.print(metrics_table(metrics, wording))
    names, rows = wording.sources(metrics)
    if rows:
        console.print(sources_table(names, rows))
    names, rows = wording.baselines(metrics)
    if rows:
        console.print(sources_table(names, rows, "the camera's measures compared: %"))
    console.print(wording.quantization(metrics))
    for sentence in metrics.get("diagnosis", []):
        console.print(f"diagnosis: {sentence}.", markup=False)
    if "stand_in" in metrics:
        console.print(camera_sentence(metrics))


def titles(metrics: dict[str, Any]) -> dict[str, str]:
    """What each runtime's row is called; the camera's bears the name of what stood in for it, where something did."""
    return RUNTIMES | ({"tflite_micro": metrics["stand_in"]} if "stand_in" in metrics else {})


def camera_sentence(metrics: dict[str, Any]) -> str:
    """How far the camera's row is what the camera computes."""
    if "stand_in" not in metrics:
        return "TFLite Micro computes bit for bit what the camera computes."
    return f"{metrics['stand_in']} stand in for TFLite Micro here; the camera's own figures need Linux on x86-64."


def metrics_table(metrics: dict[str, Any], wording: Any) -> Table:
    """One row per runtime, in percent."""
    title = f"{metrics['test_frames']['total']} test frames: %, and its 95 % interval"
    table = _empty_table(title, "runtime")
    for heading in wording.headings(metrics):
        table.add_column(Text("\n".join(line for line in heading if line)), justify="right", overflow="fold")
    for runtime, name in titles(metrics).items():
        row = [Text.assemble(f"{value}\n", (interval, "dim")) for value, interval in wording.cells(metrics[runtime])]
        table.add_row(name, *row, style="bold" if runtime == "tflite_micro" else "")
    return table


def sources_table(names: list[str], rows: list[list[str]], title: str = "by source under TFLite Micro: %") -> Table:
    """One row per source of pictures or baseline, in percent, on the camera."""
    table = _empty_table(title, names[0])
    for heading in names[1:]:
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(*row)
    return table


def _empty_table(title: str, first: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 1))
    table.add_column(first, no_wrap=True)
    return table


def read_metrics(path: Path) -> dict[str, Any]:
    """Read ``metrics_full.json``.

    Raises:
        InputError: The file is missing, or is not what ``evaluate`` writes.
    """
    metrics = read_json(path, dict[str, Any], "run `dvc repro evaluate`")
    if not {*RUNTIMES, "quantization", "test_frames"} <= metrics.keys():
        raise InputError(f"{path} lacks the metrics of evaluate; run `dvc repro evaluate`")
    return metrics
