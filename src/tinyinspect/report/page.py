"""One self-contained HTML page: what was trained, how well it does in each runtime, what int8 costs, where it fails."""

import base64
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2
import matplotlib as mpl
import pandas as pd
from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tinyinspect.files import complete_file
from tinyinspect.report.table import RUNTIMES, camera_sentence, titles

Curve = Sequence[tuple[int, float]]  # (step, value)


def write_page(path: Path, metrics: dict[str, Any], wording: Any, curves: Mapping[str, Curve], plots: Path) -> None:
    """Write the report.

    Args:
        path: the page.
        metrics: the content of ``metrics.json``.
        wording: the task's part that puts them into words.
        curves: training curves by name: ``train/loss``, ``validation/loss`` or ``validation/auroc``, ``pretrain/loss``.
        plots: the folder with ``confusion/<runtime>.csv``, ``misclassified.jpg`` and ``scores.png``.
    """
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    template = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    content = template.get_template("page.html.jinja").render(
        counts=metrics["test_frames"],
        headings=wording.headings(metrics),
        rows=[(title, wording.cells(metrics[runtime])) for runtime, title in titles(metrics).items()],
        camera=camera_sentence(metrics),
        sources=wording.sources(metrics)[1],
        scores=_inlined(plots / "scores.png"),
        quantization=wording.quantization(metrics),
        confusions=[_confusion(plots / "confusion" / f"{runtime}.csv", runtime, metrics) for runtime in RUNTIMES],
        mistakes=_inlined(plots / "misclassified.jpg"),
        training=_svg(_training(curves, wording)),
    )
    with complete_file(path) as target:
        target.write_text(content, encoding="utf-8")


def _confusion(path: Path, runtime: str, metrics: dict[str, Any]) -> dict[str, Any]:
    classes = list(metrics["test_frames"]["of_class"])
    pairs = pd.read_csv(path, dtype=str, keep_default_na=False)
    counts = pd.crosstab(pairs["actual"], pairs["predicted"]).reindex(index=classes, columns=classes, fill_value=0)
    return {"title": titles(metrics)[runtime], "classes": classes, "rows": counts.to_numpy().tolist()}


def _training(curves: Mapping[str, Curve], wording: Any) -> Figure:
    panels = [*wording.curves(), ("pretraining", "loss", ["pretrain/loss"])]
    panels = [panel for panel in panels if all(curves.get(name) for name in panel[2])]
    figure = Figure(figsize=(4.6 * len(panels), 2.8), layout="constrained")
    for number, (title, measure, shown) in enumerate(panels, 1):
        axes = figure.add_subplot(1, len(panels), number)
        for name in shown:
            axes.plot(*zip(*curves[name], strict=True), label=name.partition("/")[0], linewidth=1.2)
        axes.set(title=title, xlabel="epoch", ylabel=measure)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.spines[["top", "right"]].set_visible(False)
        if len(shown) > 1:
            axes.legend(frameon=False)
    return figure


def _svg(figure: Figure) -> Markup:
    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "report"}):  # without one, names inside are drawn anew each time
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    return Markup(text[text.index("<svg") :])


def _inlined(path: Path) -> str:
    kind = {".jpg": "jpeg", ".png": "png"}[path.suffix]
    return f"data:image/{kind};base64," + base64.b64encode(path.read_bytes()).decode()
