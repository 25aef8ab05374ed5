"""``tinyinspect add``: more recordings, labels and settings for a line."""

from pathlib import Path
from typing import Annotated

import typer


def add(
    overrides: Annotated[list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="settings that stay")] = None,
    videos: Annotated[Path | None, typer.Option(help="folder of recordings")] = None,
    annotations: Annotated[list[Path] | None, typer.Option(help="CSV of labels; may be given several times")] = None,
    photos: Annotated[Path | None, typer.Option(help="folder of everyday photos, for a gate")] = None,
    classes: Annotated[str | None, typer.Option(help="with commas")] = None,
    board: Annotated[str | None, typer.Option(help="a name in conf/board")] = None,
) -> None:
    """Add recordings, labels and settings to this line. Nothing that is there is deleted.

    A frame with two different labels is refused, with both rows; correct the one that is wrong where it stands.

    Example: tinyinspect add --videos ~/tuesday --annotations tuesday.csv train.epochs=300
    """
    from tinyinspect.cli.given import brought
    from tinyinspect.project.line import add_to_line
    from tinyinspect.project.lock import locked
    from tinyinspect.project.root import nearest

    root = nearest()
    with locked(root):
        notes = add_to_line(root, brought(videos, photos, annotations, classes, board, overrides))
    print(*(notes or ["nothing new"]), sep="\n")
