import csv
import json
from pathlib import Path

import pytest

from tests.labelling.conftest import CLASSES, open_book
from tinyinspect.errors import InputError
from tinyinspect.labelling.exchange.names import Source, Tool
from tinyinspect.labelling.exchange.picture_names import name_of, place_of
from tinyinspect.labelling.exchange.tools import export_labels, import_labels
from tinyinspect.labelling.label_book import LabelBook
from tinyinspect.recordings.store import FrameStore
from tinyinspect.selection.annotations import BAD_FRAME

LABELS = {1: "good", 2: "defective", 14: BAD_FRAME}
ROWS = [1, 2, 3, 14]  # row 3 has no label yet


def exported(store: FrameStore, book: LabelBook, tool: Tool, folder: Path) -> Path:
    book.label(LABELS, how="key")
    file, count = export_labels(store, book, ROWS, tool, folder, CLASSES)
    assert count == 4
    assert sorted(path.name for path in (folder / "images").iterdir()) == [
        "b.avi-000002.jpg",
        "day%2Fa.avi-000001.jpg",
        "day%2Fa.avi-000002.jpg",
        "day%2Fa.avi-000003.jpg",
    ]
    assert (folder / "images" / "b.avi-000002.jpg").read_bytes() == store.jpeg(14)
    return file


@pytest.mark.parametrize("tool", list(Tool))
def test_labels_come_back(tmp_path: Path, store: FrameStore, book: LabelBook, tool: Tool) -> None:
    file = exported(store, book, tool, tmp_path / "out")
    other = open_book(tmp_path / "other", store, by="Bo")
    merged = import_labels(other, file, Source(tool), CLASSES)
    assert merged.added == 3
    assert {row: other.labels[row] for row in ROWS} == {**LABELS, 3: ""}
    assert import_labels(other, file, Source(tool), CLASSES).same == 3
    assert import_labels(book, file, Source(tool), CLASSES).same == 3
    with pytest.raises(InputError, match="is there already; move it away or give another folder"):
        export_labels(store, book, ROWS, tool, tmp_path / "out", CLASSES)


def test_somebody_elses_file_comes_in_with_who_and_when(tmp_path: Path, store: FrameStore, book: LabelBook) -> None:
    book.label(LABELS, how="key")
    other = open_book(tmp_path / "other", store, by="Bo")
    other.label({1: "defective"}, how="key")
    merged = import_labels(other, tmp_path / "annotations" / "labels.csv", Source.CSV, CLASSES)
    assert (merged.added, merged.conflicts) == (2, 1)
    assert {one.entry.by for one in other.statements(1)} == {"Ann", "Bo"} and other.conflicting[1]


def test_label_studio_format(tmp_path: Path, store: FrameStore, book: LabelBook) -> None:
    tasks = json.loads(exported(store, book, Tool.LABEL_STUDIO, tmp_path / "out").read_text())
    assert tasks[0]["data"]["image"] == "/data/local-files/?d=out/images/day%252Fa.avi-000001.jpg"
    assert tasks[0]["annotations"][0]["result"] == [
        {"from_name": "label", "to_name": "frame", "type": "choices", "value": {"choices": ["good"]}}
    ]
    assert "annotations" not in tasks[2] and all("predictions" not in task for task in tasks)
    interface = (tmp_path / "out" / "labelling.xml").read_text()
    assert '<Choice value="defective" hotkey="2"/>' in interface and 'value="$image"' in interface


def test_label_studio_exports_of_people_alone_are_taken(tmp_path: Path, book: LabelBook) -> None:
    def result(label: str) -> list[dict]:
        return [{"from_name": "label", "to_name": "frame", "type": "choices", "value": {"choices": [label]}}]

    person = {"id": 7, "email": "bo@example.org"}
    done = {"result": result("good"), "completed_by": person, "updated_at": "2026-03-09T22:16:08.728378Z"}
    tasks = [
        {"data": {"image": "/data/local-files/?d=out/images/b.avi-000002.jpg"}, "annotations": [done]},
        {
            "data": {"image": "/data/upload/4/0a1b2c3d-b.avi-000003.jpg"},
            "annotations": [done | {"was_cancelled": True}],
            "predictions": [{"result": result("defective"), "model_version": "one"}],
        },
        {"data": {"image": "/data/upload/4/0a1b2c3d-b.avi-000004.jpg"}, "annotations": [done | {"completed_by": 3}]},
    ]
    path = tmp_path / "export.json"
    path.write_text(json.dumps(tasks))
    assert import_labels(book, path, Source.LABEL_STUDIO, CLASSES).added == 2
    text = (tmp_path / "annotations" / "labels.csv").read_text().splitlines()[1:]
    assert text == [
        "b.avi,2,good,,bo@example.org,2026-03-09T22:16:08Z",
        "b.avi,4,good,,Label Studio user 3,2026-03-09T22:16:08Z",
    ]
    path.write_text(json.dumps([{"image": "/data/upload/4/0a1b2c3d-b.avi-000005.jpg", "label": "defective", "id": 1}]))
    assert import_labels(book, path, Source.LABEL_STUDIO, CLASSES).added == 1


def test_lightly_studio_exports_of_people_alone_are_taken(tmp_path: Path, book: LabelBook) -> None:
    path = tmp_path / "classifications.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file_path_abs", "class_name", "confidence", "annotation_source"])
        writer.writerow(["C:\\out\\images\\b.avi-000002.jpg", "good", "", "ground_truth"])
        writer.writerow(["/out/images/b.avi-000003.jpg", "good", "0.93", "ground_truth"])
        writer.writerow(["/out/images/b.avi-000004.jpg", "good", "", "model_a"])
    assert import_labels(book, path, Source.LIGHTLY_STUDIO, CLASSES).added == 1
    assert book.labels[book.frames.row("b.avi", 2)] == "good"


def test_lightly_studio_script_is_python_that_reports_nothing(
    tmp_path: Path, store: FrameStore, book: LabelBook
) -> None:
    exported(store, book, Tool.LIGHTLY_STUDIO, tmp_path / "out")
    script = (tmp_path / "out" / "open_in_lightly_studio.py").read_text()
    compile(script, "script", "exec")
    assert script.index("LIGHTLY_STUDIO_ANALYTICS_ENABLED") < script.index("import lightly_studio")


def test_coco_scores_are_a_models(tmp_path: Path, store: FrameStore, book: LabelBook) -> None:
    file = exported(store, book, Tool.COCO, tmp_path / "out")
    content = json.loads(file.read_text())
    assert content["images"][0] == {"id": 1, "file_name": "day%2Fa.avi-000001.jpg", "width": 80, "height": 60}
    assert [one["name"] for one in content["categories"]] == [*CLASSES, BAD_FRAME]
    assert content["annotations"][0]["attributes"]["by"] == "Ann"
    for annotation in content["annotations"]:
        annotation["score"] = 0.9
    file.write_text(json.dumps(content))
    assert import_labels(open_book(tmp_path / "other", store), file, Source.COCO, CLASSES).added == 0


@pytest.mark.parametrize("source", list(Source))
@pytest.mark.parametrize("content", ["", "{}", "[1]", "a,b\n1,2\n"])
def test_other_files_are_refused_in_a_sentence(tmp_path: Path, book: LabelBook, source: Source, content: str) -> None:
    path = tmp_path / "file"
    path.write_text(content)
    with pytest.raises(InputError, match=str(path)):
        import_labels(book, path, source, CLASSES)
    with pytest.raises(InputError, match="is missing; give the file with the labels"):
        import_labels(book, tmp_path / "none", source, CLASSES)
    assert not (tmp_path / "annotations" / "labels.csv").exists()


def test_unknown_classes_and_frames_are_refused_whole(tmp_path: Path, book: LabelBook) -> None:
    path = tmp_path / "theirs.csv"
    for row, sentence in {
        "b.avi,3,splendid": "'splendid' (frame 3 of 'b.avi') is no class",
        "x.avi,3,good": "no frame 3",
    }.items():
        path.write_text(f"video,frame,label\nb.avi,2,good\n{row}\n")
        with pytest.raises(InputError) as caught:
            import_labels(book, path, Source.CSV, CLASSES)
        assert sentence in str(caught.value)
    assert not (book.labels != "").any()


def test_names_find_their_frames() -> None:
    for place in [("a.avi", 3), ("day/50% off-line-000001.avi", 1234567), ("0a1b2c3d-a.avi", 0)]:
        assert place_of(f"/some/images/{name_of(place)}") == place
    assert place_of("/some/cat.jpg") is None
