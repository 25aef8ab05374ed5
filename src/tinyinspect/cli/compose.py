"""``tinyinspect compose``: make ``params.yaml`` of ``conf/``."""

from typing import Annotated

import typer


def compose(
    overrides: Annotated[list[str] | None, typer.Argument(metavar="KEY=VALUE...", help="as of dvc exp run -S")] = None,
) -> None:
    """Compose conf/ into params.yaml, for `dvc repro`, which never composes by itself.

    Example: tinyinspect compose experiment=smoke train.epochs=300
    """
    from tinyinspect.project.compose import write_params
    from tinyinspect.project.root import nearest

    write_params(nearest(), overrides or [])
