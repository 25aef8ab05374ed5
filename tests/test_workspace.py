import subprocess
from pathlib import Path

import pytest
import yaml

from tinyinspect import workspace
from tinyinspect.errors import InputError
from tinyinspect.workspace import prepare

ROOT = Path(__file__).parents[1]


@pytest.fixture
def recordings(tmp_path) -> Path:
    folder = tmp_path / "recordings"
    (folder / "videos" / "monday").mkdir(parents=True)
    (folder / "videos" / "monday" / "a.avi").write_bytes(b"RIFF")
    (folder / "annotations.csv").write_text("video,frame,label\nmonday/a.avi,0,good\n")
    return folder


def test_the_workspace_links_the_recordings_and_holds_the_graph(recordings, tmp_path):
    workspace = tmp_path / "real"
    prepare(ROOT, recordings, workspace, ["train.epochs=7", "data.classes=[good,bad]"])
    link = workspace / "data" / "videos" / "monday" / "a.avi"
    assert link.is_symlink() and link.read_bytes() == b"RIFF"
    params = yaml.safe_load((workspace / "params.yaml").read_text())
    assert params["train"]["epochs"] == 7 and params["data"]["classes"] == ["good", "bad"]
    assert (workspace / "dvc.yaml").read_bytes() == (ROOT / "dvc.yaml").read_bytes()
    clean = subprocess.run(["git", "status", "--porcelain"], cwd=workspace, capture_output=True, text=True, check=True)
    assert clean.stdout == ""


def test_a_second_call_keeps_what_was_made_and_drops_what_is_gone(recordings, tmp_path):
    workspace = tmp_path / "real"
    prepare(ROOT, recordings, workspace, [])
    (workspace / "metrics.json").write_text("{}")
    (workspace / "frames").mkdir()
    (workspace / "frames" / "index.csv").touch()
    (recordings / "videos" / "monday" / "a.avi").rename(recordings / "videos" / "b.avi")
    prepare(ROOT, recordings, workspace, [])
    assert (workspace / "metrics.json").exists()
    tracked = subprocess.run(["git", "ls-files"], cwd=workspace, capture_output=True, text=True, check=True).stdout
    assert "frames/index.csv" not in tracked and "data/videos/b.avi" in tracked
    assert [path.name for path in (workspace / "data" / "videos").rglob("*")] == ["b.avi"]


def test_without_recordings_there_is_one_sentence_and_no_workspace(recordings, tmp_path):
    (recordings / "videos").rename(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="holds no recordings"):
        prepare(ROOT, recordings, tmp_path / "real", [])
    assert not (tmp_path / "real").exists()


def test_without_annotations_the_graph_can_still_say_what_to_annotate(recordings, tmp_path):
    (recordings / "annotations.csv").unlink()
    prepare(ROOT, recordings, tmp_path / "real", [])
    assert list((tmp_path / "real" / "annotations").iterdir()) == []


def test_photos_are_linked_from_beside_the_recordings_or_from_a_folder_of_their_own(recordings, tmp_path):
    (recordings / "photos" / "beach").mkdir(parents=True)
    (recordings / "photos" / "beach" / "1.jpg").write_bytes(b"a")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "2.jpg").write_bytes(b"b")
    workspace = tmp_path / "real"
    prepare(ROOT, recordings, workspace, [])
    assert (workspace / "photos" / "beach" / "1.jpg").read_bytes() == b"a"
    prepare(ROOT, recordings, workspace, [], elsewhere)
    assert (workspace / "photos" / "2.jpg").is_symlink()
    assert not (workspace / "photos" / "beach").exists()
    with pytest.raises(InputError, match="nowhere is no folder"):
        prepare(ROOT, recordings, workspace, [], tmp_path / "nowhere")


def test_the_command_takes_photos_and_overrides_in_any_order(recordings, tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(workspace, "prepare", lambda *given: seen.append(given))
    monkeypatch.setattr(workspace.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0))
    for words in (["--photos", "p", "a=1", "b=2"], ["a=1", "b=2", "--photos", "p"]):
        monkeypatch.setattr("sys.argv", ["workspace", str(recordings), "real", *words])
        with pytest.raises(SystemExit):
            workspace.main()
    assert seen == [(Path.cwd(), recordings, Path("real"), ["a=1", "b=2"], Path("p"))] * 2
