"""Training frames worth a label and a random test set, which never come from the same neighbourhood."""

import sys
from pathlib import Path

from tinyinspect.config.data import Data
from tinyinspect.config.loading import load
from tinyinspect.config.section import Section
from tinyinspect.config.select import Select
from tinyinspect.errors import reported
from tinyinspect.files import complete_folder
from tinyinspect.recordings.store import FrameStore
from tinyinspect.selection.annotations import (
    TEST_SET,
    annotated_frames,
    known_recordings,
    preselected_rows,
    read_annotations,
)
from tinyinspect.selection.contact_sheet import draw_contact_sheet
from tinyinspect.selection.embeddings import read_embeddings
from tinyinspect.selection.frame_selection import Limits, select_frames
from tinyinspect.selection.test_set import read_test_set


class Inputs(Section):
    """The sections of ``params.yaml`` that this stage reads."""

    seed: int
    data: Data
    select: Select


def main() -> None:
    """Read frames, embeddings and annotations, write ``selection/``."""
    params = load(Path("params.yaml"), Inputs)
    classes, videos = params.data.classes, Path("data/videos")
    store = FrameStore(Path("frames"))
    frames, notes = annotated_frames(store.index, read_annotations(Path("annotations"), classes), videos)
    selection = select_frames(
        frames,
        read_embeddings(Path("embeddings/embeddings.npy")),
        params.select,
        limits=Limits(params.data.train_labels, params.data.test_labels),
        test_set=read_test_set(Path("annotations") / TEST_SET, known_recordings(store.index, videos)),
        preselected=preselected_rows(params.select.preselected, store.index, videos),
        seed=params.seed,
        jpeg=store.jpeg,
    )
    with complete_folder(Path("selection")) as folder:
        selection.table.to_csv(folder / "selection.csv", index=False)
        selection.unlabelled.to_csv(folder / "unlabelled.csv", index=False)
        for split, title in {"train": "Training set", "test": "Test set"}.items():
            shown = frames.loc[selection.table["row"][selection.table["split"] == split]]
            draw_contact_sheet(store, shown, title, classes, folder / f"contact_sheet_{split}.png")
    for note in [*notes, *selection.notes]:
        print(f"note: {note}", file=sys.stderr)
    counts = selection.table["split"].value_counts()
    print(f"selected {counts['train']} training and {counts['test']} test frames of {len(frames)}")


if __name__ == "__main__":
    with reported():
        main()
