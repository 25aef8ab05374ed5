"""Accuracy against cost as a page: pointing at a network names its experiments and their figures."""

from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from tinyinspect.config.board import Board
from tinyinspect.files import complete_file
from tinyinspect.report.front import COLUMNS, front, on_board

CONFIG = {"plotlyServerURL": "", "displaylogo": False}  # of Plotly's buttons one would upload the figures
SHOWN = ["name", "lowest", "highest", "runs", "experiments"]
FRONT = "#1f77b4"
ROW_PIXELS, ONE_ROW_PIXELS = 380, 620


def write_page(networks: pd.DataFrame, boards: list[Board], target: Path) -> None:
    """Write the page, which needs no network.

    Args:
        networks: as from :func:`tinyinspect.report.front.read_experiments`.
        boards: a plot for each, of the networks that fit it; one plot of all networks without any.
        target: the HTML file.

    Raises:
        InputError: As for :func:`tinyinspect.report.front.on_board`.
    """
    panels = [(one.title, on_board(networks, one)) for one in boards] or [("", networks)]
    titles = [f"{title}: {len(fitting)} of {len(networks)} networks fit" for title, fitting in panels]
    columns = min(COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    figure = make_subplots(rows, columns, shared_yaxes="all", subplot_titles=titles if boards else None)
    for place, (_, fitting) in enumerate(panels):
        where = {"row": place // columns + 1, "col": place % columns + 1}
        unit = "ms" if boards else "million instructions"
        costs = fitting["milliseconds"] if boards else fitting["instructions"] / 1e6
        for trace in _traces(fitting, costs, unit, legend=not place):
            figure.add_trace(trace, **where)
        figure.update_xaxes(type="log", title=f"{unit} an inference", **where)
    figure.update_yaxes(title="int8 accuracy on the camera, %", col=1)
    height = ONE_ROW_PIXELS if rows == 1 else ROW_PIXELS * rows
    figure.update_layout(template="plotly_white", title="Accuracy against cost on the camera", height=height)
    with complete_file(target) as partial:
        partial.write_text(figure.to_html(CONFIG, include_plotlyjs=True, full_html=True), encoding="utf-8")


def _traces(networks: pd.DataFrame, costs: pd.Series, unit: str, *, legend: bool) -> list[go.Scatter]:
    best = front(networks)
    line = go.Scatter(
        x=costs[best.index],
        y=best["accuracy"],
        name="front",
        line={"shape": "hv", "color": FRONT},
        mode="lines",
        hoverinfo="skip",
    )
    spread = {
        "array": networks["highest"] - networks["accuracy"],
        "arrayminus": networks["accuracy"] - networks["lowest"],
        "color": "silver",
    }
    colours = [FRONT if row in best.index else "gray" for row in networks.index]
    points = go.Scatter(
        x=costs,
        y=networks["accuracy"],
        error_y=spread,
        mode="markers",
        marker={"size": 9, "color": colours},
        name="networks",
        customdata=networks[SHOWN].to_numpy(),
        hovertemplate="<b>%{customdata[0]}</b><br>%{y:.2f} %, seeds %{customdata[1]:.2f} to %{customdata[2]:.2f} "
        "(%{customdata[3]} runs)<br>%{x:.3g} " + unit + "<br>%{customdata[4]}<extra></extra>",
    )
    return [trace.update(showlegend=legend) for trace in (line, points)]
