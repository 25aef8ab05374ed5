"""``tinyinspect front``: accuracy against cost of many experiments."""

from pathlib import Path
from typing import Annotated

import typer


def front(
    experiments: Annotated[Path, typer.Argument(help="what `dvc exp show --csv` wrote")],
    picture: Annotated[
        Path,
        typer.Argument(help="to write: a PNG, or a page (.html) where pointing at a network names its experiments"),
    ],
    board: Annotated[
        str | None, typer.Option(help="a name in conf/board, or all: the networks that fit it, by milliseconds there")
    ] = None,
) -> None:
    """Draw the accuracy of experiments against their cost on the camera, and the front that nothing beats.

    Example: dvc exp show --csv > experiments.csv && tinyinspect front experiments.csv front.png --board all
    """
    from tinyinspect.device.boards import read_board, read_boards
    from tinyinspect.errors import InputError
    from tinyinspect.project.root import nearest
    from tinyinspect.report.front import plot_front, plot_fronts, read_experiments
    from tinyinspect.report.front_page import write_page

    as_page = picture.suffix == ".html"
    networks = read_experiments(experiments)
    if board is None:
        write_page(networks, [], picture) if as_page else plot_front(networks, picture)
        return
    folder = nearest() / "conf/board"
    asked = list(read_boards(folder).values()) if board == "all" else [read_board(folder, board)]
    timed = [one for one in asked if one.cycles_per_instruction is not None]
    untimed = ", ".join(one.title for one in asked if one.cycles_per_instruction is None)
    if not timed:
        raise InputError(
            f"the time of a network on {untimed} follows from its compiled file alone; run the experiments with "
            f"-S board={board} and draw without --board"
        )
    (write_page if as_page else plot_fronts)(networks, timed, picture)
    if untimed:
        print(f"left out, for only a compiled file tells the time there: {untimed}")
