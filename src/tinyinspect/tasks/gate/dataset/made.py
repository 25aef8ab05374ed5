"""Abnormal pictures that are made of the normal frames: camera faults and hard negatives."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from tinyinspect.camera import Pixels
from tinyinspect.selection.labelled import VALIDATION, frames_folder, read_labelled, read_picture
from tinyinspect.simulation.faults import STEPS, Fault, differs, fault
from tinyinspect.tasks.gate.dataset.groups import MADE, Group
from tinyinspect.tasks.gate.dataset.hard_negatives import HARD_STEPS, NEED_PHOTOS, HardNegative, hard_negative
from tinyinspect.tasks.gate.pictures import abnormal_folder, picture_name
from tinyinspect.tasks.gate.settings import Task

QUALITY = 95  # of the JPEG files
_TRIED = 12  # pictures of a kind to see whether it changes the frames
_NEED_PHOTOS = {f"{Group.HARD_NEGATIVE}/{kind}" for kind in NEED_PHOTOS}
_PHOTOS = 60  # of a split at most, to paste
_SPLITS = ("train", VALIDATION, "test")
_SEEN = "seen"  # test pictures of kinds that are trained on


def write_made(dataset: Path, left_out: set[str], task: Task, seed: int) -> list[str]:
    """Make the pictures of each split of its own normal frames.

    Args:
        dataset: with the labelled frames and the other abnormal pictures of all splits.
        left_out: sources ``<group>/<kind>`` that are only tested on.
        task: the section of the parameters.
        seed: of the draws.

    Returns:
        Sentences on kinds that were left out.
    """
    makers = [_Maker(dataset, split, number, task, seed) for number, split in enumerate(_SPLITS)]
    notes = []
    for source in sources_of(task):
        # A kind that leaves most frames as they were would teach that normal frames are abnormal.
        first = makers[-1] if source in left_out else makers[0]
        if source in _NEED_PHOTOS and not all(maker.photos for maker in makers):
            notes.append(f"{source} is left out, for a split has no photo to paste; add some to photos/")
        elif not first.changes(source):
            notes.append(f"{source} is left out, for it leaves most of these frames as they were")
        else:
            for maker in makers[2 if source in left_out else 0 :]:
                maker.write(source, is_seen=source not in left_out)
    return notes


def sources_of(task: Task) -> list[str]:
    """``<group>/<kind>`` of all that is made."""
    counts = {Group.CAMERA_FAULT: task.camera_faults, Group.HARD_NEGATIVE: task.hard_negatives}
    return [f"{group}/{kind}" for group, kinds in MADE.items() if counts[group] for kind in kinds]


class _Maker:
    """Makes the pictures of a split of its own normal frames."""

    def __init__(self, dataset: Path, split: str, number: int, task: Task, seed: int) -> None:
        self._dataset, self._split, self._task, self._seed = dataset, split, task, [seed, number]
        self._frames = read_labelled(frames_folder(dataset, split), task.normal_classes, needed=False).pictures
        self._order = np.random.default_rng(self._seed).permutation(len(self._frames))
        self.photos = _photos(dataset, split)

    def changes(self, source: str) -> bool:
        """Whether a kind changes most of some frames."""
        made = [self._picture(source, number) for number in range(min(_TRIED, len(self._frames)))]
        return sum(differs(one.pixels, one.frame) for one in made) > len(made) / 2

    def write(self, source: str, *, is_seen: bool) -> None:
        """Write the pictures of a kind that differ from their frames."""
        place = _SEEN if self._split == "test" and is_seen else self._split
        count = self._task.camera_faults if source.startswith(Group.CAMERA_FAULT) else self._task.hard_negatives
        for number in range(count if self._frames else 0):
            made = self._picture(source, number)
            if differs(made.pixels, made.frame):
                path = abnormal_folder(self._dataset, place) / source / made.name
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(np.ascontiguousarray(made.pixels)).save(path, quality=QUALITY, subsampling=0)

    def _picture(self, source: str, number: int) -> "_Made":
        """One picture; the steps of the ladder and the frames take turns."""
        group, _, kind = source.partition("/")
        rng = np.random.default_rng(
            [*self._seed, list(MADE).index(Group(group)), MADE[Group(group)].index(kind), number]
        )
        frame = self._frames[self._order[number % len(self._frames)]]
        if group == Group.CAMERA_FAULT:
            step = number % STEPS[Fault(kind)]
            pixels = fault(Fault(kind), step, frame, rng)
        else:
            step = number % HARD_STEPS[HardNegative(kind)]
            pixels = hard_negative(HardNegative(kind), step, frame, self.photos, rng)
        return _Made(picture_name(step, number), pixels, frame)


class _Made(NamedTuple):
    """A picture, its file name, and the frame that it is of."""

    name: str
    pixels: Pixels
    frame: Pixels


def _photos(dataset: Path, split: str) -> list[Pixels]:
    """Some photos of a split, evenly over their sources."""
    folder = abnormal_folder(dataset, split)
    paths = sorted(path for group in (Group.PHOTO, Group.PACKAGED) for path in (folder / group).glob("*/*.jpg"))
    chosen = np.linspace(0, len(paths) - 1, min(len(paths), _PHOTOS)).astype(int)
    return [read_picture(paths[row], "dataset") for row in chosen]
