"""``tinyinspect simulate``: render the demonstration's recordings."""

from pathlib import Path
from typing import Annotated

import typer


def simulate(
    output: Annotated[Path | None, typer.Option(help="folder of the recordings; default: data/videos")] = None,
    annotations: Annotated[
        Path | None, typer.Option(help="the truth, as CSV; default: annotations/simulated_line.csv")
    ] = None,
    recordings: Annotated[int, typer.Option(min=1, max=100, help="how many")] = 8,
    frames: Annotated[int, typer.Option(min=1, max=100_000, help="in each recording")] = 756,
    quality: Annotated[int, typer.Option(min=1, max=95, help="of the JPEG frames")] = 19,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="the same seed gives the same bytes")] = 0,
    contact_sheet: Annotated[Path | None, typer.Option(help="also save some frames of each class here")] = None,
) -> None:
    """Render recordings of the simulated inspection line, and what they show.

    Example: tinyinspect simulate --output videos --annotations truth.csv --recordings 2
    """
    from tinyinspect.errors import InputError
    from tinyinspect.project.root import is_own_line, nearest
    from tinyinspect.simulation.command import simulate_line
    from tinyinspect.simulation.render import Line

    if output is None or annotations is None:
        root = nearest()
        if is_own_line(root):
            raise InputError("this is a line of your own; give --output and --annotations to simulate another")
        output = output or root / "data/videos"
        annotations = annotations or root / "annotations/simulated_line.csv"
    print(simulate_line(Line(seed, recordings, frames, quality), output, annotations, contact_sheet))
