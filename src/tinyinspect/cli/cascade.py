"""``tinyinspect cascade``: one bundle of a gate's and a classifier's, and what the two make of pictures together."""

from pathlib import Path
from typing import Annotated

import typer


def cascade(
    gate: Annotated[Path, typer.Option(help="bundle of the anomaly gate")],
    classifier: Annotated[Path | None, typer.Option(help="bundle of the classifier; default: models/openmv")] = None,
    out: Annotated[Path | None, typer.Option(help="folder of the new bundle; default: models/cascade")] = None,
) -> None:
    """Merge a gate's bundle with a classifier's: the gate looks first.

    Both are shown the classifier's test frames and pictures of none of its classes, where the project holds them.
    Example: tinyinspect cascade --gate gate_bundle
    """
    from rich.console import Console

    from tinyinspect.project.root import nearest
    from tinyinspect.report.table import printed
    from tinyinspect.tasks.cascade import merge, read_halves
    from tinyinspect.tasks.cascade_measures import measured_here, sentence, table

    root = nearest()
    out = out or root / "models/cascade"
    halves = read_halves(gate, classifier or root / "models/openmv")
    measures = measured_here(root, *halves)
    merge(*halves, out, boards=root / "conf/board", measured=[sentence(measures)] if measures else [])
    if measures:
        console = Console()
        console.print(printed(table(measures)))
        console.print(sentence(measures), markup=False, highlight=False)
    else:
        print("not measured: this project's model is not this classifier; check out its commit and run `dvc checkout`")
    print(f"{out} holds both; copy it to the camera with `tinyinspect deploy --bundle {out} --drive <its drive>`")
