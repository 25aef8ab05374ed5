import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from starlette.testclient import TestClient

from tinyinspect.labelling.app import application
from tinyinspect.labelling.session import Session
from tinyinspect.selection.annotations import BAD_FRAME

TOKEN = "a-secret"


@pytest.fixture
def client(session: Session) -> Iterator[TestClient]:
    with TestClient(application(session, TOKEN), base_url=f"http://127.0.0.1/{TOKEN}/") as client:
        yield client


def queue(client: TestClient, **wish: str) -> dict:
    return client.get("queue", params={"order": "selection"} | wish).json()


@pytest.mark.parametrize(
    "path", ["/", "/wrong", "/wrong/", "/wrong/state", "/wrong/picture/1.jpg", "/state", "//state"]
)
def test_without_the_token_there_is_nothing(client: TestClient, path: str) -> None:
    answer = client.get(f"http://127.0.0.1{path}")
    assert answer.status_code in (403, 404) and "classes" not in answer.text
    assert client.post(f"http://127.0.0.1{path}", json={}).status_code in (403, 404, 405)


def test_another_host_name_is_refused(client: TestClient) -> None:
    assert client.get("state", headers={"host": "elsewhere.example"}).status_code == 400


def test_the_page_loads_nothing_from_elsewhere(client: TestClient) -> None:
    answer = client.get("")
    assert answer.status_code == 200 and "text/html" in answer.headers["content-type"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    page = Path(__file__).parents[2] / "src/tinyinspect/labelling/page"
    for path in page.iterdir():
        served = client.get(path.name)
        assert served.content == path.read_bytes()
        assert "http" not in served.text.replace("http://www.w3.org/2000/svg", "")
    assert client.get("../session.py").status_code in (403, 404)
    assert client.get("%2e%2e/session.py").status_code in (403, 404)


def test_labels_are_saved_and_undone(client: TestClient, tmp_path: Path) -> None:
    made = queue(client)
    assert made == {"id": 1, "length": 8, "start": 0, "done": 0}
    frames = client.get("frames", params={"queue": 1, "begin": 0, "count": 60}).json()
    assert [frame["row"] for frame in frames] == [3, 4, 5, 6, 7, 20, 21, 22]
    assert frames[0]["recording"] == "day/a.avi" and frames[0]["part"] == "train" and frames[7]["part"] == "test"
    answer = client.post("label", json={"labels": {"3": "good", "4": BAD_FRAME}, "how": "grid", "queue": 1}).json()
    assert answer["done"] == 2 and answer["counts"] == {"good": 1, "defective": 0, BAD_FRAME: 1}
    assert [frame["label"] for frame in answer["frames"]] == ["good", BAD_FRAME]
    assert answer["frames"][0]["said"][0]["by"] == "Ann"
    assert "day/a.avi,3,good,,Ann," in (tmp_path / "annotations" / "labels.csv").read_text()
    assert client.post("skip", json={"row": 5, "queue": 1}).json()["frames"][0]["skipped"]
    assert client.post("undo", json={"queue": 1}).json()["position"] == 2
    undone = client.post("undo", json={"queue": 1}).json()
    assert (undone["kind"], undone["position"], undone["done"]) == ("label", 0, 0)
    assert client.post("undo", json={"queue": 1}).json()["kind"] == ""
    assert not (tmp_path / "annotations" / "labels.csv").exists()


def test_a_saved_label_never_holds_what_the_model_said(client: TestClient, tmp_path: Path) -> None:
    queue(client)
    client.post("label", json={"labels": {"4": "defective"}, "how": "suggestion", "queue": 1})
    frame = client.get("frame", params={"row": 4}).json()
    assert next(iter(frame["suggestion"])) == "good"
    text = (tmp_path / "annotations" / "labels.csv").read_text().splitlines()
    assert text[0] == "video,frame,label,split,by,at" and text[1].startswith("day/a.avi,4,defective,,Ann,20")


@pytest.mark.parametrize(
    ("path", "body", "status", "sentence"),
    [
        ("label", {"labels": {"3": "splendid"}, "how": "key", "queue": 1}, 409, "'splendid' is no class"),
        ("label", {"labels": {"99": "good"}, "how": "key", "queue": 1}, 409, "there is no frame in row 99"),
        ("label", {"labels": {"x": "good"}, "how": "key", "queue": 1}, 400, "the page asked for something odd"),
        ("label", {}, 400, "the page asked for something odd"),
        ("skip", {"row": -1, "queue": 1}, 409, "there is no frame in row -1"),
        ("undo", {"queue": 7, "more": 1}, 400, "the page asked for something odd"),
    ],
)
def test_odd_requests_are_told_and_write_nothing(
    client: TestClient, tmp_path: Path, path: str, body: dict, status: int, sentence: str
) -> None:
    queue(client)
    answer = client.post(path, json=body)
    assert answer.status_code == status and sentence in answer.json()["error"]
    assert not (tmp_path / "annotations" / "labels.csv").exists()


def test_odd_lists_are_told(client: TestClient) -> None:
    assert "odd list" in client.get("queue", params={"order": "beauty"}).json()["error"]
    assert "no longer kept" in client.get("frames", params={"queue": 9, "begin": 0, "count": 1}).json()["error"]
    assert "did not say which row" in client.get("frame", params={"row": "x"}).json()["error"]
    assert client.get("picture/99.jpg").status_code == 404


def test_pictures_come_from_the_shards(client: TestClient, session: Session) -> None:
    answer = client.get("picture/5.jpg")
    assert answer.content == session.store.jpeg(5) and answer.headers["content-type"] == "image/jpeg"
    assert client.get("thumbnail/5.jpg").content == answer.content  # it is small


def test_a_large_frame_is_sent_small(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = io.BytesIO()
    Image.effect_noise((1280, 960), 40).convert("RGB").save(buffer, "JPEG")
    monkeypatch.setattr(session.store, "jpeg", lambda row: buffer.getvalue())
    session.store.index["width"], session.store.index["height"] = 1280, 960
    thumbnail = session.thumbnail(0)
    with Image.open(io.BytesIO(thumbnail)) as picture:
        assert 160 <= picture.width <= 320 and picture.width * 3 == picture.height * 4
    assert len(thumbnail) < len(buffer.getvalue()) / 8


def test_look_alikes(client: TestClient, session: Session) -> None:
    frames = client.get("similar", params={"row": 15}).json()
    assert frames[0]["row"] == 15 and {frame["row"] for frame in frames[:8]} == set(range(12, 20))
    session.queues.embeddings = None
    frames = client.get("similar", params={"row": 15}).json()
    assert frames[0]["row"] == 15 and {frame["recording"] for frame in frames} == {frames[0]["recording"]}


def test_contradictions_are_shown_side_by_side(client: TestClient, tmp_path: Path) -> None:
    for name, label, at in (("ann", "good", "2026-01-01"), ("bo", "defective", "2026-01-02")):
        text = f"video,frame,label,by,at\nday/a.avi,3,{label},{name},{at}\n"
        (tmp_path / "annotations" / f"{name}.csv").write_text(text)
    state = client.get("state").json()
    assert state["conflicts"] == 1
    made = queue(client, order="time", only="conflict")
    (frame,) = client.get("frames", params={"queue": made["id"], "begin": 0, "count": 9}).json()
    assert [(one["by"], one["label"], one["file"]) for one in frame["said"]] == [
        ("ann", "good", "ann.csv"),
        ("bo", "defective", "bo.csv"),
    ]
    answer = client.post("settle_by_time", json={"queue": made["id"]}).json()
    assert answer["conflicts"] == 0 and answer["frames"][0]["label"] == "defective"
    assert "day/a.avi,3,defective" in (tmp_path / "annotations" / "ann.csv").read_text()


def test_a_file_that_cannot_be_read_is_told(client: TestClient, tmp_path: Path) -> None:
    queue(client)
    (tmp_path / "annotations" / "broken.csv").write_text("nothing\n")
    answer = client.post("label", json={"labels": {"3": "good"}, "how": "key", "queue": 1})
    assert answer.status_code == 409 and "broken.csv line 1: no column 'video'" in answer.json()["error"]
    answer = client.get("state")
    assert answer.status_code == 409 and "broken.csv" in answer.json()["error"]
