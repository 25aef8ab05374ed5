"""``tinyinspect cascade`` and ``train-cascade``: a gate before a classifier, and what the two make of pictures."""

from pathlib import Path
from typing import Annotated

import typer

OUT = Path("models/cascade")


def cascade(
    gate: Annotated[Path, typer.Option(help="bundle of the anomaly gate")],
    classifier: Annotated[Path | None, typer.Option(help="bundle of the classifier; default: models/openmv")] = None,
    out: Annotated[Path | None, typer.Option(help="folder of the new bundle; default: models/cascade")] = None,
) -> None:
    """Merge a gate's bundle with a classifier's: the gate looks first.

    Both are shown the classifier's test frames and pictures of none of its classes, where the project holds them.
    Example: tinyinspect cascade --gate gate_bundle
    """
    from tinyinspect.project.pair import BUNDLE
    from tinyinspect.project.root import nearest

    root = nearest()
    _merge(root, gate, classifier or root / BUNDLE, root, out or root / OUT)


def train_cascade(
    board: Annotated[str, typer.Option(help="a board of conf/board that holds both")] = "openmv_h7_plus",
    gate: Annotated[str, typer.Option(help="settings of the gate, beside model=mobilenetv2_metric")] = "",
    classifier: Annotated[str, typer.Option(help="settings of the classifier; default: the project's own")] = "",
    out: Annotated[Path | None, typer.Option(help="folder of the bundle; default: models/cascade")] = None,
) -> None:
    """Train a gate and a classifier for one board, merge their bundles, and measure the pair.

    Each is an experiment (`dvc exp show`); the project's own model and parameters stay as they are.
    Example: tinyinspect train-cascade --board arduino_giga --classifier "seed=1"
    """
    from tempfile import TemporaryDirectory

    from tinyinspect.project.overrides import words
    from tinyinspect.project.pair import BUNDLE, train_pair
    from tinyinspect.project.root import nearest
    from tinyinspect.tasks.cascade import require_replaceable

    root = nearest()
    out = out or root / OUT
    require_replaceable(out)  # before the trainings
    with TemporaryDirectory() as scratch:
        first, second = train_pair(root, board, words(gate), words(classifier), Path(scratch))
        _merge(root, first / BUNDLE, second / BUNDLE, second, out)


def _merge(root: Path, gate: Path, classifier: Path, measured_in: Path, out: Path) -> None:
    """Merge two bundles; `measured_in` may hold the classifier's model, dataset and parameters."""
    from rich.console import Console

    from tinyinspect.report.table import printed
    from tinyinspect.tasks.cascade import merge, read_halves
    from tinyinspect.tasks.cascade_measures import measured_here, sentence, table

    halves = read_halves(gate, classifier)
    measures = measured_here(measured_in, *halves)
    merge(*halves, out, boards=root / "conf/board", measured=[sentence(measures)] if measures else [])
    if measures:
        console = Console()
        console.print(printed(table(measures)))
        console.print(sentence(measures), markup=False, highlight=False)
    else:
        print("not measured: this project's model is not this classifier; check out its commit and run `dvc checkout`")
    print(f"{out} holds both; copy it to the camera with `tinyinspect deploy --bundle {out} --drive <its drive>`")
