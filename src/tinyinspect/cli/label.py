"""``tinyinspect label``: the page in which frames get their labels."""

import os
from pathlib import Path
from typing import Annotated

import typer


def label(
    by: Annotated[str | None, typer.Option(help="your name, kept beside each label; default: as in Git")] = None,
    port: Annotated[int, typer.Option(help="of the page; another one where it is in use")] = 8765,
    browser: Annotated[bool, typer.Option(help="open the page in the browser")] = True,
) -> None:
    """Label frames in the browser, one key a frame.

    Labels go to annotations/labels.csv at once. Press ? in the page for the keys.
    """
    from tinyinspect.config.loading import load
    from tinyinspect.config.params import Params
    from tinyinspect.labelling.serving import open_session, serve
    from tinyinspect.project.git import git
    from tinyinspect.project.root import nearest

    os.chdir(nearest())
    classes = load(Path("params.yaml"), Params).data.classes
    try:
        serve(open_session(classes, by=by), port=port, browser=browser)
    finally:
        # `dvc exp run --queue` takes along what Git knows of.
        git(Path(), "add", "--", "annotations", check=False)
