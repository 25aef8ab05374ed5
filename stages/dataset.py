"""Join the selection with the annotations into training, validation and test, and list what is still to annotate."""

import sys
from pathlib import Path

from tinyinspect.config.data import Data
from tinyinspect.config.loading import load
from tinyinspect.config.section import Section, TaskSettings
from tinyinspect.errors import InputError, reported
from tinyinspect.files import complete_folder
from tinyinspect.labelling.typed_labels import keep_typed_labels
from tinyinspect.recordings.store import FrameStore
from tinyinspect.registry import task_part
from tinyinspect.selection.annotations import annotated_frames, read_annotations
from tinyinspect.selection.dataset import (
    LIST,
    check_labels,
    hold_out,
    how_to_annotate,
    read_selection,
    read_unlabelled,
    write_dataset,
    write_to_annotate,
    write_unlabelled,
)

ANNOTATIONS, TO_ANNOTATE, TARGET = Path("annotations"), Path("to_annotate"), Path("dataset")


class Inputs(Section):
    """The sections of ``params.yaml`` that this stage reads."""

    seed: int
    data: Data
    task: TaskSettings


def main() -> None:
    """Read frames, selection, annotations and ``photos/``; write ``dataset/`` and ``to_annotate/``."""
    params = load(Path("params.yaml"), Inputs)
    classes, task, part = params.data.classes, params.task, task_part(params.task.name, "dataset")
    # DVC leaves this folder as it is before the stage runs: what somebody typed there is kept before it is made anew.
    typed = keep_typed_labels(TO_ANNOTATE / LIST, ANNOTATIONS)
    store = FrameStore(Path("frames"))
    frames, _ = annotated_frames(store.index, read_annotations(ANNOTATIONS, classes), Path("data/videos"))
    selected = read_selection(Path("selection/selection.csv"), frames)
    unlabelled = read_unlabelled(Path("selection/unlabelled.csv"), frames, part.unlabelled(task))
    with complete_folder(TO_ANNOTATE) as folder:
        write_to_annotate(store, selected, folder)
    # Only now: the list of what to annotate must reach the user also where the stage fails.
    check_labels(selected, classes, TO_ANNOTATE)
    if typed:
        raise InputError(
            f"{typed} labels typed into {TO_ANNOTATE / LIST} now stand in annotations/labels.csv; run `dvc repro` "
            "again, which first draws the test set from them"
        )
    with complete_folder(TARGET) as folder:
        write_dataset(store, hold_out(selected, classes, task.validation_fraction, params.seed), classes, folder)
        write_unlabelled(store, unlabelled, folder)
        warnings = part.complete(folder, Path("photos"), classes=classes, task=task, seed=params.seed)
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if advice := how_to_annotate(selected, classes, TO_ANNOTATE):
        print(f"note: {advice}", file=sys.stderr)
    print(part.summary(TARGET, classes=classes, task=task))


if __name__ == "__main__":
    with reported():
        main()
