"""The metrics as a table on the terminal."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from tinyinspect.errors import InputError
from tinyinspect.files import read_json

_GAP = 1  # characters between columns: three classes and their intervals fit into 80
RUNTIMES = {
    "pytorch": "PyTorch",
    "onnx": "ONNX Runtime",
    "tflite_float": "TFLite float32",
    "tflite_int8": "TFLite int8",
    "tflite_micro": "TFLite Micro (camera)",
}


@dataclass(frozen=True)
class Table:
    """A table of measures.

    Attributes:
        title: what it shows.
        headings: of the columns.
        rows: of cells, each as long as the headings.
    """

    title: str
    headings: list[str]
    rows: list[list[str]]


def print_metrics(metrics: dict[str, Any], wording: Any, console: Console | None = None) -> None:
    """Print the measures of each runtime with their 95 % intervals, those of each group of pictures, what int8 costs.

    Args:
        metrics: the content of ``metrics_full.json``.
        wording: the task's part that puts them into words.
        console: where to; the terminal by default.
    """
    console = console or Console()
    for part in metrics_tables(metrics, wording, console.width):
        console.print(part)
    for more in [*wording.tables(metrics)[:1], wording.baselines(metrics)]:
        if more:
            console.print(printed(more))
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


def metrics_tables(metrics: dict[str, Any], wording: Any, width: int) -> list[RichTable]:
    """One row per runtime, in percent; as many tables as the columns need, so that none is wider than the terminal.

    Args:
        metrics: the content of ``metrics_full.json``.
        wording: the task's part that puts them into words.
        width: of the terminal, in characters.
    """
    headings = [[line for line in heading if line] for heading in wording.headings(metrics)]
    rows = {name: wording.cells(metrics[runtime]) for runtime, name in titles(metrics).items()}
    widths = [
        max(map(len, [*heading, *(text for cells in rows.values() for text in cells[column])]))
        for column, heading in enumerate(headings)
    ]
    camera = titles(metrics)["tflite_micro"]
    tables: list[RichTable] = []
    for columns in fitting(widths, width - max(map(len, rows))):
        title = "" if tables else f"{metrics['test_frames']['total']} test frames: %, and its 95 % interval"
        table = empty_table(title, "runtime")
        for column in columns:
            table.add_column(Text("\n".join(headings[column])), justify="right", overflow="fold")
        for name, cells in rows.items():
            shown = [Text.assemble(f"{value}\n", (interval, "dim")) for value, interval in (cells[c] for c in columns)]
            table.add_row(name, *shown, style="bold" if name == camera else "")
        tables.append(table)
    return tables


def fitting(widths: list[int], room: int) -> list[list[int]]:
    """Columns in groups that fit into the room, each with the gap before it; a group has one at least."""
    groups: list[list[int]] = [[]]
    left = room
    for column, width in enumerate(widths):
        if groups[-1] and width + _GAP > left:
            groups.append([])
            left = room
        groups[-1].append(column)
        left -= width + _GAP
    return groups


def printed(table: Table) -> RichTable:
    """A table for the terminal."""
    found = empty_table(table.title, table.headings[0])
    for heading in table.headings[1:]:
        found.add_column(heading, justify="right")
    for row in table.rows:
        found.add_row(*row)
    return found


def empty_table(title: str, first: str) -> RichTable:
    """A table without rows, whose first column never wraps."""
    table = RichTable(title=title or None, title_justify="left", box=None, pad_edge=False, padding=(0, _GAP, 0, 0))
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
