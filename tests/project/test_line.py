"""A line of one's own: made, added to and brought up to date; nothing that a person wrote is lost."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.project.conftest import change_upstream, labels, params, rows, run_git, status
from tinyinspect.errors import InputError
from tinyinspect.project.adopt import is_old_workspace
from tinyinspect.project.contents import Brought
from tinyinspect.project.line import add_to_line, new_line
from tinyinspect.project.lock import locked
from tinyinspect.project.real import keep_results, prepare
from tinyinspect.project.update import update_line

FILES_OF_DEMONSTRATION = (
    "annotations/simulated_line.csv",
    "dvc.lock",
    "metrics.json",
    "datastore",
    "plots",
    "data/videos",
)


def test_a_line_holds_what_is_ones_own_and_nothing_of_the_demonstration(tmp_path, origin, recordings):
    folder = tmp_path / "line"
    given = Brought(
        recordings / "videos",
        annotations=[recordings / "annotations.csv"],
        overrides=["board=nicla_vision", "train.epochs=7"],
    )
    notes = new_line(folder, origin, given)
    tracked = run_git(folder, "ls-files").splitlines()
    demonstration = [name for name in tracked if name.startswith(FILES_OF_DEMONSTRATION)]
    assert demonstration == [] and "annotations/annotations.csv" in tracked and "data.dvc" in tracked
    assert (folder / "data/videos/monday/line_00.avi").read_bytes() == b"RIFF line_00.avi"
    found = params(folder)
    assert found["data"]["classes"] == ["defective", "good", "no_mask"]
    assert any("classes, read from the labels: defective, good, no_mask" in note for note in notes)
    assert (found["board"]["name"], found["train"]["epochs"]) == ("nicla_vision", 7)
    assert status(folder) == ""
    assert run_git(folder, "remote", "get-url", "upstream").strip() == str(origin)
    assert "remote" not in (folder / ".dvc/config").read_text()
    assert not any(".dvc/cache" in name or ".dvc/tmp" in name for name in tracked)


def test_a_folder_with_something_in_it_is_left_alone(tmp_path, origin, recordings):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/note").write_text("important")
    with pytest.raises(InputError, match="holds something"):
        new_line(tmp_path / "mine", origin, Brought(recordings / "videos"))
    assert (tmp_path / "mine/note").read_text() == "important"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"videos": Path("gone")}, "gone holds no recordings"),
        ({"photos": Path("gone")}, "gone holds no photos"),
        ({"annotations": [Path("gone.csv")]}, "gone.csv is no table of labels"),
        ({"overrides": ["bord=x"]}, "did you mean 'board'"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_made(tmp_path, origin, recordings, given, says):
    with pytest.raises(InputError, match=says):
        new_line(tmp_path / "line", origin, Brought(**{"videos": recordings / "videos"} | given))
    assert [path.name for path in tmp_path.iterdir() if "line" in path.name] == []


def test_adding_keeps_every_label_and_merges_new_ones(line, recordings, tmp_path):
    before = labels(line)
    (line / "annotations/by_hand.csv").write_text("video,frame,label\nmonday/line_00.avi,0,no_mask\n")
    (tmp_path / "more").mkdir()
    (tmp_path / "more/line_02.avi").write_bytes(b"RIFF")
    (tmp_path / "annotations.csv").write_text(rows("line_02.avi"))
    given = Brought(tmp_path / "more", annotations=[tmp_path / "annotations.csv"], overrides=["seed=4"])
    add_to_line(line, given)
    assert before | {"monday/line_00.avi,0,no_mask"} < labels(line)
    assert sum("line_02" in row for row in labels(line)) == 40
    assert (line / "data/videos/line_02.avi").exists() and (line / "data/videos/monday/line_00.avi").exists()
    assert params(line)["seed"] == 4 and status(line) == ""
    assert add_to_line(line, given) == []


def test_only_recordings_and_photos_are_brought_in_and_the_rest_is_named(line, tmp_path):
    for name in ("videos/line_02.avi", "videos/notes.txt", "photos/dog.jpg", "photos/README.md", "photos/x/cat.heic"):
        (tmp_path / "day" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "day" / name).write_bytes(b"RIFF")
    readme = (line / "photos/README.md").read_text()
    notes = add_to_line(line, Brought(tmp_path / "day/videos", tmp_path / "day/photos"))
    assert notes[:2] == [
        f"{tmp_path / 'day/videos'}: left out what is no recording: notes.txt",
        f"{tmp_path / 'day/photos'}: left out what is no photo: README.md, x/cat.heic",
    ]
    assert (line / "photos/README.md").read_text() == readme and (line / "photos/photos.dvc").exists()
    assert not (line / "photos/x").exists() and not (line / "data/videos/notes.txt").exists()


def test_an_interrupted_addition_is_completed_by_the_same_call(line, tmp_path, monkeypatch):
    (tmp_path / "more").mkdir()
    (tmp_path / "more/line_02.avi").write_bytes(b"RIFF more")
    (tmp_path / "pets").mkdir()
    (tmp_path / "pets/dog.jpg").write_bytes(b"dog")
    before = (line / "data.dvc").read_text()

    def interrupt(*words):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("tinyinspect.project.contents.dvc", interrupt)
        add_to_line(line, Brought(tmp_path / "more", tmp_path / "pets"))
    add_to_line(line, Brought(tmp_path / "more", tmp_path / "pets"))
    assert (line / "data.dvc").read_text() != before and status(line) == ""
    assert {"data.dvc", "photos/pets.dvc"} <= set(run_git(line, "ls-files").splitlines())


def test_labels_of_one_class_do_not_name_the_classes(tmp_path, origin, recordings):
    (recordings / "annotations.csv").write_text("video,frame,label\nline_00.avi,0,fine\n")
    folder = tmp_path / "line"
    notes = new_line(folder, origin, Brought(recordings / "videos", annotations=[recordings / "annotations.csv"]))
    assert notes[-1] == "all labels are 'fine'; name every class: `tinyinspect add --classes fine,scratched`"
    notes = add_to_line(folder, Brought(overrides=["data.classes=[fine, torn]"]))
    assert params(folder)["data"]["classes"] == ["fine", "torn"]


def test_labels_typed_into_the_list_are_taken_along(line):
    (line / "to_annotate").mkdir()
    (line / "to_annotate/to_annotate.csv").write_text("video,frame,label\nmonday/line_00.avi,77,good\n")
    add_to_line(line, Brought())
    assert any(row.startswith("monday/line_00.avi,77,good") for row in labels(line)) and status(line) == ""


def test_a_contradicting_label_or_recording_is_refused_and_nothing_is_changed(line, tmp_path):
    before, head = labels(line), run_git(line, "rev-parse", "HEAD")
    (tmp_path / "x.csv").write_text("video,frame,label\nline_00.avi,0,other\n")
    with pytest.raises(InputError, match=r"x\.csv line 2: .*'other', but '.*' in .*annotations\.csv line 2"):
        add_to_line(line, Brought(annotations=[tmp_path / "x.csv"]))
    (tmp_path / "other/monday").mkdir(parents=True)
    content = (line / "data/videos/monday/line_01.avi").read_bytes()
    (tmp_path / "other/monday/line_00.avi").write_bytes(content)
    with pytest.raises(InputError, match="is there already and is not the same"):
        add_to_line(line, Brought(tmp_path / "other"))
    assert labels(line) == before and run_git(line, "rev-parse", "HEAD") == head


def test_photos_are_kept_by_dvc(line, tmp_path):
    (tmp_path / "photos/beach").mkdir(parents=True)
    (tmp_path / "photos/beach/1.jpg").write_bytes(b"a")
    add_to_line(line, Brought(photos=tmp_path / "photos"))
    assert (line / "photos/beach/1.jpg").exists() and "photos/beach.dvc" in run_git(line, "ls-files")
    assert "photos/beach/1.jpg" not in run_git(line, "ls-files")


def test_an_update_is_a_merge_without_a_conflict(line, origin):
    before, data = labels(line), (line / "data.dvc").read_text()
    (line / "metrics.json").write_text("{}")
    change_upstream(origin)
    assert update_line(line) == "1 commits of the repository merged"
    assert "# changed" in (line / "conf/train/classifier.yaml").read_text()
    assert labels(line) == before and (line / "data.dvc").read_text() == data
    assert (line / "metrics.json").read_text() == "{}" and not (line / "dvc.lock").exists()
    assert len(run_git(line, "log", "-1", "--format=%P").split()) == 2 and status(line) == ""
    assert update_line(line) == "the code is up to date"


def test_code_that_both_sides_changed_is_left_to_the_person(line, origin):
    for folder, word in ((line, "mine"), (origin, "theirs")):
        path = folder / "conf/config.yaml"
        path.write_text(path.read_text().replace("seed: 0", f"seed: 0  # {word}"))
        run_git(folder, "commit", "--quiet", "--no-verify", "--all", "--message", word)
    with pytest.raises(InputError, match=r"the same lines of conf/config\.yaml"):
        update_line(line)
    assert "# mine" in (line / "conf/config.yaml").read_text() and status(line) == ""


def old_workspace(folder: Path, origin: Path, recordings: Path) -> str:
    """As earlier versions made it: copied code, links to recordings, parameters that nothing else knows of."""
    for name in ("conf", "stages", "openmv_app"):
        shutil.copytree(origin / name, folder / name)
    shutil.copytree(origin / "src/tinyinspect", folder / "src/tinyinspect")
    for name in ("dvc.yaml", ".gitignore"):
        shutil.copy(origin / name, folder / name)
    content = yaml.safe_load((origin / "params.yaml").read_text())
    content["board"] = yaml.safe_load((origin / "conf/board/nicla_vision.yaml").read_text())
    content["data"]["classes"] = ["good", "no_mask", "defective"]
    content["train"]["epochs"] = 7
    content["train"]["gone"] = 1
    (folder / "params.yaml").write_text(yaml.safe_dump(content))
    for path in (recordings / "videos").rglob("*.avi"):
        link = folder / "data/videos" / path.relative_to(recordings / "videos")
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(path)
    (folder / "photos").mkdir()
    shutil.copy(origin / "photos/README.md", folder / "photos")
    (folder / "annotations").mkdir()
    shutil.copy(recordings / "annotations.csv", folder / "annotations")
    run_git(folder, "init", "--quiet")
    subprocess.run([sys.executable, "-m", "dvc", "init", "--quiet"], cwd=folder, check=True)
    run_git(folder, "add", "--all", "--force", ".")
    run_git(folder, "commit", "--quiet", "--message", "Recordings, annotations, parameters and code of this run")
    (folder / "annotations/first.csv").write_text("video,frame,label\nmonday/line_00.avi,3,no_mask\n")
    (folder / "mlflow.db").write_text("history")
    return run_git(folder, "rev-parse", "HEAD").strip()


def test_an_old_workspace_is_adopted_with_its_labels_settings_and_history(tmp_path, origin, recordings):
    folder = tmp_path / "real"
    head = old_workspace(folder, origin, recordings)
    before = labels(folder)
    assert is_old_workspace(folder)
    (recordings / "annotations.csv").unlink()
    notes = prepare(folder, origin, Brought(recordings / "videos"))
    assert labels(folder) == before and "monday/line_00.avi,3,no_mask" in before
    assert head in run_git(folder, "log", "--format=%H")
    found = params(folder)
    assert (found["board"]["name"], found["train"]["epochs"]) == ("nicla_vision", 7)
    assert found["data"]["classes"] == ["good", "no_mask", "defective"]
    assert any("no longer exist: train.gone" in note for note in notes)
    assert (folder / "mlflow.db").read_text() == "history" and status(folder) == ""
    assert not (folder / "data/videos/monday/line_00.avi").is_symlink()
    change_upstream(origin)
    assert update_line(folder) == "1 commits of the repository merged" and labels(folder) == before


def test_two_commands_on_one_project_are_one_too_many(tmp_path):
    with (
        locked(tmp_path / "line"),
        pytest.raises(InputError, match="another command is at work on"),
        locked(tmp_path / "line"),
    ):
        pass
    with locked(tmp_path / "line"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_results_are_kept_and_nothing_that_git_ignores(line):
    (line / "metrics.json").write_text("{}")
    (line / "models/model.onnx").write_bytes(b"large")
    (line / "note.txt").write_text("mine, not yet ready")
    assert keep_results(line)
    tracked = run_git(line, "ls-files").splitlines()
    assert "metrics.json" in tracked and "models/model.onnx" not in tracked
    assert status(line) == "?? note.txt\n"
