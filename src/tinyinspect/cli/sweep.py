"""``tinyinspect sweep`` and ``tinyinspect sweeps``: many experiments, and the columns of them that matter."""

from typing import Annotated

import typer


def sweep(
    overrides: Annotated[list[str], typer.Argument(help="settings, each with one value or several: seed=0,1,2")],
    name: Annotated[str, typer.Option(help="of the sweep; its experiments are called NAME.setting=value")] = "sweep",
) -> None:
    """Queue an experiment for each combination of values, under a name that carries them.

    Run them with `dvc queue start -j 2`, look at them with `tinyinspect sweeps`.
    Example: tinyinspect sweep seed=0,1,2 model=resnet9,resnet9_stride2 --name stem
    """
    from tinyinspect.project.root import nearest
    from tinyinspect.project.sweep import combinations, queue

    for given, called in combinations(overrides, name):
        queue(nearest(), given, called)
        print(called)


def sweeps() -> None:
    """Show the experiments: state, accuracy, what int8 and the board cost, and the parameters that differ.

    Example: tinyinspect sweeps
    """
    from rich.console import Console

    from tinyinspect.project.root import nearest
    from tinyinspect.review.sweeps import read_sweeps, tables

    console = Console()
    for table in tables(read_sweeps(nearest()), console.width):
        console.print(table)


def search(
    overrides: Annotated[
        list[str], typer.Argument(help='settings, some with several values or "interval(0.01, 1)" to choose from')
    ],
    trials: Annotated[int, typer.Option(min=1, help="experiments, those of an earlier call included")] = 20,
    at_once: Annotated[int, typer.Option(min=1, help="experiments that run side by side")] = 1,
    name: Annotated[str, typer.Option(help="of the search; the same name goes on with it")] = "search",
) -> None:
    """Let Optuna choose the values, by what the experiments before came to: much accuracy in few milliseconds.

    Example: tinyinspect search "train.learning_rate=tag(log,interval(0.001,0.1))" model=resnet9,resnet9_stride2
    """
    from rich.console import Console

    from tinyinspect.project.root import nearest
    from tinyinspect.project.search import search as run
    from tinyinspect.review.sweeps import tables

    console = Console()
    for table in tables(run(nearest(), overrides, name, trials, at_once), console.width):
        console.print(table)
