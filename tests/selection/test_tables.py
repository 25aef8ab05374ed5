"""Tables as people save them; with hypothesis, that no table ends in anything but its rows or sentences."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinyinspect.errors import InputError
from tinyinspect.selection.annotations import collect_annotations
from tinyinspect.selection.tables import frame_number, is_table, read_table

CLASSES = ["good", "defective", "Übung 2", "true", "7"]
NEEDED = ["video", "frame", "label"]
ONE_FOLDER = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NAMES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n/\\"), min_size=1, max_size=12
).filter(lambda name: name.strip() not in ("", ".", ".."))


def rows(path: Path) -> list[tuple[str, str, str]]:
    table = read_table(path, NEEDED)
    assert table.faults == []
    return [tuple(table.value(one, name).strip() for name in NEEDED) for one in table.records if not one.empty]  # type: ignore[misc]


@pytest.mark.parametrize(
    "content",
    [
        "video;frame;label\r\nA.avi;0;good\r\nA.avi;1;defective\r\n",
        "video\tframe\tlabel\nA.avi\t0\tgood\nA.avi\t1\tdefective\n",
        "video,frame,label,,\nA.avi,0,good,,\nA.avi,1,defective,,\n",
        ",video,frame,label\n0,A.avi,0,good\n1,A.avi,1,defective\n",
        "\ufeffVideo, Frame ,LABEL\r\nA.avi,0,good\r\n\r\nA.avi,1,defective",
        'note;label;frame;video\n"a, b; c";good;0;A.avi\n;defective;1;A.avi\n',
        "\n,,\nvideo,frame,label\rA.avi,0,good\rA.avi,1,defective\r",
    ],
)
def test_tables_as_people_have_them(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content.encode())
    assert rows(path) == [("A.avi", "0", "good"), ("A.avi", "1", "defective")]


@pytest.mark.parametrize("end", ["", '\n"A.avi,9,good', '"\nA.avi,9,good'])
def test_a_stray_quote_is_told_by_its_line_and_swallows_no_row(tmp_path: Path, end: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text('video,frame,label\nA.avi,0,good\n"A.avi,1,good\nA.avi,2,defective\nA.avi,3,good' + end)
    table = read_table(path, NEEDED)
    assert table.faults[0].startswith(f"{path} line 3: a quotation mark is opened")
    assert [record.line for record in table.records][:3] == [2, 4, 5]


def test_a_name_or_a_note_on_two_lines_is_no_stray_quote(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text('video,frame,label,note\n"two\nlines.avi",0,good,"one, or\ntwo"\nb.avi,1,good,\n')
    table = read_table(path, NEEDED)
    assert (table.faults, [record.line for record in table.records]) == ([], [2, 5])
    assert table.value(table.records[0], "video") == "two\nlines.avi"


def test_faults_of_one_kind_do_not_fill_the_screen(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("video,frame,label\n" + '"a.avi,0,good\n' * 3000)
    assert 1 < len(read_table(path, NEEDED).faults) <= 20


@pytest.mark.parametrize(
    ("text", "number"), [("0", 0), (" 17 ", 17), ("7.0", 7), ("7.5", -1), ("-1", -1), ("\u0661", -1), ("9" * 19, -1)]
)
def test_numbers_of_frames(text: str, number: int) -> None:
    assert frame_number(text) == number


def test_a_folder_named_like_a_table_and_a_file_without_rights(tmp_path: Path) -> None:
    (tmp_path / "x.csv").mkdir()
    with pytest.raises(InputError, match=r"x\.csv is a folder, not a table"):
        read_table(tmp_path / "x.csv", NEEDED)
    with pytest.raises(InputError, match=r"gone\.csv cannot be read \(No such file"):
        read_table(tmp_path / "gone.csv", NEEDED)
    assert is_table(Path("Annotations.CSV")) and not is_table(Path("labels.xlsx"))


@ONE_FOLDER
@given(
    content=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "ignore")))
)
def test_any_bytes_are_rows_or_sentences(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    for found in (collect_annotations(tmp_path, CLASSES), collect_with_header(tmp_path, content)):
        assert all(fault.startswith(str(tmp_path / "x.csv")) for fault in found.faults)


def collect_with_header(folder: Path, content: bytes):
    (folder / "x.csv").write_bytes(b"video,frame,label,split\n" + content)
    return collect_annotations(folder, CLASSES)


@ONE_FOLDER
@given(
    data=st.data(),
    delimiter=st.sampled_from(",;\t"),
    end=st.sampled_from(["\n", "\r\n"]),
    mark=st.sampled_from(["", "\ufeff"]),
    spare=st.integers(0, 2),
)
def test_what_a_spreadsheet_wrote_is_read_whole(
    tmp_path: Path, data: st.DataObject, delimiter: str, end: str, mark: str, spare: int
) -> None:
    frames = data.draw(st.lists(st.tuples(NAMES, st.integers(0, 10**6)), min_size=1, max_size=8, unique=True))
    labels = data.draw(st.lists(st.sampled_from(CLASSES), min_size=len(frames), max_size=len(frames)))
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator=end)
    header = data.draw(st.permutations(["video", "frame", "label", "note"]))
    writer.writerow([*header, *[""] * spare])
    for (video, frame), label in zip(frames, labels, strict=True):
        row = {"video": video, "frame": frame, "label": label, "note": "a, b; c"}
        writer.writerow([*(row[name] for name in header), *[""] * spare])
    path = tmp_path / "x.csv"
    path.write_bytes((mark + buffer.getvalue()).encode())
    table = read_table(path, NEEDED)
    assert table.faults == []
    assert [(table.value(one, "video"), int(table.value(one, "frame"))) for one in table.records] == frames
    assert table.start + "".join(one.text for one in table.records) == mark + buffer.getvalue()
    found = collect_annotations(tmp_path, CLASSES)
    assert (found.faults, found.table["label"].tolist()) == ([], labels)
