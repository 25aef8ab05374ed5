"""``tinyinspect real``: the whole way from a folder of recordings to a model in one call, as `make real` does."""

from pathlib import Path
from typing import Annotated

import typer


def real(
    data: Annotated[Path, typer.Argument(help="folder with videos/ and, where there are labels, annotations.csv")],
    folder: Annotated[Path, typer.Option(help="the line, which is made where it is not there yet")] = Path("real"),
    photos: Annotated[
        Path | None, typer.Option(help="everyday photos, for a gate; default: photos/ in the data")
    ] = None,
    settings: Annotated[str, typer.Option("--set", help="settings that stay, as in a command line")] = "",
) -> None:
    """Make a line of your recordings or bring it up to date, run its pipeline, and say what came out.

    Example: tinyinspect real ~/recordings --set "board=nicla_vision data.classes=[ok, scratched]"
    """
    import subprocess
    import sys

    from tinyinspect.cli.given import brought
    from tinyinspect.project.contents import labels_beside
    from tinyinspect.project.git import environment
    from tinyinspect.project.last_word import LATER
    from tinyinspect.project.lock import locked
    from tinyinspect.project.overrides import words
    from tinyinspect.project.real import keep_results, prepare
    from tinyinspect.project.root import origin
    from tinyinspect.report.summary import summary

    data = data.expanduser()
    photos = photos or (data / "photos" if (data / "photos").is_dir() else None)
    given = brought(data / "videos", photos, labels_beside(data), None, None, words(settings))
    with locked(folder):
        print(*prepare(folder, origin(), given), sep="\n", flush=True)
        command = [sys.executable, "-m", "dvc", "repro"]
        done = subprocess.run(command, cwd=folder, env=environment() | {LATER: "1"}, check=False)
        keep_results(folder)
    print(f"\n{summary(folder)}")
    raise typer.Exit(done.returncode)
