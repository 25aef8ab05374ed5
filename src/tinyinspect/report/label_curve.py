"""The label curve: accuracy against how many labels a model was trained on, and whether more would help."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy import stats

from tinyinspect.errors import InputError
from tinyinspect.evaluation.intervals import CONFIDENCE
from tinyinspect.files import complete_file
from tinyinspect.report.experiment_table import read_finished
from tinyinspect.report.table import Table

LABELS = "train_frames.total"
MEASURES = {"tflite_micro.accuracy": "accuracy", "tflite_micro.balanced_accuracy": "balanced accuracy"}
HELPS = 0.5  # points; less is not worth the labelling


def read_curve(table: Path) -> pd.DataFrame:
    """A row for each finished experiment: labels, seed, and the measures in percent.

    Args:
        table: CSV as ``dvc exp show --csv`` writes it.

    Raises:
        InputError: As :func:`read_finished`, or all experiments were trained on as many labels.
    """
    found = read_finished(table, [LABELS, *MEASURES], "`evaluate`", "the label curve")
    seeds = found.get("seed", 0)
    runs = (found[list(MEASURES)] * 100).rename(columns=MEASURES).assign(labels=found[LABELS].astype(int), seed=seeds)
    if runs["labels"].nunique() < 2:
        raise InputError(
            f"{table} holds experiments of one number of labels alone; run some with other data.train_labels"
        )
    return runs.drop_duplicates(["labels", "seed"]).sort_values(["labels", "seed"], ignore_index=True)


def table_of(runs: pd.DataFrame) -> Table:
    """Mean, least and greatest of the seeds for each number of labels."""
    rows = []
    for labels, some in runs.groupby("labels"):
        measures = [
            f"{some[name].mean():.1f} ({some[name].min():.1f} to {some[name].max():.1f})" for name in MEASURES.values()
        ]
        rows.append([str(labels), str(len(some)), *measures])
    return Table("labels and accuracy on the camera, %, with the range of the seeds", _HEADINGS, rows)


_HEADINGS = ["labels", "seeds", *MEASURES.values()]


def advice(runs: pd.DataFrame) -> str:
    """Whether more labels would help, from the last two numbers of labels."""
    few, many = sorted(runs["labels"].unique())[-2:]
    balanced = runs.pivot_table("balanced accuracy", "seed", "labels")[[few, many]].dropna()
    gains = (balanced[many] - balanced[few]).to_numpy()
    if len(gains) < 2:
        return (
            f"From {few} to {many} labels only {len(gains)} seeds can be compared; run both with two seeds or more to "
            "learn whether more labels would help."
        )
    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(gains) - 1) * gains.std(ddof=1) / np.sqrt(len(gains)))
    mean = float(gains.mean())
    change = (
        f"From {few} to {many} labels the balanced accuracy changes by {mean:+.1f} points (95 % interval "
        f"{mean - half:+.1f} to {mean + half:+.1f} over {len(gains)} seeds)"
    )
    if mean - half > HELPS:
        return f"{change}: more labels would help."
    if mean + half < HELPS:
        return f"{change}: more labels of the same kind would hardly help."
    return f"{change}: the seeds differ too much to say whether more labels would help; run more of them."


def plot_curve(runs: pd.DataFrame, target: Path) -> None:
    """Draw mean and range of the seeds as PNG; ``runs`` as from :func:`read_curve`."""
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    labels = np.sort(runs["labels"].unique())
    for name, colour in zip(MEASURES.values(), ("tab:blue", "tab:orange"), strict=True):
        groups = runs.groupby("labels")[name]
        axes.fill_between(labels, groups.min(), groups.max(), color=colour, alpha=0.2)
        axes.plot(labels, groups.mean(), color=colour, marker="o", label=name)
    axes.set_xscale("log")
    axes.set_xticks(labels, [str(count) for count in labels])
    axes.minorticks_off()
    axes.set_xlabel("labels to train on (log)")
    axes.set_ylabel("int8 under tflite-micro, %")
    axes.set_title("Accuracy on the camera against labels: mean and range of the seeds")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    with complete_file(target) as partial:
        figure.savefig(partial, format="png", dpi=120, metadata={"Software": None})
