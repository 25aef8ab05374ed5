"""``tinyinspect parameters``: the page of all parameters."""

from pathlib import Path
from typing import Annotated

import typer


def parameters(
    out: Annotated[Path | None, typer.Argument(help="the page to write; default: docs/parameters.md")] = None,
) -> None:
    """Write docs/parameters.md again, after a change in conf/ or in the schema.

    Example: tinyinspect parameters
    """
    from tinyinspect.project.parameter_reference import write_reference
    from tinyinspect.project.root import nearest

    root = nearest()
    write_reference(root / "conf", out or root / "docs/parameters.md")
