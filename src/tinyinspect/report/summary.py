"""The last word of a run: what a person wants to know next, with paths from where he stands."""

import csv
from contextlib import suppress
from pathlib import Path
from typing import Any

from tinyinspect.config.loading import load
from tinyinspect.config.section import Section, TaskSettings
from tinyinspect.device.device_file import DEVICE, DeviceFile, read_device
from tinyinspect.errors import InputError
from tinyinspect.evaluation.acceptance import ACCEPT, read_acceptance
from tinyinspect.registry import task_part
from tinyinspect.report.table import read_metrics

_REPORT, _BUNDLE = Path("models/report.html"), Path("models/openmv")
_MEASURES = 2  # the headline: what comes first in the table


class _Inputs(Section):
    task: TaskSettings


def summary(root: Path) -> str:
    """What a project's last run found, and the next command.

    Args:
        root: of the project, as a path from where the user stands.
    """
    facts = _result(root) or {"result": "none yet"}
    missing = _without_label(root)
    if missing is not None:
        facts["labels"] = f"{missing[1]} selected frames have none yet; they are listed in {missing[0]}"
    facts["next"] = _next(root, labels=missing is not None, done="report" in facts, refused="REFUSED" in facts)
    width = max(len(name) for name in facts)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in facts.items())


def _result(root: Path) -> dict[str, str]:
    try:
        metrics = read_metrics(root / "metrics_full.json")
        wording = task_part(load(root / "params.yaml", _Inputs).task.name, "wording")
        facts = {"on the camera": _headline(metrics, wording), "int8": wording.quantization(metrics)}
        if compared := wording.baselines(metrics):
            facts["compared"] = "; ".join(f"{name} {' (balanced '.join(cells)}) %" for name, *cells in compared.rows)
        for number, sentence in enumerate(metrics.get("diagnosis", []), 1):
            facts[f"diagnosis {number}"] = sentence
    except (InputError, KeyError):  # none yet, or of a run for another task
        return {}
    with suppress(InputError):  # not verified yet
        facts["board"] = _board(read_device(root / DEVICE))
    with suppress(InputError):  # not judged yet
        if reasons := read_acceptance(root / ACCEPT).reasons:
            facts["REFUSED"] = "; and ".join(reasons)
    for name, path in {"report": _REPORT, "bundle": _BUNDLE}.items():
        if (root / path).exists():
            facts[name] = str(root / path)
    return facts


def _headline(metrics: dict[str, Any], wording: Any) -> str:
    names = [" ".join(filter(None, lines)) for lines in wording.headings(metrics)]
    measured = wording.cells(metrics["tflite_micro"])
    shown = [f"{name} {value} % ({interval})" for name, (value, interval) in zip(names, measured, strict=True)]
    return f"{', '.join(shown[:_MEASURES])}, of {metrics['test_frames']['total']} test frames"


def _board(device: DeviceFile) -> str:
    cost = "" if device.milliseconds is None else f", about {device.milliseconds:.3g} ms a frame"
    if device.fits:
        return f"{device.board}: the model loads and fits{cost}"
    return f"{device.board}: the model does NOT fit: {'; '.join(device.reasons)}"


def _without_label(root: Path) -> tuple[Path, int] | None:
    """The list of selected frames without a label, and how many there are."""
    for path in sorted(root.glob("*/to_annotate.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            count = sum(not row.get("label") for row in csv.DictReader(file))
        if count:
            return path, count
    return None


def _next(root: Path, *, labels: bool, done: bool, refused: bool) -> str:
    go = "" if root == Path() else f"cd {root} && "
    if refused:
        return f"do as REFUSED says, then {go}dvc repro"
    if labels and not done:
        return f"{go}tinyinspect label, then dvc repro"
    if not done:
        return f"{go}dvc repro"
    return f"{go}tinyinspect deploy --drive <the camera's drive>"
