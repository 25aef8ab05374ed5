"""The pictures that an anomaly gate must not let through: a tree of JPEG files, one folder a source.

    dataset/train/abnormal/<group>/<source>/*.jpg        trained on
    dataset/validation/abnormal/<group>/<source>/*.jpg   sources to choose the threshold by, never trained on
    dataset/test/abnormal/<group>/<source>/*.jpg         sources to measure on, in neither of the above
    dataset/seen/abnormal/<group>/<source>/*.jpg         test pictures of sources that are trained on too

A split without a source has no folder. Whole sources are split, not pictures: what is measured is whether the gate
stops what it never saw. Three groups are trained on whole, and measured on pictures of their own: classes, what is made
of normal frames, and what looks like them (photos/near/).
"""

import difflib
import hashlib
import shutil
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

import numpy as np

from tinyinspect.errors import InputError
from tinyinspect.recordings.photos import PACKAGED, write_packaged_crops, write_photos
from tinyinspect.selection.annotations import SPLITS
from tinyinspect.selection.labelled import VALIDATION, frames_folder
from tinyinspect.simulation.foreign import foreign_objects
from tinyinspect.simulation.sensor import jpeg
from tinyinspect.simulation.things import Kind
from tinyinspect.tasks.gate.dataset.groups import Group
from tinyinspect.tasks.gate.dataset.made import sources_of, write_made
from tinyinspect.tasks.gate.pictures import abnormal_folder, is_made, is_near
from tinyinspect.tasks.gate.settings import Task

_TEST_SHARE, _VALIDATION_SHARE = 0.3, 0.2  # of the sources of a group
_FEWEST = 3  # sources that can be split
_JPEG_QUALITIES = 19, 96  # of rendered objects: from that of the simulated recordings up to none to be seen
_MORE = (
    "put pictures into photos/, raise task.packaged_crops or task.rendered_objects, or take a class out of "
    "task.normal_classes"
)


class Split(StrEnum):
    """What a source is for."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"
    SEEN = "seen"


# Which frames of a class, of the dataset's splits, a split takes, and where they go.
_FRAMES = {
    Split.TRAIN: {"train": Split.TRAIN, VALIDATION: Split.TRAIN, "test": Split.SEEN},
    Split.VALIDATION: {"train": Split.VALIDATION, VALIDATION: Split.VALIDATION},
    Split.TEST: {"test": Split.TEST},
}
# Where the pictures of a source that looks like the normals go, in turn.
_NEAR_TURNS = (Split.TRAIN, Split.VALIDATION, Split.TRAIN, Split.SEEN, Split.TRAIN)


def write_abnormals(dataset: Path, photos: Path, classes: list[str], task: Task, seed: int) -> list[str]:
    """Gather the pictures of all groups, draw the split of their sources and write them into the dataset.

    Args:
        dataset: with the labelled frames of all splits.
        photos: everyday photos; may be missing.
        classes: of the labelled frames.
        task: the section of the parameters.
        seed: of the draws.

    Returns:
        Warnings for the user, on photos that had to be skipped.

    Raises:
        InputError: A class or test source is unknown, frames are missing, or there are too few sources.
    """
    abnormal = abnormal_classes(classes, task.normal_classes)
    _check_frames(dataset, abnormal)
    gathered = dataset / ".gathered"
    warning = write_photos(photos, gathered / Group.PHOTO)
    _take_near(gathered)
    # The split is drawn before the long work, so that a mistake in params.yaml shows at once.
    splits = draw_split(_sources(abnormal, gathered, task), task.test_sources, seed)
    write_packaged_crops(gathered / Group.PACKAGED, task.packaged_crops, seed)
    _write_objects(gathered / Group.OBJECT, task.rendered_objects, seed)
    _copy_frames(abnormal, splits, dataset)
    for source in sorted(gathered.glob("*/*")):
        _place_pictures(source, splits[f"{source.parent.name}/{source.name}"], dataset)
    shutil.rmtree(gathered, ignore_errors=True)
    tested = {source for source, split in splits.items() if is_made(source) and split is Split.TEST}
    return [warning] * bool(warning) + write_made(dataset, tested, task, seed)


def abnormal_classes(classes: list[str], normal: list[str]) -> list[str]:
    """The classes that are not normal.

    Raises:
        InputError: A normal class is none of the classes.
    """
    for name in normal:
        if name not in classes:
            raise InputError(
                f"params.yaml: task.normal_classes names '{name}', which is not in data.classes; "
                f"{_suggestion(name, classes)}"
            )
    return [name for name in classes if name not in normal]


def draw_split(sources: Iterable[str], test_sources: list[str] | None, seed: int) -> dict[str, Split]:
    """Draw what each source is for: three in ten of a group's to test, two in ten to validate, the rest to train.

    A group of one or two is trained on; where no group is larger, all are drawn from as one. What is made of normal
    frames and what looks like them is trained on. A source's place in the draw depends on its name and the seed alone.

    Args:
        sources: ``<group>/<source>``.
        test_sources: these, with or without their group, are tested on, and only validation is drawn; None draws both.
        seed: of the draw.

    Returns:
        The split of each source, sorted by source.

    Raises:
        InputError: There are too few sources, or a test source is unknown or in two groups.
    """
    names = sorted(sources)
    drawn_from = [name for name in names if not _by_pictures(name)]
    _check_number(drawn_from)
    chosen = {_found(name, names) for name in test_sources or []}
    shares = {Split.TEST: _TEST_SHARE if test_sources is None else 0, Split.VALIDATION: _VALIDATION_SHARE}
    rest = sorted((name for name in drawn_from if name not in chosen), key=lambda name: _place(name, seed))
    if test_sources is not None and (not chosen or len(rest) < _FEWEST - 1):
        raise InputError(
            f"params.yaml: task.test_sources names {len(chosen)} of {len(names)} abnormal sources; name at least one "
            "and leave two, or write null to draw them"
        )
    groups = [[name for name in rest if name.startswith(f"{group}/")] for group in Group]
    large = [group for group in groups if len(group) >= _FEWEST] or [rest]
    drawn = {name: split for group in large for name, split in _drawn(group, shares).items()}
    return {name: Split.TEST if name in chosen else drawn.get(name, Split.TRAIN) for name in names}


def counts(dataset: Path) -> str:
    """How many pictures and sources each group has in each split, one line each."""
    lines = []
    for split in Split:
        for group in sorted(abnormal_folder(dataset, split).glob("*")):
            sources = [list(source.iterdir()) for source in group.iterdir()]
            lines.append(f"{split:<12}{group.name:<32}{sum(map(len, sources)):>6} of {len(sources)} sources")
    return "\n".join(lines)


def _check_frames(dataset: Path, classes: list[str]) -> None:
    for name in classes:
        for split in SPLITS:
            folder = frames_folder(dataset, split) / name
            if not any(folder.glob("*.jpg")):
                raise InputError(
                    f"the class '{name}' has no frame in the {split} set; annotate frames as '{name}', or take it out "
                    "of data.classes"
                )


def _check_number(sources: list[str]) -> None:
    if not sources:
        raise InputError(f"there is no abnormal picture to train the gate on; {_MORE}")
    if len(sources) < _FEWEST:
        raise InputError(
            f"the only abnormal sources are {' and '.join(sources)}, and training, validation and test need one each; "
            f"{_MORE}"
        )


def _sources(classes: list[str], gathered: Path, task: Task) -> list[str]:
    """Names of all sources, those of photos from the folders that hold some."""
    return [
        *(f"{Group.CLASS}/{name}" for name in classes),
        *(f"{Group.PHOTO}/{source.name}" for source in (gathered / Group.PHOTO).glob("*")),
        *(f"{Group.NEAR}/{source.name}" for source in (gathered / Group.NEAR).glob("*")),
        *(f"{Group.PACKAGED}/{photo.name}" for photo in PACKAGED if task.packaged_crops),
        *(f"{Group.OBJECT}/{kind}" for kind in Kind if task.rendered_objects),
        *sources_of(task),
    ]


def _by_pictures(source: str) -> bool:
    """Whether the pictures of a source are split, and not whole sources of its group."""
    return is_made(source) or is_near(source)


def _take_near(gathered: Path) -> None:
    """Make the sources below photos/near/ a group of their own."""
    for source in sorted((gathered / Group.PHOTO).glob(f"{Group.NEAR}*")):
        head, _, name = source.name.partition("-")
        if head == Group.NEAR:
            (gathered / Group.NEAR).mkdir(exist_ok=True)
            source.rename(gathered / Group.NEAR / (name or head))


def _place_pictures(source: Path, split: Split, dataset: Path) -> None:
    """Move a gathered source to its split; of what looks like the normals, one picture in five validates, one tests."""
    group = source.parent.name
    for number, picture in enumerate(sorted(source.iterdir())):
        place = _NEAR_TURNS[number % len(_NEAR_TURNS)] if group == Group.NEAR and split is Split.TRAIN else split
        target = abnormal_folder(dataset, place) / group / source.name
        target.mkdir(parents=True, exist_ok=True)
        picture.rename(target / picture.name)


def _write_objects(target: Path, count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    for number, (kind, pixels) in enumerate(foreign_objects(count, seed)):
        (target / kind).mkdir(parents=True, exist_ok=True)
        (target / kind / f"{number:05d}.jpg").write_bytes(jpeg(pixels, int(rng.integers(*_JPEG_QUALITIES))))


def _copy_frames(classes: list[str], splits: dict[str, Split], dataset: Path) -> None:
    """Copy the frames of the classes, as they are, to where their split wants them."""
    for name in classes:
        source = f"{Group.CLASS}/{name}"
        for taken, place in _FRAMES[splits[source]].items():
            target = abnormal_folder(dataset, place) / source
            frames = frames_folder(dataset, taken) / name
            shutil.copytree(frames, target, copy_function=shutil.copyfile, dirs_exist_ok=True)


def _found(name: str, sources: list[str]) -> str:
    """The source that is meant by a name with or without its group."""
    meant = [source for source in sources if name in (source, source.partition("/")[2])]
    if len(meant) > 1:
        raise InputError(f"params.yaml: task.test_sources names '{name}', which may be {' or '.join(meant)}; say which")
    if not meant:
        known = [*sources, *(source.partition("/")[2] for source in sources)]
        raise InputError(
            f"params.yaml: task.test_sources names '{name}', which is no abnormal source; {_suggestion(name, known)}"
        )
    return meant[0]


def _drawn(sources: list[str], shares: dict[Split, float]) -> dict[str, Split]:
    """Give each split its share, but at least one, of sources in the order of the draw."""
    sizes = {split: max(1, round(share * len(sources))) for split, share in shares.items() if share}
    splits = [split for split, size in sizes.items() for _ in range(size)]
    return dict(zip(sources, splits, strict=False))


def _place(source: str, seed: int) -> str:
    return hashlib.sha256(f"{seed} {source}".encode()).hexdigest()


def _suggestion(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    return f"did you mean '{near[0]}'?" if near else f"known are {', '.join(sorted(set(known)))}"
