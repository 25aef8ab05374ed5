from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tinyinspect.errors import InputError
from tinyinspect.selection.annotations import BAD_FRAME, annotated_frames, preselected_rows, read_annotations, rows_of

CLASSES = ["good", "defective"]
VIDEOS = Path("data/videos")


def index_of(**frames: list[int]) -> pd.DataFrame:
    rows = [(f"{name}.avi", number) for name, numbers in frames.items() for number in numbers]
    return pd.DataFrame(rows, columns=["recording", "frame"])


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


def test_several_files_are_one_table(tmp_path: Path) -> None:
    write(
        tmp_path,
        one="video,frame,label\na.avi,0,good\nday/b.avi,3,defective\n",
        two="label,frame,video,split,note\ngood,0,a.avi,train,again\ngood,5,./a.avi,,\n",
    )
    table = read_annotations(tmp_path, CLASSES)
    assert table[["recording", "frame", "label", "split"]].to_numpy().tolist() == [
        ["a.avi", 0, "good", "train"],
        ["day/b.avi", 3, "defective", ""],
        ["a.avi", 5, "good", ""],
    ]


def test_a_spreadsheets_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes('\ufeffvideo, frame, label\r\n"a, b.avi", 7, good\r\n\r\n'.encode())
    table = read_annotations(tmp_path, CLASSES)
    assert table[["recording", "frame", "label"]].to_numpy().tolist() == [["a, b.avi", 7, "good"]]


def test_an_empty_label_is_not_annotated_yet(tmp_path: Path) -> None:
    write(tmp_path, x="video,frame,label\na.avi,0,\na.avi,1,good\n")
    assert read_annotations(tmp_path, CLASSES)["frame"].tolist() == [1]


def test_no_file_is_an_empty_table(tmp_path: Path) -> None:
    frames, notes = annotated_frames(index_of(a=[0, 1]), read_annotations(tmp_path, CLASSES), VIDEOS)
    assert frames["label"].tolist() == ["", ""]
    assert notes == []


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("a.avi,0,god", "line 3: unknown label 'god'; did you mean 'good'?"),
        ("a.avi,x,good", "line 3: frame 'x' is no whole number"),
        ("a.avi,-1,good", "line 3: frame '-1' is no whole number"),
        ("a.avi,1.5,good", "line 3: frame '1.5' is no whole number"),
        ("a.avi,,good", "line 3: frame '' is no whole number"),
        ("a.avi,99999999999999999999,good", "line 3: frame '99999999999999999999' is no whole number"),
        ("../a.avi,0,good", "line 3: the video '../a.avi' is not under data/videos"),
        ("x/../../a.avi,0,good", "line 3: the video 'x/../../a.avi' is not under data/videos"),
        ("/etc/a.avi,0,good", "line 3: the video '/etc/a.avi' is not under data/videos"),
        ("C:\\a.avi,0,good", "line 3: the video 'C:\\a.avi' is not under data/videos"),
        (",0,good", "line 3: the video '' is not under data/videos"),
        ("a.avi,0,good,dev", "line 3: unknown split 'dev'; write train, test or nothing"),
        ("a.avi,0,good,train,more", "line 3: more fields than the header has"),
        ("a.avi,1,defective", "line 3: frame 1 of 'a.avi' has the label 'defective', but 'good' in"),
        ("a.avi,1,good,test", "line 3: frame 1 of 'a.avi' has the split 'test', but 'train' in"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: str, says: str) -> None:
    write(tmp_path, x=f"video,frame,label,split\na.avi,1,good,train\n{row}\n")
    with pytest.raises(InputError) as error:
        read_annotations(tmp_path, CLASSES)
    assert str(error.value).startswith(f"{tmp_path / 'x.csv'} {says}")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "line 1: no column 'video' (found: nothing)"),
        (b"video,frame,label\n", "holds no rows"),
        (b"video|frame|label\na.avi|0|good\n", "line 1: no column 'video' (found: video|frame|label)"),
        (b"\n\nvideo;frame;label;label\na.avi;0;good;good\n", "line 3: the column 'label' stands in it 2 times"),
        (b"PK\x03\x04\x14\x00", "is a spreadsheet (XLSX or ODS), whatever its name says; save it as CSV, UTF-8"),
        ("video,frame,label\n".encode("utf-16"), "is UTF-16 text; save it as CSV, UTF-8"),
        (b'video,frame,label\n"a.avi,0,good\n', "line 2: a quotation mark is opened and not closed"),
        (b"video,frame\na.avi,0\n", "line 1: no column 'label' (found: video, frame)"),
        (b"video,frame,label\n\xff\xfe.avi,0,good\n", "is no UTF-8 text"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    with pytest.raises(InputError) as error:
        read_annotations(tmp_path, CLASSES)
    assert str(error.value).startswith(f"{tmp_path / 'x.csv'} {says}")


def test_a_contradiction_names_both_files(tmp_path: Path) -> None:
    write(tmp_path, one="video,frame,label\na.avi,0,good\n", two="video,frame,label\na.avi,0,defective\n")
    with pytest.raises(InputError, match=r"two\.csv line 2.*'defective'.*'good' in .*one\.csv line 2"):
        read_annotations(tmp_path, CLASSES)


def test_annotations_stand_beside_their_frames(tmp_path: Path) -> None:
    write(tmp_path, x="video,frame,label,split\nb.avi,2,good,test\na.avi,1,defective,\n")
    frames, notes = annotated_frames(index_of(a=[0, 1], b=[1, 2]), read_annotations(tmp_path, CLASSES), VIDEOS)
    assert frames["label"].tolist() == ["", "defective", "", "good"]
    assert frames["split"].tolist() == ["", "", "", "test"]
    assert notes == []


def test_an_annotation_of_a_dropped_frame_is_left_out_and_counted(tmp_path: Path) -> None:
    write(tmp_path, x="video,frame,label\na.avi,1,good\na.avi,4,good\na.avi,9,good\n")
    frames, notes = annotated_frames(index_of(a=[0, 4, 8]), read_annotations(tmp_path, CLASSES), VIDEOS)
    assert frames["label"].tolist() == ["", "good", ""]
    assert notes == [f"left out as not extracted: 2 annotated frames (first {tmp_path / 'x.csv'} line 2)"]


def test_an_annotation_of_a_skipped_recording_is_left_out_and_counted(tmp_path: Path) -> None:
    write(tmp_path, x="video,frame,label\na.avi,0,good\nbroken.avi,4,good\n")
    (tmp_path / "broken.avi").write_bytes(b"no video")
    frames, notes = annotated_frames(index_of(a=[0]), read_annotations(tmp_path, CLASSES), tmp_path)
    assert frames["label"].tolist() == ["good"]
    assert notes == [f"left out as not extracted: 1 annotated frames (first {tmp_path / 'x.csv'} line 3)"]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("a.avi,3,good", "line 2: frame 3 of 'a.avi' is not there, its last is 2 (counting starts at 0)"),
        (
            "A.avi,0,good",
            "line 2: the video 'A.avi' is not under data/videos; put it there or correct the name: did you",
        ),
    ],
)
def test_a_frame_that_is_not_there_is_named(tmp_path: Path, row: str, says: str) -> None:
    write(tmp_path, x=f"video,frame,label\n{row}\n")
    with pytest.raises(InputError) as error:
        annotated_frames(index_of(a=[0, 1, 2], c=[0, 4, 8]), read_annotations(tmp_path, CLASSES), VIDEOS)
    assert str(error.value).startswith(f"{tmp_path / 'x.csv'} {says}")


def test_rows_of_an_empty_table(tmp_path: Path) -> None:
    assert rows_of(read_annotations(tmp_path, CLASSES), index_of(a=[0]), VIDEOS).shape == (0,)


def test_preselected_frames(tmp_path: Path) -> None:
    write(tmp_path, p="video,frame\nb.avi,1\na.avi,4\nb.avi,1\n", gone="video,frame\na.avi,2\n")
    index = index_of(a=[0, 4], b=[0, 1])
    assert preselected_rows(None, index, VIDEOS).tolist() == []
    assert preselected_rows(str(tmp_path / "p.csv"), index, VIDEOS).tolist() == [1, 3]
    with pytest.raises(InputError, match=r"gone\.csv line 2: frame 2 of 'a\.avi' was dropped by extract"):
        preselected_rows(str(tmp_path / "gone.csv"), index, VIDEOS)
    with pytest.raises(InputError, match=r"none\.csv is missing; correct select\.preselected"):
        preselected_rows(str(tmp_path / "none.csv"), index, VIDEOS)


def test_many_rows_find_their_places(tmp_path: Path) -> None:
    index = index_of(a=list(range(500)), b=list(range(0, 1500, 3)))
    chosen = index.sample(200, random_state=0)
    lines = "".join(f"{row.recording},{row.frame},good\n" for row in chosen.itertuples())
    write(tmp_path, x=f"video,frame,label\n{lines}")
    frames, _ = annotated_frames(index, read_annotations(tmp_path, CLASSES), VIDEOS)
    assert np.flatnonzero(frames["label"] == "good").tolist() == sorted(chosen.index)


def test_bad_frame_has_no_label_and_keeps_out_of_the_split(tmp_path, store):
    write(tmp_path, x="video,frame,label,split\nb.avi,2,!bad,test\nc.avi,1,good,\n")
    table = read_annotations(tmp_path, ["good"])
    frames, notes = annotated_frames(store.index, table, tmp_path)
    bad = frames[(frames["recording"] == "b.avi") & (frames["frame"] == 2)].iloc[0]
    assert (bad["label"], bad["split"], notes) == ("", BAD_FRAME, [])
    assert (frames["label"] == "good").sum() == 1
