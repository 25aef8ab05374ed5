"""``tinyinspect tune``: settings for one's own line, searched in so many minutes."""

from typing import Annotated

import typer


def tune(
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="settings that every trial has")
    ] = None,
    minutes: Annotated[float, typer.Option(min=0, help="for all of it")] = 30,
    name: Annotated[str, typer.Option(help="of the preset in conf/experiment; the same name goes on")] = "tuned",
    milliseconds: Annotated[
        float | None, typer.Option(min=0, help="that an inference may take on the board; default: no limit")
    ] = None,
) -> None:
    """Search input size, network, crop and training by cross-validation, below the board's budget; write a preset.

    What is tried stands in conf/tune. Ctrl-C ends it with what was found; the same command goes on.
    Example: tinyinspect tune --minutes 30 --milliseconds 40
    """
    import os

    # As in a stage, and before any package reads it: this search and its experiments' stages wait for no thread.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from rich.console import Console

    from tinyinspect.project.lock import locked
    from tinyinspect.project.root import nearest
    from tinyinspect.project.tuning.command import tune as run
    from tinyinspect.project.tuning.words import sentences, table

    root = nearest()
    with locked(root / ".dvc" / "tmp" / "tune"):
        found = run(root, overrides or [], minutes, name, milliseconds)
    Console().print(table(found))
    for sentence in sentences(found):
        print(sentence)
    if found.interrupted:
        raise KeyboardInterrupt
