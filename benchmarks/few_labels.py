"""What frames that each method chooses teach: a linear classifier on the teacher's features of these frames alone.

Run it in a line whose frames are labelled, where `dvc repro embed` is done:

    python benchmarks/few_labels.py [--labels 25,50] [--seeds 15] [--size 224]

A split in the annotations is kept; without one, each seed tests on 500 frames of two recordings of its own. The seed
also draws what the methods leave to chance. The gap in time is that of params.yaml. Features are kept in
`few_labels.npz`, for the next run.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from tinyinspect.config.data import Data
from tinyinspect.config.loading import load
from tinyinspect.config.section import Section
from tinyinspect.config.select import Select
from tinyinspect.config.teacher import Teacher
from tinyinspect.learning.linear import linear_classifier
from tinyinspect.models.teacher import embed, load_teacher
from tinyinspect.recordings.store import FrameStore
from tinyinspect.selection.annotations import annotated_frames, read_annotations
from tinyinspect.selection.embeddings import read_embeddings
from tinyinspect.selection.training_frames import choose_training

METHODS = {
    "random": {"method": "random"},
    "coreset": {"method": "coreset"},
    "coreset, typicality 1": {"method": "coreset", "typicality": 1.0},
    "typical": {"method": "typical"},
}
TEST_FRAMES = 500


class Inputs(Section):
    """The sections of ``params.yaml`` that this reads."""

    data: Data
    select: Select
    teacher: Teacher


def main() -> None:
    """Choose, fit, measure and print a table."""
    given = arguments()
    params = load(Path("params.yaml"), Inputs)
    store = FrameStore(Path("frames"))
    frames, _ = annotated_frames(
        store.index, read_annotations(Path("annotations"), params.data.classes), Path("data/videos")
    )
    embeddings = np.array(read_embeddings(Path("embeddings/embeddings.npy")))
    features = Features(store, params.teacher.model_copy(update={"input_size": given.size}))
    rows = []
    for seed in range(given.seeds):
        train, test = split(frames, seed)
        for count in given.labels:
            for name, settings in METHODS.items():
                select = params.select.model_copy(update=settings)
                measured = taught(
                    features, frames, chosen(frames, embeddings, train, count, select, seed), np.flatnonzero(test)
                )
                rows.append({"labels": count, "method": name, "seed": seed} | measured)
    features.keep()
    print(table(pd.DataFrame(rows)).to_string())


def arguments() -> argparse.Namespace:
    """What stands on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", type=lambda text: [int(one) for one in text.split(",")], default=[25, 50])
    parser.add_argument("--seeds", type=int, default=15)
    parser.add_argument("--size", type=int, default=224, help="pixels that the teacher sees; fewer are faster")
    return parser.parse_args()


class Features:
    """The teacher's features of frames, worked out as they are asked for."""

    def __init__(self, store: FrameStore, settings: Teacher):
        """Take up those of an earlier run."""
        self.store, self.settings, self.path = store, settings, Path("few_labels.npz")
        self.known: dict[int, NDArray[np.float32]] = {}
        if self.path.exists():
            kept = np.load(self.path)
            if int(kept["size"]) == settings.input_size:
                self.known = dict(zip(kept["rows"].tolist(), kept["features"], strict=True))
        self.teacher = load_teacher(settings)

    def of(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Those of some rows, (m, d)."""
        missing = [row for row in rows.tolist() if row not in self.known]
        if missing:
            found = embed(self.teacher, [self.store.picture(row) for row in missing])
            self.known |= dict(zip(missing, found, strict=True))
        return np.stack([self.known[row] for row in rows.tolist()])

    def keep(self) -> None:
        """Save them."""
        rows = np.array(sorted(self.known))
        np.savez(self.path, size=self.settings.input_size, rows=rows, features=self.of(rows))


def split(frames: pd.DataFrame, seed: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which labelled frames may be chosen, and which are tested on."""
    labelled = (frames["label"] != "").to_numpy()
    if (frames["split"] == "test").any():
        return labelled & (frames["split"] == "train").to_numpy(), labelled & (frames["split"] == "test").to_numpy()
    rng = np.random.default_rng(1000 + seed)
    names = rng.choice(frames["recording"].unique(), 2, replace=False)
    apart = frames["recording"].isin(names).to_numpy()
    test = np.zeros(len(frames), bool)
    test[rng.choice(np.flatnonzero(labelled & apart), TEST_FRAMES, replace=False)] = True
    return labelled & ~apart, test


def chosen(
    frames: pd.DataFrame,
    embeddings: NDArray[np.float32],
    pool: NDArray[np.bool_],
    count: int,
    select: Select,
    seed: int,
) -> NDArray[np.int64]:
    """Rows of the frames that a method chooses without seeing the labels, ascending."""
    unlabelled, none, rng = frames.assign(label=""), np.zeros(0, np.int64), np.random.default_rng(seed)
    found, _ = choose_training(unlabelled, embeddings, pool, count, kept=none, select=select, rng=rng)
    return np.array(sorted(found))


def taught(features: Features, frames: pd.DataFrame, train: NDArray, test: NDArray) -> dict[str, float]:
    """Measures of a linear classifier that knows the chosen frames, and of these frames themselves.

    ``neighbours`` have a direct neighbour that was chosen too; ``fewest`` and ``most`` are frames of a recording.
    """
    labels = frames["label"].to_numpy(object)
    classes = sorted(set(labels) - {""})
    truth = np.array([classes.index(one) for one in labels[test]])
    known = np.array([classes.index(one) for one in labels[train]])
    answers = np.full(len(test), known[0])
    if len(set(known)) > 1:
        answers = linear_classifier(features.of(train), known).predict(features.of(test))
    recalls = [(answers[truth == place] == place).mean() for place in np.unique(truth)]
    follows = frames.loc[train].groupby("recording")["frame"].diff() == 1
    of_recording = frames.loc[train, "recording"].value_counts()
    return {
        "accuracy": 100 * (answers == truth).mean(),
        "balanced": 100 * float(np.mean(recalls)),
        "neighbours": int((follows | follows.shift(-1, fill_value=False)).sum()),
        "fewest": int(of_recording.min()),
        "most": int(of_recording.max()),
    }


def table(measured: pd.DataFrame) -> pd.DataFrame:
    """Means by number of labels and method, with the gain over random, seed by seed, and its 95 % interval."""
    means = measured.groupby(["labels", "method"], sort=False).mean().drop(columns="seed").round(1)
    for name in ("accuracy", "balanced"):
        wide = measured.pivot(index=["labels", "seed"], columns="method", values=name)
        gains = wide.sub(wide["random"], axis=0).groupby("labels")
        half = gains.sem() * stats.t.ppf(0.975, gains.count() - 1)
        means[f"{name} gained"] = [
            f"{gains.mean().loc[count, method]:+.1f} ± {half.loc[count, method]:.1f}" for count, method in means.index
        ]
    return means


if __name__ == "__main__":
    main()
