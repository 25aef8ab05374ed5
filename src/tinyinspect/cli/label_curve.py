"""``tinyinspect label-curve``: would more labels help?"""

from pathlib import Path
from typing import Annotated

import typer


def label_curve(
    experiments: Annotated[Path, typer.Argument(help="what `dvc exp show --csv` wrote")],
    picture: Annotated[Path, typer.Argument(help="PNG to write")],
) -> None:
    """Draw accuracy against the number of labels, from experiments that differ in it and in the seed.

    Run them with: tinyinspect sweep data.train_labels=25,50,100 seed=0,1,2 --name labels && dvc queue start -j 2
    Example: dvc exp show --csv > experiments.csv && tinyinspect label-curve experiments.csv label_curve.png
    """
    from rich.console import Console

    from tinyinspect.report.label_curve import advice, plot_curve, read_curve, table_of
    from tinyinspect.report.table import printed

    runs = read_curve(experiments)
    plot_curve(runs, picture)
    Console().print(printed(table_of(runs)))
    print(advice(runs))
