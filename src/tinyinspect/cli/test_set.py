"""``tinyinspect check-data`` and ``draw-test-set``: what stands before the first stage."""

from pathlib import Path
from typing import Annotated

import typer


def check_data() -> None:
    """Say all that is wrong with recordings, labels, classes and split, as the first stage does.

    Draws annotations/test_set.csv where there is none yet.
    """
    from tinyinspect.config.loading import load
    from tinyinspect.config.params import Params
    from tinyinspect.selection.check import check_project

    params = load(Path("params.yaml"), Params)
    print(check_project(Path(), params.data, params.extract, params.select, say=_say))


def draw_test_set(
    seed: Annotated[int, typer.Option(min=0, help="of the draw; another number draws other frames")] = 0,
) -> None:
    """Draw the test set anew: models that were trained before cannot be compared with later ones any more.

    Example: tinyinspect draw-test-set --seed 1 && dvc repro
    """
    from tinyinspect.config.loading import load
    from tinyinspect.config.params import Params
    from tinyinspect.selection.check import draw_anew

    params = load(Path("params.yaml"), Params)
    print(draw_anew(Path(), params.data, params.extract, params.select, seed=seed, say=_say))


def _say(note: str) -> None:
    print(f"note: {note}", file=typer.get_text_stream("stderr"))
