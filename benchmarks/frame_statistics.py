"""How many camera faults a dozen numbers of a frame would stop that were learned from normal frames alone.

    python benchmarks/frame_statistics.py ~/masks ~/castings

Give lines whose stage `dataset` has run. The numbers: brightness and its quantiles, contrast, colour, edges along both
sides, the flattest and the liveliest part. A frame passes if its Mahalanobis distance to the normal frames of training
is one that 98 % of them have, each measured without its fifth of them. No picture of a fault is learned from.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import LedoitWolf
from sklearn.preprocessing import StandardScaler

from tinyinspect.camera import Pixels, model_view
from tinyinspect.config.loading import load
from tinyinspect.config.params import Params
from tinyinspect.errors import InputError, reported
from tinyinspect.evaluation.intervals import in_words
from tinyinspect.learning.folds import split_folds
from tinyinspect.selection.labelled import VALIDATION, frames_folder, read_labelled
from tinyinspect.tasks.gate.pictures import abnormal_folder, read_abnormals
from tinyinspect.tasks.gate.settings import Task

SIZE, PARTS, FOLDS, REFUSED = 64, 8, 5, 0.02  # pixels, parts along a side, folds, share of normal frames
Numbers = NDArray[np.float64]


def main() -> None:
    """Print what is refused of each line's test frames, and what passes of the pictures made of them, by kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lines", type=Path, nargs="+", help="projects after `dvc repro dataset`")
    for folder in parser.parse_args().lines:
        params, dataset = load(folder / "params.yaml", Params), folder / "dataset"
        if not isinstance(params.task, Task):
            raise InputError(f"{folder} makes no gate; give a project with task=gate")
        folders = [frames_folder(dataset, split) for split in ("train", VALIDATION)]
        normals = numbers_of(read_labelled(folders, params.task.normal_classes).pictures)
        test = numbers_of(read_labelled(frames_folder(dataset, "test"), params.task.normal_classes).pictures)
        limit = limit_of(normals)
        refused = int((distances(normals, test) > limit).sum())
        print(f"{folder.resolve().name}: of {len(test)} normal test frames, {in_words(refused, len(test))} are refused")
        pictures, kinds = read_abnormals(abnormal_folder(dataset, "seen"))
        passes = distances(normals, numbers_of(pictures.pictures)) <= limit
        groups = np.array([kinds[label].partition("/")[0] for label in pictures.labels])
        for group in np.unique(groups):
            mine = passes[groups == group]
            print(f"  {group}: {in_words(int(mine.sum()), len(mine))} of {len(mine)} pass")
        for label, kind in enumerate(kinds):
            mine = passes[pictures.labels == label]
            if mine.any():
                print(f"    {kind}: {int(mine.sum())} of {len(mine)}")


def numbers_of(pictures: Iterable[Pixels]) -> Numbers:
    """Sixteen numbers of each frame as the camera's model would see it, (n, 16)."""
    return np.stack([_numbers(model_view(picture, SIZE).astype(np.float64)) for picture in pictures])


def _numbers(view: Numbers) -> Numbers:
    grey = view.mean(2)
    across, down = (np.log(np.abs(np.diff(grey, axis=axis)).mean() + 0.1) for axis in (1, 0))
    side = SIZE // PARTS
    spreads = grey.reshape(PARTS, side, PARTS, side).std((1, 3))
    red, green, blue = view.mean((0, 1))
    quantiles = np.quantile(grey, [0.05, 0.25, 0.5, 0.75, 0.95])
    colour = np.abs(view - grey[..., None]).mean()
    rest = [grey.mean(), grey.std(), red - green, blue - green, colour, across, down, across - down]
    flat = np.log(np.quantile(spreads, [0.05, 0.5, 0.95]) + 0.1)
    return np.array([*quantiles, *rest, *flat])


def distances(normals: Numbers, frames: Numbers) -> Numbers:
    """Mahalanobis distance of frames to normal ones, squared, (n,).

    The covariance is shrunk as by Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance
    matrices", 2004.
    """
    scaler = StandardScaler().fit(normals)
    found: Numbers = LedoitWolf().fit(scaler.transform(normals)).mahalanobis(scaler.transform(frames))
    return found


def limit_of(normals: Numbers) -> float:
    """The distance beyond which a share of the normal frames lies, each measured without its fold."""
    found = []
    for mine in split_folds(np.zeros(len(normals), np.int64), FOLDS, 0):
        found.append(distances(np.delete(normals, mine, axis=0), normals[mine]))
    return float(np.quantile(np.concatenate(found), 1 - REFUSED))


if __name__ == "__main__":
    with reported():
        main()
