"""One self-contained HTML page: what a model is worth, where it fails, what it costs, where it comes from."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import pandas as pd
from markupsafe import Markup
from numpy.typing import NDArray

from tinyinspect.device.device_file import DeviceFile
from tinyinspect.evaluation.replay import Replay
from tinyinspect.files import complete_file
from tinyinspect.report.memory import Bar
from tinyinspect.report.table import camera_sentence, titles
from tinyinspect.report.thumbnails import heat, thumbnail
from tinyinspect.report.verdict import Headline, Verdict
from tinyinspect.selection.labelled import Labelled

Curve = Sequence[tuple[int, float]]  # (step, value)
FOLDER = Path(__file__).parent / "page"


@dataclass(frozen=True)
class Material:
    """What the page is made of.

    Attributes:
        task: name of the task.
        part: the task's part ``report``.
        wording: the task's part ``wording``.
        decision: how outputs become answers.
        classes: names of the truth.
        verdict: at the top.
        metrics: the content of ``metrics_full.json``.
        headline: the one measure that the model is known by.
        device: the content of ``device.json``.
        board: title of the board.
        predictions: n test pictures.
        replay: the camera's program over whole recordings.
        frames: the same pictures.
        looked: where the float model looked, (n, rows, columns) from 0 to 1.
        unsure: which answers are, (n,).
        labels: pictures of training and validation.
        taught: frames without a label that trained by what the teacher takes them for.
        curves: of training, by name.
        layers: cost by layer.
        errors: the content of ``quantization_error.json``.
        memory: bars of the board.
        map: of the embeddings; see :func:`tinyinspect.report.embedding_map.map_data`.
        sheet: what was trained on, a JPEG file in base64.
        provenance: names and values.
        changed: parameters that differ: name, value, default.
        card: headings and sentences of the model card.
    """

    task: str
    part: Any
    wording: Any
    decision: Any
    classes: list[str]
    verdict: Verdict
    metrics: dict[str, Any]
    headline: Headline
    device: DeviceFile
    board: str
    predictions: pd.DataFrame
    replay: Replay
    frames: Labelled
    looked: NDArray[np.float32]
    unsure: NDArray[np.bool_]
    labels: int
    taught: int
    curves: Mapping[str, Curve]
    layers: pd.DataFrame
    errors: dict[str, Any]
    memory: list[Bar]
    map: dict[str, list[Any]]
    sheet: str
    provenance: list[tuple[str, str]]
    changed: list[tuple[str, str, str]]
    card: list[tuple[str, str]]


def write_page(path: Path, material: Material) -> None:
    """Write the report."""
    from plotly.offline import get_plotlyjs  # five megabytes, and only this function needs them

    loader = jinja2.FileSystemLoader(FOLDER)
    template = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    content = template.get_template("index.html.jinja").render(
        material=material,
        tiles=_tiles(material),
        runtimes=_runtimes(material),
        headings=material.wording.headings(material.metrics),
        camera=camera_sentence(material.metrics),
        tables=material.wording.tables(material.metrics),
        baselines=material.wording.baselines(material.metrics),
        quantization=material.wording.quantization(material.metrics),
        confusions=_confusions(material.predictions, material.classes),
        data=Markup(_json(_data(material))),
        style=Markup((FOLDER / "style.css").read_text(encoding="utf-8")),
        script=Markup((FOLDER / "page.js").read_text(encoding="utf-8")),
        plotly=Markup(get_plotlyjs().replace("</script", "<\\/script")),
    )
    with complete_file(path) as target:
        target.write_text(content, encoding="utf-8")


def _tiles(material: Material) -> list[tuple[str, str, str]]:
    """Name, value and remark of what the reader looks for first."""
    headline, device = material.headline, material.device
    time, arena = device.milliseconds, device.arena_bytes
    taught = f"; {material.taught} more trained, by what the teacher takes them for" if material.taught else ""
    of_loss = headline.lost_interval and f"95 % interval of the loss {headline.lost_interval}"
    return [
        (
            headline.name,
            f"{100 * headline.value:.1f} %",
            f"95 % interval {100 * headline.low:.1f} to {100 * headline.high:.1f}",
        ),
        (
            "int8 against float",
            headline.lost,
            of_loss,
        ),
        (
            "one frame",
            "unknown" if time is None else f"{time:.1f} ms",
            "" if time is None else f"estimated on {material.board}, {1000 / max(time, 0.01):.0f} a second at most",
        ),
        ("file", f"{device.file_bytes / 1000:.1f} kB", f"from {device.storage or 'nowhere: no room'}"),
        ("arena", "unknown" if arena is None else f"{arena / 1000:.1f} kB", f"{device.macs / 1e6:.2f} M MACs"),
        ("pictures", f"{material.labels} + {len(material.predictions)}", f"labelled to train + to test{taught}"),
    ]


def _runtimes(material: Material) -> list[tuple[str, list[tuple[str, str]]]]:
    """Names of runtimes that agree, joined, with their measures; the camera's last."""
    rows: list[tuple[list[str], list[tuple[str, str]]]] = []
    for runtime, title in titles(material.metrics).items():
        cells = material.wording.cells(material.metrics[runtime])
        same = next((names for names, known in rows if known == cells), None)
        if same is None:
            rows.append(([title], cells))
        else:
            same.append(title)
    return [(", ".join(names), cells) for names, cells in rows]


def _confusions(predictions: pd.DataFrame, classes: list[str]) -> list[dict[str, Any]]:
    """The camera's confusion matrix, and the float model's where it is another."""
    counted = predictions[predictions["counted"]]
    found: list[dict[str, Any]] = []
    for title, column in (("on the camera", "answer_camera"), ("float model", "answer_float")):
        table = pd.crosstab(counted["truth"], counted[column]).reindex(index=classes, columns=classes, fill_value=0)
        rows = table.to_numpy().tolist()
        if not any(one["rows"] == rows for one in found):
            found.append({"title": title, "column": column, "rows": rows})
    if len(found) == 1:
        found[0]["title"] = "on the camera and in float alike"
    return found


def _data(material: Material) -> dict[str, Any]:
    """What the page's script draws."""
    table = material.predictions
    panels = [*material.wording.curves(), ("pretraining", "loss", ["pretrain/loss"])]
    return {
        "classes": material.classes,
        "score": material.part.SCORE,
        "probability": material.part.IS_PROBABILITY,
        "limits": material.part.limits(material.decision),
        "frames": {
            **{name: table[name].tolist() for name in table.columns},
            "unsure": material.unsure.tolist(),
            "picture": [thumbnail(picture) for picture in material.frames.pictures],
            "heat": [heat(cells) for cells in material.looked],
            "name": table["picture"].tolist(),
        },
        "map": material.map,
        "layers": material.layers.to_dict("list"),
        "errors": [{"layer": one["layer"], "sqnr": one["sqnr_db"]} for one in material.errors["layers"]],
        "curves": [
            {
                "title": title,
                "measure": measure,
                "lines": [
                    {"name": name.partition("/")[0], "x": x, "y": y}
                    for name in names
                    for x, y in [list(zip(*material.curves[name], strict=True))]
                ],
            }
            for title, measure, names in panels
            if all(material.curves.get(name) for name in names)
        ],
        "memory": [asdict(bar) for bar in material.memory],
    }


def _json(content: dict[str, Any]) -> str:
    """JSON that cannot end the element that it stands in."""
    return json.dumps(content, separators=(",", ":")).replace("<", "\\u003c")
