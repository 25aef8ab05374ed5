from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from tinyinspect.config.loading import check
from tinyinspect.config.params import Params
from tinyinspect.errors import InputError
from tinyinspect.selection.abnormals import (
    Split,
    abnormal_classes,
    counts,
    draw_split,
    read_abnormals,
    write_abnormals,
)

ROOT = Path(__file__).parents[2]
SOURCES = [f"photo/p{number}" for number in range(10)] + [f"object/o{number}" for number in range(4)] + ["class/blank"]


def write_pictures(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(len(list(folder.parent.rglob("*"))))
    for name in names:
        Image.fromarray(rng.integers(0, 255, (12, 16, 3)).astype(np.uint8)).save(folder / name)


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    for split, count in (("train", 3), ("test", 2)):
        for name in ("good", "defective", "no_mask"):
            write_pictures(tmp_path / "labeled" / split / name, *(f"{split}{frame}.jpg" for frame in range(count)))
    return tmp_path / "labeled"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for name in ("cup", "hat", "shoe"):
        write_pictures(tmp_path / "photos" / name, "1.png", "2.png")
    return tmp_path / "photos"


def params(**gate: object) -> Params:
    content = yaml.safe_load((ROOT / "params.yaml").read_text())
    content["data"]["classes"] = ["good", "defective", "no_mask"]
    content["gate"] = {
        "normal_classes": ["good", "defective"],
        "packaged_crops": 0,
        "rendered_objects": 0,
        "test_sources": None,
        "false_accept_rate": 0.01,
        **gate,
    }
    return check(content, "params.yaml", Params)


def written(folder: Path, labelled: Path, photos: Path, **gate: object) -> Path:
    folder.mkdir()
    assert write_abnormals(folder, labelled, photos, params(**gate)) == ""
    return folder


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
            "there is no abnormal picture to train the gate on; put pictures into photos/, raise gate.packaged_crops "
            "or gate.rendered_objects, or take a class out of gate.normal_classes",
        ),
        (
            ["photo/a", "class/b"],
            None,
            "the only abnormal sources are class/b and photo/a, and training, validation and test need one each; put "
            "pictures into photos/, raise gate.packaged_crops or gate.rendered_objects, or take a class out of "
            "gate.normal_classes",
        ),
        (
            SOURCES,
            ["object/o9"],
            "params.yaml: gate.test_sources names 'object/o9', which is no abnormal source; did you mean 'object/o3'?",
        ),
        (
            ["photo/a", "photo/b", "object/a"],
            ["zzz"],
            "params.yaml: gate.test_sources names 'zzz', which is no abnormal source; known are a, b, object/a, "
            "photo/a, photo/b",
        ),
        (
            ["photo/a", "photo/b", "object/a"],
            ["a"],
            "params.yaml: gate.test_sources names 'a', which may be object/a or photo/a; say which",
        ),
        (
            ["photo/a", "photo/b", "object/c"],
            ["a", "b"],
            "params.yaml: gate.test_sources names 2 of 3 abnormal sources; name at least one and leave two, or write "
            "null to draw them",
        ),
        (
            ["photo/a", "photo/b", "object/c"],
            [],
            "params.yaml: gate.test_sources names 0 of 3 abnormal sources; name at least one and leave two, or write "
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
        "params.yaml: gate.normal_classes names 'godd', which is not in data.classes; did you mean 'good'?"
    )


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_tree_of_disjoint_sources(tmp_path: Path, labelled: Path, photos: Path):
    tree = written(tmp_path / "out", labelled, photos, packaged_crops=1, rendered_objects=1)
    assert {path.name for path in tree.iterdir()} == set(Split)
    places = [path.relative_to(tree).parts for path in tree.glob("*/*/*")]
    assert Counter(group for _, group, _ in places) == {"photo": 3, "packaged": 8, "object": 12, "class": 2}
    learned = [(group, source) for split, group, source in places if split != Split.SEEN]
    assert len(set(learned)) == len(learned)


def test_frames_of_a_class_that_is_trained_on(tmp_path: Path, labelled: Path, photos: Path):
    tree = written(tmp_path / "out", labelled, photos)
    assert files(tree / "train/class/no_mask") == files(labelled / "train/no_mask")
    assert files(tree / "seen/class/no_mask") == files(labelled / "test/no_mask")


def test_frames_of_a_class_that_is_tested_on(tmp_path: Path, labelled: Path, photos: Path):
    tree = written(tmp_path / "out", labelled, photos, test_sources=["no_mask"])
    assert files(tree / "test") == {f"class/{name}": jpeg for name, jpeg in named(labelled / "test").items()}
    assert not list(tree.glob("*/class/*/train*"))
    assert not (tree / "seen").exists()


def test_frames_of_a_class_that_validates(tmp_path: Path, labelled: Path):
    # Three small groups are drawn from as one, so some seed lets the class validate.
    write_pictures(tmp_path / "photos" / "cup", "1.png")
    write_pictures(tmp_path / "photos" / "hat", "1.png")
    names = ["class/no_mask", "photo/cup", "photo/hat"]
    seed = next(seed for seed in range(99) if draw_split(names, None, seed)["class/no_mask"] is Split.VALIDATION)
    (tmp_path / "out").mkdir()
    write_abnormals(tmp_path / "out", labelled, tmp_path / "photos", params().model_copy(update={"seed": seed}))
    place = tmp_path / "out" / "validation" / "class" / "no_mask"
    assert files(place) == files(labelled / "train/no_mask")
    assert len(list((tmp_path / "out").glob("*/class/*"))) == 1


def named(folder: Path) -> dict[str, bytes]:
    return {name: jpeg for name, jpeg in files(folder).items() if name.startswith("no_mask/")}


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path, labelled: Path, photos: Path):
    first, again = (
        files(written(tmp_path / name, labelled, photos, packaged_crops=2, rendered_objects=1)) for name in ("a", "b")
    )
    assert first == again


def test_frames_that_are_missing(tmp_path: Path, labelled: Path, photos: Path):
    for path in (labelled / "test/no_mask").iterdir():
        path.unlink()
    with pytest.raises(InputError) as error:
        write_abnormals(tmp_path / "out", labelled, photos, params())
    assert str(error.value) == (
        f"{labelled}/test/no_mask is missing or empty; run the stage `label`, annotate frames as 'no_mask', or take "
        "it out of data.classes"
    )


def test_skipped_photos_are_reported(tmp_path: Path, labelled: Path, photos: Path):
    (photos / "cup" / "3.png").write_text("no picture")
    (tmp_path / "out").mkdir()
    warning = write_abnormals(tmp_path / "out", labelled, photos, params())
    assert warning.startswith(f"{photos}: skipped 1 of 7 photos, first {photos}/cup/3.png (no picture")


def test_reading_gives_labels_by_source(tmp_path: Path):
    write_pictures(tmp_path / "photo" / "hat", "1.jpg", "2.jpg")
    write_pictures(tmp_path / "object" / "key", "1.jpg")
    write_pictures(tmp_path / "photo" / "cup", "9.jpg")
    pictures, names = read_abnormals(tmp_path)
    assert names == ["object/key", "photo/cup", "photo/hat"]
    assert (pictures.labels.tolist(), pictures.labels.dtype) == ([0, 1, 2, 2], np.int64)
    assert pictures.names == ["1.jpg", "9.jpg", "1.jpg", "2.jpg"]
    assert {picture.shape for picture in pictures.pictures} == {(12, 16, 3)}


def test_reading_what_is_not_there(tmp_path: Path):
    for folder in (tmp_path, tmp_path / "test"):
        with pytest.raises(InputError) as error:
            read_abnormals(folder)
        assert str(error.value) == f"{folder} is missing or empty; run `dvc repro abnormals`"


def test_reading_a_broken_picture(tmp_path: Path):
    (tmp_path / "photo" / "hat").mkdir(parents=True)
    (tmp_path / "photo" / "hat" / "1.jpg").write_text("no picture")
    with pytest.raises(InputError, match=r"1\.jpg is no readable picture .*; run the stage `abnormals` again"):
        read_abnormals(tmp_path)


def test_counts_are_a_table(tmp_path: Path):
    write_pictures(tmp_path / "train" / "photo" / "hat", "1.jpg", "2.jpg")
    write_pictures(tmp_path / "seen" / "class" / "no_mask", "1.jpg")
    assert [line.split() for line in counts(tmp_path).splitlines()] == [
        ["train", "photo/hat", "2"],
        ["seen", "class/no_mask", "1"],
    ]
