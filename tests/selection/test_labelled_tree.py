from pathlib import Path

import pandas as pd
import pytest

from tinyinspect.errors import InputError
from tinyinspect.recordings.store import FrameStore
from tinyinspect.selection.labelled import read_labelled
from tinyinspect.selection.labelled_tree import (
    check_labels,
    how_to_annotate,
    picture_name,
    read_selection,
    write_labelled_tree,
)

CLASSES = ["good", "defective"]


@pytest.fixture
def selected(store: FrameStore) -> pd.DataFrame:
    frames = store.index.loc[[0, 5, 11, 13, 21]]
    return frames.assign(
        label=["good", "defective", "", "good", "defective"], split=["train", "train", "train", "test", "test"]
    )


def test_the_tree(store: FrameStore, selected: pd.DataFrame, tmp_path: Path) -> None:
    folder = tmp_path / "labeled"
    folder.mkdir()
    write_labelled_tree(store, selected, [*CLASSES, "no_mask"], folder)
    files = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    assert {name: path.read_bytes() for name, path in files.items() if name != "to_annotate.csv"} == {
        "train/good/day%2Fa.avi-000000.jpg": store.jpeg(0),
        "train/defective/day%2Fa.avi-000005.jpg": store.jpeg(5),
        "to_annotate/day%2Fa.avi-000011.jpg": store.jpeg(11),
        "test/good/b.avi-000001.jpg": store.jpeg(13),
        "test/defective/c.avi-000001.jpg": store.jpeg(21),
    }
    assert files["to_annotate.csv"].read_text() == "video,frame,label\nday/a.avi,11,\n"
    assert (folder / "train" / "no_mask").is_dir()
    assert read_labelled(folder / "train", CLASSES).labels.tolist() == [0, 1]


def test_names_stay_apart() -> None:
    names = {picture_name(recording, 3) for recording in ("a/b.avi", "a%2Fb.avi", "b.avi", "a_b.avi")}
    assert len(names) == 4


def test_the_longest_name_of_a_recording_still_gives_a_file_name(tmp_path: Path) -> None:
    names = {picture_name("ä" * 123 + end, 3) for end in ("1.avi", "2.avi")}
    for name in names:
        (tmp_path / name).touch()
    assert len(names) == 2


def test_the_selection_is_joined(store: FrameStore, tmp_path: Path) -> None:
    frames = store.index.assign(label="good", split="")
    path = tmp_path / "selection.csv"
    path.write_text("recording,frame,row,split\nday/a.avi,2,2,train\nb.avi,1,13,test\n")
    joined = read_selection(path, frames)
    assert joined.index.tolist() == [2, 13]
    assert joined["split"].tolist() == ["train", "test"]


@pytest.mark.parametrize(
    "content",
    [
        None,
        "recording,frame,row,split\nday/a.avi,3,2,train\n",
        "recording,frame,row,split\nday/a.avi,2,999,train\n",
        "recording,frame,row\nday/a.avi,2,2\n",
        "",
    ],
)
def test_a_selection_of_other_frames(store: FrameStore, tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "selection.csv"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InputError, match=r"selection\.csv is missing or was made from other frames"):
        read_selection(path, store.index.assign(label="", split=""))


def test_what_is_to_annotate_is_said(selected: pd.DataFrame) -> None:
    sentence = how_to_annotate(selected, CLASSES, Path("labeled"))
    assert sentence.startswith("1 of 5 selected frames have no label yet: copy labeled/to_annotate.csv to annotations/")
    assert how_to_annotate(selected[selected["label"] != ""], CLASSES, Path("labeled")) == ""


def test_every_class_needs_frames(selected: pd.DataFrame) -> None:
    check_labels(selected, CLASSES, Path("labeled"))
    with pytest.raises(InputError, match="the class 'no_mask' has no frame in the train set"):
        check_labels(selected, [*CLASSES, "no_mask"], Path("labeled"))
    with pytest.raises(InputError, match="the class 'defective' has no frame in the test set"):
        check_labels(selected.iloc[:-1], CLASSES, Path("labeled"))
    with pytest.raises(InputError, match=r"none of the selected frames is annotated; 5 of 5 .*to_annotate\.csv"):
        check_labels(selected.assign(label=""), CLASSES, Path("labeled"))
