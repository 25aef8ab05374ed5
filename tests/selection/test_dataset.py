from pathlib import Path

import pandas as pd
import pytest

from tinyinspect.errors import InputError
from tinyinspect.recordings.store import FrameStore
from tinyinspect.selection.dataset import (
    check_labels,
    hold_out,
    how_to_annotate,
    picture_name,
    read_selection,
    read_unlabelled,
    write_dataset,
    write_to_annotate,
    write_unlabelled,
)
from tinyinspect.selection.labelled import frames_folder, read_labelled

CLASSES = ["good", "defective"]


@pytest.fixture
def selected(store: FrameStore) -> pd.DataFrame:
    frames = store.index.loc[[0, 5, 11, 13, 21]]
    return frames.assign(
        label=["good", "defective", "", "good", "defective"],
        split=["train", "train", "train", "test", "test"],
        reason=["", "a, and b", "typical of 7 similar frames", "a random test frame", ""],
    )


def test_the_tree(store: FrameStore, selected: pd.DataFrame, tmp_path: Path) -> None:
    folder = tmp_path / "dataset"
    folder.mkdir()
    write_dataset(store, selected, [*CLASSES, "no_mask"], folder)
    assert files(folder) == {
        "train/frames/good/day%2Fa.avi-000000.jpg": store.jpeg(0),
        "train/frames/defective/day%2Fa.avi-000005.jpg": store.jpeg(5),
        "test/frames/good/b.avi-000001.jpg": store.jpeg(13),
        "test/frames/defective/c.avi-000001.jpg": store.jpeg(21),
    }
    assert all((folder / split / "frames" / "no_mask").is_dir() for split in ("train", "validation", "test"))
    assert read_labelled(frames_folder(folder, "train"), CLASSES).labels.tolist() == [0, 1]


def test_unlabelled_frames_are_read_evenly_and_written(store: FrameStore, tmp_path: Path) -> None:
    path, rows = tmp_path / "unlabelled.csv", [2, 6, 13]
    listed = store.index.loc[rows, ["recording", "frame"]].assign(row=rows)
    listed.to_csv(path, index=False)
    assert read_unlabelled(path, store.index, 500) == rows and read_unlabelled(path, store.index, 2) == [2, 13]
    (tmp_path / "dataset").mkdir()
    write_unlabelled(store, [2, 13], tmp_path / "dataset")
    assert files(tmp_path / "dataset") == {
        "unlabelled/day%2Fa.avi-000002.jpg": store.jpeg(2),
        "unlabelled/b.avi-000001.jpg": store.jpeg(13),
    }
    listed.iloc[:0].to_csv(path, index=False)
    assert read_unlabelled(path, store.index, 500) == []
    listed.assign(frame=99).to_csv(path, index=False)
    with pytest.raises(InputError, match=r"unlabelled.csv is missing or was made from other frames; run `dvc repro"):
        read_unlabelled(path, store.index, 500)


def test_what_has_no_label_is_listed_with_its_pictures(
    store: FrameStore, selected: pd.DataFrame, tmp_path: Path
) -> None:
    folder = tmp_path / "to_annotate"
    folder.mkdir()
    write_to_annotate(store, selected.assign(label=["good", "", "", "", "defective"]), folder)
    found = files(folder)
    assert found.pop("to_annotate.csv").decode().splitlines() == [
        "video,frame,label,reason",
        "b.avi,1,,a random test frame",
        'day/a.avi,5,,"a, and b"',
        "day/a.avi,11,,typical of 7 similar frames",
    ]
    assert found == {
        "day%2Fa.avi-000005.jpg": store.jpeg(5),
        "day%2Fa.avi-000011.jpg": store.jpeg(11),
        "b.avi-000001.jpg": store.jpeg(13),
    }


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_part_of_each_class_is_held_out_of_training(store: FrameStore) -> None:
    frames = store.index.assign(label=["good", "defective"] * 13, split=["train"] * 20 + ["test"] * 6)
    frames.loc[[0, 25], "label"] = ""
    held = hold_out(frames, CLASSES, 0.2, seed=0)
    counts = held[held["label"] != ""].groupby(["label", "split"]).size()
    assert counts.to_dict() == {
        ("good", "train"): 7, ("good", "validation"): 2, ("good", "test"): 3,
        ("defective", "train"): 8, ("defective", "validation"): 2, ("defective", "test"): 2,
    }  # fmt: skip
    assert held.at[0, "split"] == "train"  # without a label
    assert (held["split"] == "test").tolist() == (frames["split"] == "test").tolist()
    assert hold_out(frames, CLASSES, 0.2, seed=0).equals(held)
    assert not hold_out(frames, CLASSES, 0.2, seed=1).equals(held)


def test_what_is_held_out_does_not_depend_on_the_order_of_the_selection(store: FrameStore) -> None:
    frames = store.index.assign(label=["good", "defective"] * 13, split="train")
    held = hold_out(frames, CLASSES, 0.2, seed=0)
    turned = hold_out(frames.iloc[::-1], CLASSES, 0.2, seed=0)
    assert turned["split"].sort_index().equals(held["split"])


def test_the_only_frame_of_a_class_is_trained_on(selected: pd.DataFrame) -> None:
    assert hold_out(selected, CLASSES, 0.5, seed=0)["split"].tolist() == selected["split"].tolist()


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
    path.write_text("recording,frame,row,split,reason\nday/a.avi,2,2,train,drawn at random\nb.avi,1,13,test,\n")
    joined = read_selection(path, frames)
    assert joined.index.tolist() == [2, 13]
    assert joined["split"].tolist() == ["train", "test"]
    assert joined["reason"].tolist() == ["drawn at random", ""]


@pytest.mark.parametrize(
    "content",
    [
        None,
        "recording,frame,row,split,reason\nday/a.avi,3,2,train,\n",
        "recording,frame,row,split,reason\nday/a.avi,2,999,train,\n",
        "recording,frame,row,split\nday/a.avi,2,2,train\n",
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
    sentence = how_to_annotate(selected, CLASSES, Path("to_annotate"))
    assert sentence.startswith("1 of 5 selected frames have no label yet: run `tinyinspect label` to label them in the")
    assert "or write good or defective into the label column of to_annotate/to_annotate.csv" in sentence
    assert how_to_annotate(selected[selected["label"] != ""], CLASSES, Path("to_annotate")) == ""


def test_every_class_needs_frames(selected: pd.DataFrame) -> None:
    check_labels(selected, CLASSES, Path("to_annotate"))
    with pytest.raises(InputError, match="the class 'no_mask' has no frame in the train set"):
        check_labels(selected, [*CLASSES, "no_mask"], Path("to_annotate"))
    with pytest.raises(InputError, match="the class 'defective' has no frame in the test set"):
        check_labels(selected.iloc[:-1], CLASSES, Path("to_annotate"))
    with pytest.raises(InputError, match=r"none of the selected frames is annotated; 5 of 5 .*to_annotate\.csv"):
        check_labels(selected.assign(label=""), CLASSES, Path("to_annotate"))
