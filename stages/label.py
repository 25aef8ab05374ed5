"""Join the selection with the annotations into an ImageFolder tree, and list what is still to annotate."""

import sys
from pathlib import Path

from tinyinspect.config.loading import load
from tinyinspect.config.params import Params
from tinyinspect.errors import reported
from tinyinspect.files import complete_folder
from tinyinspect.recordings.store import FrameStore
from tinyinspect.selection.annotations import annotated_frames, read_annotations
from tinyinspect.selection.labelled_tree import check_labels, how_to_annotate, read_selection, write_labelled_tree


def main() -> None:
    """Read frames, selection and annotations, write ``labeled/``."""
    params = load(Path("params.yaml"), Params)
    classes, videos, target = params.data.classes, Path("data/videos"), Path("labeled")
    store = FrameStore(Path("frames"))
    frames, _ = annotated_frames(store.index, read_annotations(Path("annotations"), classes), videos)
    selected = read_selection(Path("selection/selection.csv"), frames)
    with complete_folder(target) as folder:
        write_labelled_tree(store, selected, classes, folder)
    # Only now: the list of what to annotate must reach the user also where the stage fails.
    check_labels(selected, classes, target)
    if advice := how_to_annotate(selected, classes, target):
        print(f"note: {advice}", file=sys.stderr)
    print(selected.groupby(["split", "label"]).size().to_string())


if __name__ == "__main__":
    with reported():
        main()
