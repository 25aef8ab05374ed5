from pathlib import Path

import pytest

from tinyinspect.errors import InputError
from tinyinspect.labelling.annotation_file import AnnotationFile, Entry
from tinyinspect.selection.spelling import RecordingNames

ODD = (
    b"\xef\xbb\xbflabel, frame ,video,note\r\n"
    b'"good",3,"line, 1.avi","he said ""fine""\r\non two lines"\r\n'
    b"\r\n"
    b"defective,7,./b.avi\r\n"
    b" ,x,c.avi,no number"
)


def test_untouched_rows_keep_every_byte(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_bytes(ODD)
    file = AnnotationFile.read(path)
    assert [row.place for row in file.rows if row.frame >= 0] == [("line, 1.avi", 3), ("b.avi", 7)]
    file.write()
    assert path.read_bytes() == ODD
    file.put(file.rows[2], Entry("good", "Ann", "2026-01-01T00:00:00Z"))
    file.write()
    assert path.read_bytes() == ODD.replace(b"defective,7,./b.avi", b"good,7,./b.avi,")


def test_new_rows_are_sorted_and_name_their_columns(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("video,frame,label\nb.avi,4,good")
    file = AnnotationFile.read(path)
    file.add("b.avi", 10, Entry("good", "Ann", "now"))
    file.add("b.avi", 2, Entry("good", "Ann, Bo", "now"))
    file.add("a.avi", 5, Entry("defective", "Ann", "now"))
    file.write()
    assert path.read_text() == (
        "video,frame,label,split,by,at\n"
        "a.avi,5,defective,,Ann,now\n"
        'b.avi,2,good,,"Ann, Bo",now\n'
        "b.avi,4,good\n"
        "b.avi,10,good,,Ann,now\n"
    )
    assert [AnnotationFile.read(path).entry(row).by for row in AnnotationFile.read(path).rows] == [
        "Ann",
        "Ann, Bo",
        "",
        "Ann",
    ]


def test_scores_of_the_camera(tmp_path: Path) -> None:
    path = tmp_path / "unsure-0001.csv"
    path.write_text("video,frame,label,score_good,score_defective\nu.avi,0,,0.520,0.480\nu.avi,1,,,\n")
    file = AnnotationFile.read(path)
    assert [file.scores(row) for row in file.rows] == [{"good": 0.52, "defective": 0.48}, {}]


def test_file_without_rows_goes(tmp_path: Path) -> None:
    file = AnnotationFile.new(tmp_path / "labels.csv")
    row = file.add("a.avi", 1, Entry("good"))
    file.write()
    assert (tmp_path / "labels.csv").is_file()
    file.remove(row)
    file.write()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "line 1: no column 'video' (found: nothing); add it"),
        (b"video,frame\na.avi,1\n", "line 1: no column 'label' (found: video, frame); add it"),
        (b"video,frame,label\na.avi,1,sch\xf6n\n", "is no UTF-8 text in CSV format"),
    ],
)
def test_unreadable_file_is_a_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        AnnotationFile.read(path)
    assert str(path) in str(caught.value) and sentence in str(caught.value)
    assert path.read_bytes() == content


def test_a_file_with_semicolons_stays_one(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_bytes(b"video;frame;label\r\nb.avi;4;good\r\n")
    file = AnnotationFile.read(path)
    file.put(file.rows[0], Entry("defective"))
    file.add("b.avi", 10, Entry("good; or so", "Ann", "now"))
    file.write()
    assert path.read_bytes() == (
        b'video;frame;label;split;by;at\r\nb.avi;4;defective\r\nb.avi;10;"good; or so";;Ann;now\r\n'
    )


def test_a_recording_by_its_file_name(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("video,frame,label\nb.avi,4,good\n")
    file = AnnotationFile.read(path, RecordingNames(["day/b.avi", "a.avi"]))
    assert [row.place for row in file.rows] == [("day/b.avi", 4)]
    file.write()
    assert path.read_text() == "video,frame,label\nb.avi,4,good\n"


def test_a_stray_quote_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text('video,frame,label\n"b.avi,4,good\nb.avi,5,good\n')
    with pytest.raises(InputError, match="line 2: a quotation mark is opened and not closed"):
        AnnotationFile.read(path)
