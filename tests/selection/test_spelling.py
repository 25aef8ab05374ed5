import unicodedata
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.selection.test_annotations import index_of, write
from tinyinspect.errors import InputError
from tinyinspect.selection.annotations import annotated_frames, collect_annotations, read_annotations
from tinyinspect.selection.spelling import RecordingNames, label_of

VIDEOS = Path("data/videos")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("line1/B.avi", "line1/B.avi"),
        ("B.avi", "line1/B.avi"),
        ("line1\\B.avi", "line1/B.avi"),
        (" ./line1/B.avi ", "line1/B.avi"),
        (unicodedata.normalize("NFD", "Übung.avi"), "Übung.avi"),
        ("a:b.avi", "a:b.avi"),
        (" blank.avi", " blank.avi"),
        ("same.avi", None),
        ("line1/C.avi", None),
        ("", None),
    ],
)
def test_a_recording_by_what_people_write(written: str, meant: str | None) -> None:
    names = RecordingNames(["line1/B.avi", "x/same.avi", "y/same.avi", "Übung.avi", "a:b.avi", " blank.avi"])
    assert names.find(written) == meant


def test_a_name_that_may_be_several_is_told_with_them() -> None:
    names = RecordingNames(["x/same.avi", "y/same.avi"])
    assert names.hint("same.avi") == "it may be 'x/same.avi' or 'y/same.avi'"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, unique=True))
def test_every_recording_is_found_by_its_own_name(names: list[str]) -> None:
    assert [RecordingNames(names).find(name) for name in names] == names


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("no  Mask ", "no mask"),
        ("TRUE", "true"),
        ("1", "1"),
        ("OK", "OK"),
        ("ok", "ok"),
        ("oK", None),
        ("!BAD", "!bad"),
    ],
)
def test_a_label_that_differs_in_case_or_blanks_alone(written: str, label: str | None) -> None:
    assert label_of(written, ["no mask", "true", "1", "ok", "OK", "!bad"]) == label


def test_what_was_taken_is_told(tmp_path: Path) -> None:
    write(tmp_path, x="video,frame,label,split\na.avi,0,Good,Train\na.avi,1, GOOD,\na.avi,2,schön,\n")
    found = collect_annotations(tmp_path, ["good", unicodedata.normalize("NFD", "schön")])
    assert found.table["label"].tolist() == ["good", "good", unicodedata.normalize("NFD", "schön")]
    assert found.table["split"].tolist() == ["train", "", ""]
    assert found.notes[0] == "annotations: the label 'Good' (1 rows) is taken as 'good'"


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    write(
        tmp_path,
        one='video,frame,label\na.avi,x,good\na.avi,1,god\na.avi,2,god\n"a.avi,3,good\n../a.avi,4,good\n',
        two="video,frame\na.avi,0\n",
        three="video;frame;label\na.avi;5;good\na.avi;5;defective\n",
    )
    with pytest.raises(InputError) as error:
        read_annotations(tmp_path, ["good", "defective"])
    lines = str(error.value).splitlines()
    assert lines[0] == "annotations: 6 faults"
    told = "\n".join(lines[1:])
    for place in (
        "one.csv line 2: frame 'x'",
        "one.csv line 3: unknown label 'god'",
        "one.csv line 5: a quotation mark",
    ):
        assert place in told
    for place in ("one.csv line 6: the video '../a.avi'", "two.csv line 1: no column", "three.csv line 3: frame 5"):
        assert place in told
    assert "(1 more rows have it)" in told


def test_two_spellings_of_one_frame_are_one_frame(tmp_path: Path) -> None:
    index = pd.DataFrame({"recording": ["day/a.avi"] * 2, "frame": [0, 1]})
    write(tmp_path, x="video,frame,label\na.avi,0,good\nday/a.avi,0,good\na.avi,1,defective\n")
    frames, _ = annotated_frames(index, read_annotations(tmp_path, ["good", "defective"]), VIDEOS)
    assert frames["label"].tolist() == ["good", "defective"]
    write(tmp_path, y="video,frame,label\nday/a.avi,1,good\n")
    with pytest.raises(
        InputError, match=r"y\.csv line 2: frame 1 of 'day/a\.avi' has the label 'good', but 'defective'"
    ):
        annotated_frames(index, read_annotations(tmp_path, ["good", "defective"]), VIDEOS)


def test_all_unknown_recordings_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, x="video,frame,label\nb.avi,0,good\nc.avi,0,good\nC:\\b.avi,1,good\n")
    with pytest.raises(InputError) as error:
        read_annotations(tmp_path, ["good"])
    assert "line 4: the video 'C:\\b.avi' is not under data/videos" in str(error.value)
    write(tmp_path, x="video,frame,label\nb.avi,0,good\nc.avi,0,good\nB:x.avi,1,good\n")
    with pytest.raises(InputError) as error:
        annotated_frames(index_of(a=[0, 1, 2]), read_annotations(tmp_path, ["good"]), VIDEOS)
    assert [f"line {line}:" in str(error.value) for line in (2, 3, 4)] == [True] * 3
