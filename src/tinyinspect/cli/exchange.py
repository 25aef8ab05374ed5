"""``tinyinspect export-labels`` and ``import-labels``: to and from other labelling tools, and other people."""

import os
from pathlib import Path
from typing import Annotated

import typer

from tinyinspect.labelling.exchange.names import Source, Tool


def export_labels(
    to: Annotated[Tool, typer.Option(help="the tool that is to read them")],
    out: Annotated[Path | None, typer.Option(help="folder to make; default: exported/<tool>")] = None,
    everything: Annotated[bool, typer.Option("--all", help="all labelled frames, not the selected ones")] = False,
) -> None:
    """Write the selected frames and their labels for another labelling tool."""
    import numpy as np

    from tinyinspect.config.loading import load
    from tinyinspect.config.params import Params
    from tinyinspect.errors import InputError
    from tinyinspect.labelling.exchange.tools import export_labels as export
    from tinyinspect.labelling.serving import open_session
    from tinyinspect.project.root import nearest

    out = out and out.absolute()
    os.chdir(nearest())
    session = open_session(load(Path("params.yaml"), Params).data.classes, by=None)
    selected = np.concatenate([*session.queues.selection.values(), np.zeros(0, np.int64)])
    rows = np.flatnonzero(session.book.labels != "") if everything else selected
    if not len(rows):
        raise InputError("no frame is selected or labelled yet; run `dvc repro select_frames`, or give --all")
    file, count = export(session.store, session.book, map(int, rows), to, out or Path("exported") / to, session.classes)
    print(f"wrote {count} frames; labels are in {file}")


def import_labels(
    file: Annotated[Path, typer.Argument(help="what the tool exported, or somebody's labels.csv")],
    source: Annotated[Source, typer.Option("--from", help="the tool that wrote it")] = Source.CSV,
) -> None:
    """Take over people's labels, by frame and time; what contradicts yours is shown side by side in the page."""
    from tinyinspect.config.loading import load
    from tinyinspect.config.params import Params
    from tinyinspect.labelling.exchange.tools import import_labels as take
    from tinyinspect.labelling.serving import open_session
    from tinyinspect.project.root import nearest

    file = file.absolute()
    os.chdir(nearest())
    session = open_session(load(Path("params.yaml"), Params).data.classes, by=None)
    merged = take(session.book, file, source, session.classes)
    print(
        f"{merged.added} new, {merged.same} the same, {merged.later} later than before, {merged.earlier} earlier and "
        f"left out, {merged.conflicts} that contradict another person's"
    )
    if merged.conflicts:
        print("`tinyinspect label` shows contradictions side by side; the pipeline waits until they are settled")
