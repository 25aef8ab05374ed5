"""``tinyinspect front``: accuracy against cost of many experiments."""

from pathlib import Path
from typing import Annotated

import typer


def front(
    experiments: Annotated[Path, typer.Argument(help="what `dvc exp show --csv` wrote")],
    picture: Annotated[Path, typer.Argument(help="the PNG to write")],
) -> None:
    """Draw the accuracy of experiments against their cost on the camera, and the front that nothing beats.

    Example: dvc exp show --csv > experiments.csv && tinyinspect front experiments.csv front.png
    """
    from tinyinspect.report.front import plot_front, read_experiments

    plot_front(read_experiments(experiments), picture)
