"""``tinyinspect cascade``: one bundle of a gate's and a classifier's."""

from pathlib import Path
from typing import Annotated

import typer


def cascade(
    gate: Annotated[Path, typer.Option(help="bundle of the anomaly gate")],
    classifier: Annotated[Path | None, typer.Option(help="bundle of the classifier; default: models/openmv")] = None,
    out: Annotated[Path | None, typer.Option(help="folder of the new bundle; default: models/cascade")] = None,
) -> None:
    """Merge a gate's bundle with a classifier's: the gate looks first.

    Example: tinyinspect cascade --gate gate_bundle
    """
    from tinyinspect.project.root import nearest
    from tinyinspect.tasks.cascade import merge

    root = nearest()
    out = out or root / "models/cascade"
    merge(gate, classifier or root / "models/openmv", out, boards=root / "conf/board")
    print(f"{out} holds both; copy it to the camera with `tinyinspect deploy --bundle {out} --drive <its drive>`")
