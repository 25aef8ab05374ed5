"""The metrics as a table on the terminal, of a classifier or of a gate."""

import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tinyinspect.errors import InputError

RUNTIMES = {
    "pytorch": "PyTorch",
    "onnx": "ONNX Runtime",
    "tflite_float": "TFLite float32",
    "tflite_int8": "TFLite int8",
    "tflite_micro": "TFLite Micro (camera)",
}
# Measures of each variant, with the two lines of their heading.
OF_CLASSIFIER = {"accuracy": ("accuracy", ""), "balanced_accuracy": ("balanced", "accuracy")}
OF_GATE = {
    "auroc": ("AUROC", ""),
    "tpr_at_fpr_1": ("TPR at", "1 % FPR"),
    "tpr_at_fpr_5": ("TPR at", "5 % FPR"),
    "true_accept_rate": ("normal", "accepted"),
    "false_accept_rate": ("abnormal", "accepted"),
}


def print_metrics(metrics: dict[str, Any], console: Console | None = None) -> None:
    """Print the measures of each runtime with their 95 % intervals, those of each abnormal source, what int8 costs.

    Args:
        metrics: the content of ``metrics.json``.
        console: where to; the terminal by default.
    """
    console = console or Console()
    console.print(metrics_table(metrics))
    if is_gate(metrics):
        console.print(sources_table(metrics))
    console.print(quantization_sentence(metrics))
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


def is_gate(metrics: dict[str, Any]) -> bool:
    """Whether these are a gate's measures, not a classifier's."""
    return "auroc" in metrics["pytorch"]


def metrics_table(metrics: dict[str, Any]) -> Table:
    """One row per runtime, in percent."""
    title = f"{metrics['test_frames']['total']} test frames: %, and its 95 % interval"
    table = _empty_table(title, "runtime")
    for heading in headings(metrics):
        table.add_column(Text("\n".join(line for line in heading if line)), justify="right", overflow="fold")
    for runtime, name in titles(metrics).items():
        row = [Text.assemble(f"{value}\n", (interval, "dim")) for value, interval in cells(metrics[runtime])]
        table.add_row(name, *row, style="bold" if runtime == "tflite_micro" else "")
    return table


def sources_table(metrics: dict[str, Any]) -> Table:
    """One row per abnormal source, in percent, on the camera."""
    table = _empty_table(f"abnormal sources under {metrics.get('stand_in', 'TFLite Micro')}: %", "source")
    for heading in ("pictures", "AUROC", "TPR at\n1 % FPR", "TPR at\n5 % FPR", "accepted"):
        table.add_column(heading, justify="right")
    for row in source_rows(metrics):
        table.add_row(*row)
    return table


def source_rows(metrics: dict[str, Any]) -> list[list[str]]:
    """Source, pictures, AUROC, TPR at 1 % and 5 % FPR, accepted by the threshold; percent, on the camera."""
    shown = ("auroc", "tpr_at_fpr_1", "tpr_at_fpr_5", "false_accept_rate")
    return [
        [
            f"{name} (trained on)" if found["trained_on"] else name,
            str(found["pictures"]),
            *(_plain(found[key], key) for key in shown),
        ]
        for name, found in metrics["tflite_micro"]["sources"].items()
    ]


def headings(metrics: dict[str, Any]) -> list[tuple[str, ...]]:
    """The lines above each column of :func:`cells`."""
    if is_gate(metrics):
        return list(OF_GATE.values())
    counts = metrics["test_frames"]["of_class"]
    return [*OF_CLASSIFIER.values(), *(("recall", name, f"({count})") for name, count in counts.items())]


def cells(measured: dict[str, Any]) -> list[tuple[str, str]]:
    """The measures of one runtime, and their intervals, in percent."""
    names = OF_GATE if "auroc" in measured else OF_CLASSIFIER
    single = [_percent(measured[name], measured[f"{name}_ci_low"], measured[f"{name}_ci_high"], name) for name in names]
    recalls = [
        _percent(recall, measured["recall_ci_low"][name], measured["recall_ci_high"][name], "recall")
        for name, recall in measured.get("recall", {}).items()
    ]
    return single + recalls


def _empty_table(title: str, first: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 1))
    table.add_column(first, no_wrap=True)
    return table


def _percent(value: float, low: float, high: float, name: str) -> tuple[str, str]:
    return _plain(value, name), f"{100 * low:.1f}-{100 * high:.1f}"


def _plain(value: float, name: str) -> str:
    return f"{100 * value:.2f}" if name == "auroc" else f"{100 * value:.1f}"


def quantization_sentence(metrics: dict[str, Any]) -> str:
    """What int8 costs, in words."""
    cost = metrics["quantization"]
    agree = 100 * cost["agreement"]
    if is_gate(metrics):
        return (
            f"int8 on the camera {_change(cost['auroc_lost'], 4)} of AUROC against PyTorch (95 % interval of the loss "
            f"{cost['ci_low']:.4f} to {cost['ci_high']:.4f}); both decide alike on {agree:.1f} % of the pictures."
        )
    return (
        f"int8 on the camera {_change(cost['accuracy_lost_points'], 2)} points of accuracy against PyTorch "
        f"(95 % interval of the loss {cost['ci_low']:.2f} to {cost['ci_high']:.2f}, "
        f"McNemar p = {cost['mcnemar_p']:.2g}); both give the same class on {agree:.1f} % of frames."
    )


def _change(lost: float, digits: int) -> str:
    return f"gains {-lost:.{digits}f}" if lost < 0 else f"loses {lost:.{digits}f}"


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
