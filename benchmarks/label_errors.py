"""How many of 100 labels that are made wrong by chance the search for doubtful labels shows among its first 100.

dvc repro embed && python benchmarks/label_errors.py
"""

from pathlib import Path

import numpy as np

from tinyinspect.labelling.label_errors import doubtful
from tinyinspect.recordings.store import FrameStore
from tinyinspect.selection.annotations import annotated_frames, read_annotations
from tinyinspect.selection.embeddings import read_embeddings

WRONG = 100
CLASSES = ["good", "defective", "no_mask"]


def main() -> None:
    """Make labels wrong, look for them, and print."""
    annotations = read_annotations(Path("annotations"), CLASSES)
    frames, _ = annotated_frames(FrameStore(Path("frames")).index, annotations, Path("data/videos"))
    labels = frames["label"].to_numpy(object).copy()
    rng = np.random.default_rng(0)
    wrong = rng.choice(len(labels), WRONG, replace=False)
    for row in wrong:
        labels[row] = rng.choice([name for name in CLASSES if name != labels[row]])
    doubts = doubtful(read_embeddings(Path("embeddings/embeddings.npy")), np.arange(len(labels)), labels, CLASSES)
    for shown in (WRONG // 2, WRONG, 2 * WRONG):
        found = np.isin(doubts.rows[:shown], wrong).sum()
        print(f"{found} of {WRONG} wrong labels among the first {shown} doubtful ones of {len(labels)} frames")


if __name__ == "__main__":
    main()
