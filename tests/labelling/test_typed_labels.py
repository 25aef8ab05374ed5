from pathlib import Path

import pytest

from tinyinspect.errors import InputError
from tinyinspect.labelling.typed_labels import keep_typed_labels


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "to_annotate.csv"
    path.write_text("video,frame,label\na.avi,3,good\na.avi,7,\nday/b.avi,0, bad \n")
    return path


def rows(path: Path) -> list[str]:
    """The rows of a file by video, frame and label alone."""
    return [",".join(line.split(",")[:3]) for line in path.read_text().splitlines()]


def test_labels_are_moved_into_a_new_file(listed: Path, tmp_path: Path) -> None:
    assert keep_typed_labels(listed, tmp_path / "annotations") == 2
    assert rows(tmp_path / "annotations" / "labels.csv") == ["video,frame,label", "a.avi,3,good", "day/b.avi,0,bad"]


def test_labels_join_those_that_are_there(listed: Path, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("video,frame,label,split,note\na.avi,3,,train,x\nz.avi,1,good,test,y\n")
    assert keep_typed_labels(listed, tmp_path) == 2
    text = path.read_text()
    assert "a.avi,3,good,train,x" in text and "z.avi,1,good,test,y" in text  # the rest of a row stays
    assert len(text.splitlines()) == 4 and any(line.startswith("day/b.avi,0,bad") for line in text.splitlines())


def test_twice_is_as_once(listed: Path, tmp_path: Path) -> None:
    keep_typed_labels(listed, tmp_path)
    before = rows(tmp_path / "labels.csv")
    keep_typed_labels(listed, tmp_path)
    assert rows(tmp_path / "labels.csv") == before


@pytest.mark.parametrize("content", [None, "video,frame,label\n", "video,frame,label\na.avi,3,\n"])
def test_where_nothing_is_typed_nothing_is_written(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "to_annotate.csv"
    if content is not None:
        path.write_text(content)
    assert keep_typed_labels(path, tmp_path / "annotations") == 0
    assert not (tmp_path / "annotations").exists()


def test_who_labelled_a_frame_alike_stays_named(listed: Path, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("video,frame,label,by,at\na.avi,3,good,Ada,2026-11-25T10:33:40Z\n")
    keep_typed_labels(listed, tmp_path)
    assert "a.avi,3,good,Ada,2026-11-25T10:33:40Z" in path.read_text()


def test_a_contradiction_is_one_sentence_and_writes_nothing(listed: Path, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("video,frame,label\na.avi,3,bad\n")
    with pytest.raises(InputError) as error:
        keep_typed_labels(listed, tmp_path)
    assert str(error.value) == (f"{listed}: frame 3 of 'a.avi' is 'good' here and 'bad' in {path}; correct one of them")
    assert path.read_text() == "video,frame,label\na.avi,3,bad\n"


@pytest.mark.parametrize("content", ["video,label\na.avi,good\n", "PK\x03\x04", "video,frame,label\na.avi,x,good\n"])
def test_a_list_that_cannot_be_read_is_one_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "to_annotate.csv"
    path.write_text(content)
    with pytest.raises(InputError, match=r"to_annotate\.csv") as error:
        keep_typed_labels(path, tmp_path / "annotations")
    assert "\n" not in str(error.value)
    assert path.read_text() == content and not (tmp_path / "annotations").exists()
