"""``tinyinspect new``: a project for one's own line."""

from pathlib import Path
from typing import Annotated

import typer


def new(
    folder: Annotated[Path, typer.Argument(help="of the new project")],
    videos: Annotated[Path, typer.Option(help="folder of recordings")],
    overrides: Annotated[list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="settings that stay")] = None,
    annotations: Annotated[list[Path] | None, typer.Option(help="CSV of labels; may be given several times")] = None,
    photos: Annotated[Path | None, typer.Option(help="folder of everyday photos, for a gate")] = None,
    classes: Annotated[str | None, typer.Option(help="with commas; by default those in the labels")] = None,
    board: Annotated[str | None, typer.Option(help="a name in conf/board")] = None,
    link: Annotated[bool, typer.Option("--link/--copy", help="recordings linked to DVC's cache, or copied")] = True,
) -> None:
    """Make a Git and DVC project of your own recordings, with this repository's code.

    Example: tinyinspect new ~/line --videos ~/recordings --classes "ok,scratched" --board nicla_vision
    """
    from tinyinspect.cli.given import brought
    from tinyinspect.project.line import new_line
    from tinyinspect.project.lock import locked
    from tinyinspect.project.root import origin

    given = brought(videos, photos, annotations, classes, board, overrides, link)
    with locked(folder):
        notes = new_line(folder, origin(), given)
    print(*notes, f"{folder} is ready: cd {folder} && dvc repro", sep="\n")
