import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tinyinspect.config.loading import check
from tinyinspect.config.params import Params
from tinyinspect.errors import InputError
from tinyinspect.project.compose import composed
from tinyinspect.selection.labelled import frames_folder
from tinyinspect.tasks.gate.dataset import summary
from tinyinspect.tasks.gate.dataset.abnormals import (
    Split,
    abnormal_classes,
    counts,
    draw_split,
    write_abnormals,
)
from tinyinspect.tasks.gate.pictures import abnormal_folder
from tinyinspect.tasks.gate.settings import Task

ROOT = Path(__file__).parents[3]
SOURCES = [f"photo/p{number}" for number in range(10)] + [f"object/o{number}" for number in range(4)] + ["class/blank"]


def write_pictures(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(len(list(folder.parent.rglob("*"))))
    for name in names:
        Image.fromarray(rng.integers(0, 255, (12, 16, 3)).astype(np.uint8)).save(folder / name)


CLASSES = ["good", "defective", "no_mask"]


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """A dataset with labelled frames alone."""
    return labelled_frames(tmp_path / "dataset")


def labelled_frames(dataset: Path) -> Path:
    for split, count in (("train", 3), ("validation", 1), ("test", 2)):
        for name in CLASSES:
            write_pictures(frames_folder(dataset, split) / name, *(f"{split}{frame}.jpg" for frame in range(count)))
    return dataset


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for name in ("cup", "hat", "shoe"):
        write_pictures(tmp_path / "photos" / name, "1.png", "2.png")
    return tmp_path / "photos"


def task(**changes: object) -> Task:
    few = {
        "normal_classes": ["good", "defective"],
        "packaged_crops": 0,
        "rendered_objects": 0,
        "camera_faults": 0,
        "hard_negatives": 0,
        "test_sources": None,
    }
    content = composed(ROOT / "conf", ["task=gate"])
    return check(content | {"task": content["task"] | few | changes}, "conf/", Params).task


def written(dataset: Path, photos: Path, seed: int = 0, **changes: object) -> Path:
    assert write_abnormals(dataset, photos, CLASSES, task(**changes), seed) == []
    assert {path.name for path in dataset.iterdir()} <= set(Split)  # what was gathered is gone
    return dataset


def test_each_group_gives_three_and_two_in_ten():
    split = draw_split(SOURCES, None, seed=0)
    assert list(split) == sorted(SOURCES)
    numbers = Counter((source.partition("/")[0], place) for source, place in split.items())
    assert [numbers["photo", place] for place in (Split.TEST, Split.VALIDATION, Split.TRAIN)] == [3, 2, 5]
    assert [numbers["object", place] for place in (Split.TEST, Split.VALIDATION, Split.TRAIN)] == [1, 1, 2]
    assert numbers["class", Split.TRAIN] == 1


@pytest.mark.parametrize("count", range(3, 30))
def test_every_split_has_a_source(count: int):
    split = draw_split([f"photo/{number}" for number in range(count)], None, seed=count)
    assert set(split.values()) == {Split.TRAIN, Split.VALIDATION, Split.TEST}


def test_the_draw_depends_on_seed_and_names_alone():
    first = draw_split(SOURCES, None, seed=0)
    assert draw_split(reversed(SOURCES), None, seed=0) == first
    assert any(draw_split(SOURCES, None, seed) != first for seed in (1, 2))
    more = draw_split([*SOURCES, "packaged/a", "packaged/b", "packaged/c"], None, seed=0)
    assert {name: more[name] for name in SOURCES} == first


def test_small_groups_are_drawn_from_as_one():
    split = draw_split(["class/blank", "photo/a", "photo/b", "object/c"], None, seed=0)
    assert sorted(split.values()) == sorted([Split.TEST, Split.VALIDATION, Split.TRAIN, Split.TRAIN])


@pytest.mark.parametrize("names", [["photo/p3", "object/o1"], ["p3", "o1"], ["p3", "photo/p3", "o1"]])
def test_named_sources_are_tested_on(names: list[str]):
    split = draw_split(SOURCES, names, seed=0)
    assert {source for source, place in split.items() if place is Split.TEST} == {"photo/p3", "object/o1"}
    assert sum(place is Split.VALIDATION for place in split.values()) == 2 + 1  # of nine photos and three objects
    assert split["class/blank"] is Split.TRAIN


def test_validation_is_drawn_from_small_groups_too():
    split = draw_split(["class/blank", "photo/a", "object/b"], ["blank"], seed=0)
    assert split["class/blank"] is Split.TEST
    assert sorted([split["photo/a"], split["object/b"]]) == [Split.TRAIN, Split.VALIDATION]


@pytest.mark.parametrize(
    ("sources", "names", "sentence"),
    [
        (
            [],
            None,
            "there is no abnormal picture to train the gate on; put pictures into photos/, raise task.packaged_crops "
            "or task.rendered_objects, or take a class out of task.normal_classes",
        ),
        (
            ["photo/a", "class/b"],
            None,
            "the only abnormal sources are class/b and photo/a, and training, validation and test need one each; put "
            "pictures into photos/, raise task.packaged_crops or task.rendered_objects, or take a class out of "
            "task.normal_classes",
        ),
        (
            SOURCES,
            ["object/o9"],
            "params.yaml: task.test_sources names 'object/o9', which is no abnormal source; did you mean 'object/o3'?",
        ),
        (
            ["photo/a", "photo/b", "object/a"],
            ["zzz"],
            "params.yaml: task.test_sources names 'zzz', which is no abnormal source; known are a, b, object/a, "
            "photo/a, photo/b",
        ),
        (
            ["photo/a", "photo/b", "object/a"],
            ["a"],
            "params.yaml: task.test_sources names 'a', which may be object/a or photo/a; say which",
        ),
        (
            ["photo/a", "photo/b", "object/c"],
            ["a", "b"],
            "params.yaml: task.test_sources names 2 of 3 abnormal sources; name at least one and leave two, or write "
            "null to draw them",
        ),
        (
            ["photo/a", "photo/b", "object/c"],
            [],
            "params.yaml: task.test_sources names 0 of 3 abnormal sources; name at least one and leave two, or write "
            "null to draw them",
        ),
    ],
)
def test_sources_that_cannot_be_split(sources: list[str], names: list[str] | None, sentence: str):
    with pytest.raises(InputError) as error:
        draw_split(sources, names, seed=0)
    assert str(error.value) == sentence


def test_an_unknown_normal_class():
    with pytest.raises(InputError) as error:
        abnormal_classes(["good", "no_mask"], ["godd"])
    assert str(error.value) == (
        "params.yaml: task.normal_classes names 'godd', which is not in data.classes; did you mean 'good'?"
    )


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def abnormals(dataset: Path, split: str) -> Path:
    return abnormal_folder(dataset, split)


def test_a_tree_of_disjoint_sources(labelled: Path, photos: Path):
    written(labelled, photos, packaged_crops=1, rendered_objects=1)
    assert {path.parent.name for path in labelled.glob("*/abnormal")} == set(Split)
    places = [(split, *path.parts[-2:]) for split in Split for path in abnormals(labelled, split).glob("*/*")]
    assert Counter(group for _, group, _ in places) == {"photo": 3, "packaged": 8, "object": 12, "class": 2}
    learned = [(group, source) for split, group, source in places if split != Split.SEEN]
    assert len(set(learned)) == len(learned)


def test_the_labelled_frames_stay_as_they_are(labelled: Path, photos: Path):
    before = {name: content for name, content in files(labelled).items() if "/frames/" in name}
    written(labelled, photos, rendered_objects=1)
    assert {name: content for name, content in files(labelled).items() if "/frames/" in name} == before


def frames(dataset: Path, *splits: str) -> dict[str, bytes]:
    """Labelled frames of the abnormal class."""
    return {name: jpeg for split in splits for name, jpeg in files(frames_folder(dataset, split) / "no_mask").items()}


def test_frames_of_a_class_that_is_trained_on(labelled: Path, photos: Path):
    written(labelled, photos)
    assert files(abnormals(labelled, "train") / "class/no_mask") == frames(labelled, "train", "validation")
    assert files(abnormals(labelled, "seen") / "class/no_mask") == frames(labelled, "test")


def test_frames_of_a_class_that_is_tested_on(labelled: Path, photos: Path):
    written(labelled, photos, test_sources=["no_mask"])
    found = {f"class/no_mask/{name}": jpeg for name, jpeg in frames(labelled, "test").items()}
    assert files(abnormals(labelled, "test")) == found
    assert not list(labelled.glob("*/abnormal/class/*/train*")) and not list(labelled.glob("*/abnormal/class/*/val*"))
    assert not abnormals(labelled, "seen").exists()


def test_frames_of_a_class_that_validates(tmp_path: Path, labelled: Path):
    # Three small groups are drawn from as one, so some seed lets the class validate.
    write_pictures(tmp_path / "photos" / "cup", "1.png")
    write_pictures(tmp_path / "photos" / "hat", "1.png")
    names = ["class/no_mask", "photo/cup", "photo/hat"]
    seed = next(seed for seed in range(99) if draw_split(names, None, seed)["class/no_mask"] is Split.VALIDATION)
    written(labelled, tmp_path / "photos", seed)
    place = abnormals(labelled, "validation") / "class" / "no_mask"
    assert files(place) == frames(labelled, "train", "validation")
    assert len(list(labelled.glob("*/abnormal/class/*"))) == 1


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path, labelled: Path, photos: Path):
    shutil.copytree(labelled, tmp_path / "again")
    first, again = (
        files(written(dataset, photos, packaged_crops=2, rendered_objects=1))
        for dataset in (labelled, tmp_path / "again")
    )
    assert first == again


@pytest.mark.parametrize("split", ["train", "test"])
def test_frames_that_are_missing(labelled: Path, photos: Path, split: str):
    for path in (frames_folder(labelled, split) / "no_mask").iterdir():
        path.unlink()
    with pytest.raises(InputError) as error:
        write_abnormals(labelled, photos, CLASSES, task(), 0)
    assert str(error.value) == (
        f"the class 'no_mask' has no frame in the {split} set; annotate frames as 'no_mask', or take it out of "
        "data.classes"
    )


def test_skipped_photos_are_reported(labelled: Path, photos: Path):
    (photos / "cup" / "3.png").write_text("no picture")
    (warning,) = write_abnormals(labelled, photos, CLASSES, task(), 0)
    assert warning.startswith(f"{photos}: skipped 1 of 7 photos, first {photos}/cup/3.png (no picture")


def test_without_photos_the_rest_is_written(tmp_path: Path, labelled: Path):
    written(labelled, tmp_path / "none", rendered_objects=1)
    assert {path.name for path in labelled.glob("*/abnormal/*")} == {"class", "object"}


def test_counts_are_a_table(tmp_path: Path):
    write_pictures(abnormals(tmp_path, "train") / "photo" / "hat", "1.jpg", "2.jpg")
    write_pictures(abnormals(tmp_path, "train") / "photo" / "cup", "1.jpg")
    write_pictures(abnormals(tmp_path, "seen") / "class" / "no_mask", "1.jpg")
    assert [line.split() for line in counts(tmp_path).splitlines()] == [
        ["train", "photo", "3", "of", "2", "sources"],
        ["seen", "class", "1", "of", "1", "sources"],
    ]


def test_the_summary_counts_normal_frames_and_abnormal_pictures(labelled: Path, photos: Path):
    written(labelled, photos)
    lines = [line.split() for line in summary(labelled, classes=CLASSES, task=task()).splitlines()]
    assert lines[:6] == [
        [split, name, count, "normal"]
        for split, count in (("train", "3"), ("validation", "1"), ("test", "2"))
        for name in ("good", "defective")
    ]
    assert lines[6:] == [line.split() for line in counts(labelled).splitlines()]


def test_what_looks_like_the_normals_is_split_by_pictures(labelled, photos):
    (photos / "near" / "weeds").mkdir(parents=True)
    for number in range(10):
        Image.new("RGB", (16, 12), (25 * number, 90, 30)).save(photos / "near" / "weeds" / f"{number}.png")
    written(labelled, photos)
    counts_of = {split: len(list((abnormal_folder(labelled, split) / "near/weeds").glob("*"))) for split in Split}
    assert counts_of == {Split.TRAIN: 6, Split.VALIDATION: 2, Split.SEEN: 2, Split.TEST: 0}
