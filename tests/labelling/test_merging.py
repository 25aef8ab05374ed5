"""Tables of labels come together row by row; nothing that is there is lost."""

from pathlib import Path

import pytest

from tinyinspect.errors import InputError
from tinyinspect.labelling.merging import merge_tables
from tinyinspect.selection.annotations import read_annotations
from tinyinspect.selection.spelling import RecordingNames

NAMES = RecordingNames(["day/a.avi", "b.avi"])


def table(path: Path, *rows: str, header: str = "video,frame,label") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_a_new_table_is_copied_byte_for_byte(tmp_path):
    given = tmp_path / "x.csv"
    given.write_bytes(b"\xef\xbb\xbfvideo;frame;label\r\na.avi;1;ok\r\n")
    assert merge_tables([given], tmp_path / "annotations", NAMES) == 1
    assert (tmp_path / "annotations/x.csv").read_bytes() == given.read_bytes()


def test_new_rows_join_the_table_of_the_same_name(tmp_path):
    folder = tmp_path / "annotations"
    table(folder / "x.csv", "b.avi,1,ok,mine", header="video,frame,label,note")
    given = table(tmp_path / "x.csv", "b.avi,1,ok,,test", "b.avi,0,bad,Ann,train", header="video,frame,label,by,split")
    assert merge_tables([given], folder, NAMES) == 1
    assert "b.avi,1,ok,mine\n" in (folder / "x.csv").read_text()
    read = read_annotations(folder, ["ok", "bad"])
    assert sorted(zip(read["frame"], read["label"], read["split"], strict=True)) == [(0, "bad", "train"), (1, "ok", "")]
    before = (folder / "x.csv").read_bytes()
    assert merge_tables([given], folder, NAMES) == 0 and (folder / "x.csv").read_bytes() == before


def test_conflicts_are_all_named_with_their_rows_and_nothing_is_changed(tmp_path):
    folder = tmp_path / "annotations"
    table(folder / "x.csv", "day/a.avi,1,ok", "b.avi,2,ok")
    given = table(tmp_path / "y.csv", "a.avi,1,bad", "b.avi,2,bad", "b.avi,3,ok", "b.avi,3,bad", "b.avi,4,OK")
    with pytest.raises(InputError) as said:
        merge_tables([given], folder, NAMES)
    assert "3 faults" in str(said.value)
    assert f"{given} line 2: frame 1 of 'day/a.avi' has the label 'bad', but 'ok' in {folder / 'x.csv'} line 2" in str(
        said.value
    )
    assert [path.name for path in folder.iterdir()] == ["x.csv"]


@pytest.mark.parametrize("name", ["gone.csv", "folder.csv", "text.xlsx"])
def test_what_is_no_table_is_refused(tmp_path, name):
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "text.xlsx").touch()
    with pytest.raises(InputError, match="is no table of labels"):
        merge_tables([tmp_path / name], tmp_path / "annotations", NAMES)
