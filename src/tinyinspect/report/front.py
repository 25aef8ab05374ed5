"""Plot: accuracy on the camera against what it costs there, and the front of the experiments that nothing beats.

    dvc exp show --csv > experiments.csv
    tinyinspect front experiments.csv plots/front.png
    tinyinspect front experiments.csv plots/boards.png --board all
    tinyinspect front experiments.csv plots/front.html

Experiments of one network (equal `model.*` parameters and instructions) are its seeds: their mean is drawn, and their
range as a bar.
"""

from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tinyinspect.config.board import Board
from tinyinspect.device.memory import Need, rooms
from tinyinspect.errors import InputError
from tinyinspect.files import complete_file
from tinyinspect.report.experiment_table import read_finished

SHAPE = ["model.channels", "model.convolutions", "model.stem_kernel", "model.stem_stride"]
ACCURACY, INSTRUCTIONS = "tflite_micro.accuracy", "instructions"
MEMORY = ["arena_bytes", "file_bytes"]
COLUMNS = 3  # of panels, one a board


def read_experiments(table: Path) -> pd.DataFrame:
    """Mean, least and greatest accuracy of each network in a table of experiments.

    Args:
        table: CSV as ``dvc exp show --csv`` writes it.

    Returns:
        Columns name, instructions, accuracy, lowest, highest, runs, experiments (their names), and where the table has
        them arena_bytes and file_bytes; the cheapest network first. Accuracies in percent.

    Raises:
        InputError: As :func:`read_finished`.
    """
    finished = read_finished(table, [ACCURACY, INSTRUCTIONS], "`evaluate` and `verify`", "the front")
    finished = finished.assign(name=_names(finished), experiment=_experiments(finished))
    networks = [column for column in finished if column.startswith("model.")]
    groups = finished.groupby([INSTRUCTIONS, *networks], dropna=False)
    memory = [name for name in MEMORY if name in finished]
    found = pd.DataFrame(
        {
            "name": groups["name"].first(),
            "accuracy": groups[ACCURACY].mean() * 100,
            "lowest": groups[ACCURACY].min() * 100,
            "highest": groups[ACCURACY].max() * 100,
            "runs": groups.size(),
            "experiments": groups["experiment"].agg(", ".join),
            **{name: groups[name].max() for name in memory},
        }
    )
    kept = ["name", "instructions", "accuracy", "lowest", "highest", "runs", "experiments", *memory]
    return found.reset_index()[kept]


def front(networks: pd.DataFrame) -> pd.DataFrame:
    """The rows that no other row equals or beats at fewer instructions, the cheapest first."""
    ordered = networks.sort_values(["instructions", "accuracy"], ascending=[True, False])
    best_before = ordered["accuracy"].cummax().shift(fill_value=float("-inf"))
    return ordered[ordered["accuracy"] > best_before]


def plot_front(networks: pd.DataFrame, target: Path) -> None:
    """Draw all networks and their front as PNG; ``networks`` as from :func:`read_experiments`."""
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    _draw(axes, networks, networks["instructions"] / 1e6)
    axes.set_xlabel("million instructions an inference (log)")
    axes.set_ylabel("int8 accuracy under tflite-micro, %")
    axes.set_title("Accuracy against cost on the camera")
    axes.legend(loc="lower right")
    with complete_file(target) as partial:
        figure.savefig(partial, format="png", dpi=120, metadata={"Software": None})


def on_board(networks: pd.DataFrame, board: Board) -> pd.DataFrame:
    """The networks that a board has the memory for, with a column milliseconds of the network alone.

    Args:
        networks: as from :func:`read_experiments`.
        board: one whose ``cycles_per_instruction`` is known.

    Raises:
        InputError: The table does not say what memory the networks take.
    """
    missing = [name for name in MEMORY if name not in networks]
    if missing:
        raise InputError(f"the experiments have no column {' or '.join(missing)}; run them up to `verify`")
    needs = [Need(int(arena), int(file)) for arena, file in networks[MEMORY].itertuples(index=False)]
    fitting = networks[[any(room.fits for room in rooms(board, need)) for need in needs]]
    assert board.cycles_per_instruction is not None
    rate = board.cycles_per_instruction / (board.mhz * 1e3)
    return fitting.assign(milliseconds=fitting["instructions"] * rate)


def plot_fronts(networks: pd.DataFrame, boards: list[Board], target: Path) -> None:
    """Draw a front for each board as PNG, of the networks that it has the memory for.

    Args:
        networks: as from :func:`read_experiments`.
        boards: as for :func:`on_board`.
        target: the file.

    Raises:
        InputError: As for :func:`on_board`.
    """
    columns = min(COLUMNS, len(boards))
    rows = -(-len(boards) // columns)
    figure = Figure(figsize=(5 * columns + 2, 3.6 * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False, sharey=True)
    for axes in panels.flat[len(boards) :]:
        axes.axis("off")
    for axes, board in zip(panels.flat, boards, strict=False):
        fitting = on_board(networks, board)
        axes.set_title(f"{board.title}: {len(fitting)} of {len(networks)} networks fit", fontsize=10)
        if len(fitting):
            _draw(axes, fitting, fitting["milliseconds"])
    figure.supxlabel("milliseconds an inference, without the resize (log)")
    figure.supylabel("int8 accuracy under tflite-micro, %")
    with complete_file(target) as partial:
        figure.savefig(partial, format="png", dpi=120, metadata={"Software": None})


def _draw(axes: Axes, networks: pd.DataFrame, costs: pd.Series) -> None:
    best = front(networks)
    spread = [networks["accuracy"] - networks["lowest"], networks["highest"] - networks["accuracy"]]
    axes.errorbar(costs, networks["accuracy"], yerr=spread, fmt="o", color="silver", label="experiments", zorder=1)
    x, y = costs[best.index], best["accuracy"]
    axes.step(x, y, where="post", color="tab:blue", marker="o", label="front", zorder=2)
    for name, across, up in zip(best["name"], x, y, strict=True):
        axes.annotate(name, (across, up), xytext=(6, -11), textcoords="offset points", fontsize=8)
    axes.set_xscale("log")
    axes.margins(x=0.12, y=0.1)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter("{x:g}")
    axes.tick_params(axis="x", which="both", length=4, pad=4)
    axes.grid(alpha=0.3)


def _names(rows: pd.DataFrame) -> pd.Series:
    """Channels, convolutions a block and stem of a ResNet-9; else the experiment's name, or its revision."""
    if set(SHAPE) <= set(rows):
        words = rows[SHAPE].astype(str).map(lambda value: value.strip("[]").replace(", ", "-"))
        names = [f"{channels}, {depths}, stem {k}x{k}/{stride}" for channels, depths, k, stride in words.to_numpy()]
        return pd.Series(names, index=rows.index)
    return _experiments(rows)


def _experiments(rows: pd.DataFrame) -> pd.Series:
    """Each experiment's name, or its revision."""
    known = rows.get("Experiment", pd.Series(pd.NA, index=rows.index, dtype=object))
    return known.fillna(rows.get("rev", "")).astype(str)
