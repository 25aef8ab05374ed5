"""What a person is told before the first frame is extracted, on recordings that are folders of pictures."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
import yaml
from PIL import Image

from tests.selection.test_frame_selection import SETTINGS
from tinyinspect.config.data import Data
from tinyinspect.config.extract import Extract
from tinyinspect.config.select import Select
from tinyinspect.errors import InputError
from tinyinspect.selection.check import RECORDINGS, check_project, draw_anew

ROOT = Path(__file__).parents[2]


class Project:
    """A folder with recordings and labels, and what was said of it."""

    def __init__(self, root: Path):
        self.root, self.notes = root, list[str]()
        self.test_set = root / "annotations" / "test_set.csv"
        (root / "annotations").mkdir()
        for name in ("a", "b", "day/c"):
            (root / "data" / "videos" / name).mkdir(parents=True)
            Image.new("RGB", (16, 12)).save(root / "data" / "videos" / name / "0.jpg")
        self.classes: list[Any] = ["good", "bad"]

    def label(self, name: str = "mine", **labels: dict[str, range]) -> None:
        rows = [
            f"{recording.replace('_', '/')},{frame},{label}"
            for recording, by_label in labels.items()
            for label, frames in by_label.items()
            for frame in frames
        ]
        (self.root / "annotations" / f"{name}.csv").write_text("\n".join(["video,frame,label", *rows]) + "\n")

    def _run(self, work: Any, limits: dict[str, int], settings: dict[str, Any], **more: Any) -> str:
        params = yaml.safe_load((ROOT / "params.yaml").read_text())
        params["data"] = {"classes": self.classes, "train_labels": None, "test_labels": None} | limits
        (self.root / "params.yaml").write_text(yaml.safe_dump(params))
        self.notes.clear()
        data, extract = Data.model_validate(params["data"]), Extract.model_validate(params["extract"])
        select = Select.model_validate(SETTINGS | settings)
        return work(self.root, data, extract, select, say=self.notes.append, **more)

    def check(self, limits: dict[str, int] | None = None, **settings: Any) -> str:
        return self._run(check_project, limits or {}, settings)

    def draw(self, seed: int = 0, **settings: Any) -> str:
        return self._run(draw_anew, {}, settings, seed=seed)

    def faults(self, **settings: Any) -> str:
        with pytest.raises(InputError) as error:
            self.check(**settings)
        return str(error.value)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


BOTH = {"good": range(0, 20), "bad": range(20, 40)}


def test_a_project_without_labels_is_told_what_will_happen(project: Project) -> None:
    assert project.check() == "3 recordings and 0 labelled frames"
    assert any(note.startswith("the run stops after select_frames") for note in project.notes)
    assert not project.test_set.exists()
    rows = (project.root / RECORDINGS).read_text().splitlines()
    assert rows[0] == "recording,kind,codec,width,height,bytes" and rows[3].startswith("day/c,pictures,")


def test_the_test_set_is_drawn_once_and_only_grows(project: Project) -> None:
    project.label(a=BOTH, b=BOTH, day_c=BOTH)
    project.check()
    assert any(note.startswith("drew the test set, 40 labelled frames of ") for note in project.notes)
    first = project.test_set.read_text()
    kept = first.splitlines()[1].rstrip(",")
    project.check()
    assert project.test_set.read_text() == first and not project.notes
    recordings = {"a": BOTH, "b": BOTH, "day_c": BOTH}
    project.label(**recordings | {kept.replace("/", "_"): BOTH | {"good": range(0, 20), "bad": range(20, 45)}})
    project.check()
    assert set(first.splitlines()) < set(project.test_set.read_text().splitlines())
    assert any(note.startswith("the test set grew by 5 frames") for note in project.notes)


def test_labels_come_and_go_and_the_recordings_file_stays_the_same(project: Project) -> None:
    project.check()
    before = (project.root / RECORDINGS).read_bytes()
    project.label(a=BOTH, b=BOTH)
    project.check()
    assert (project.root / RECORDINGS).read_bytes() == before  # or extract would run again with each label


def test_few_labels_draw_no_test_set_yet(project: Project) -> None:
    project.label(a={"good": range(3)})
    project.check()
    assert "no test set is drawn yet: no frame has the label 'bad'" in project.notes
    project.label(a=BOTH)
    project.check()
    assert "no test set is drawn yet: all labels are of one recording" in project.notes
    assert not project.test_set.exists()


def test_one_recording_a_class_is_told_with_settings_that_help(project: Project) -> None:
    project.label(a={"good": range(100)}, b={"bad": range(100)})
    told = project.faults()
    assert "the class 'good' has 100 labelled frames, and none of them can" in told
    assert "for all are of the recording 'b'" in told
    assert "-S select.split=time_gap -S select.time_gap=2" in told
    assert not project.test_set.exists() and not (project.root / RECORDINGS).exists()
    project.check(split="time_gap", time_gap=2.0)
    assert project.test_set.exists()


def test_all_faults_are_told_at_once(project: Project) -> None:
    project.label(a={"god": range(2), "good": range(2, 4)})
    project.label("other", nowhere={"good": range(1)})
    (project.root / "annotations" / "labels.xlsx").write_bytes(b"PK\x03\x04")
    (project.root / "annotations" / "dir.csv").mkdir()
    (project.root / "annotations" / "notes.txt").write_text("")
    (project.root / "annotations" / "README.md").write_text("")
    (project.root / "data" / "videos" / "Labels.CSV").write_text("video,frame,label\n")
    (project.root / "data" / "videos" / "broken.avi").write_bytes(b"no video")
    told = project.faults()
    for part in (
        "check: 5 faults",
        "unknown label 'god'; did you mean 'good'? (1 more rows have it)",
        "other.csv line 2: the video 'nowhere' is not under",
        "labels.xlsx is a spreadsheet; save it as CSV",
        "dir.csv is a folder, not a table",
        "Labels.CSV looks like a table of labels; move it to annotations/",
    ):
        assert part in told
    notes = " ".join(project.notes)
    assert "ignored what is no CSV: notes.txt" in notes and "README" not in notes
    assert "skipped: " in notes and "broken.avi" in notes
    assert "--classes=good,god, or -S 'data.classes=[good,god]'" in notes


def test_names_of_classes_are_taken_as_text(project: Project) -> None:
    project.classes = [0, True, "Übung (2)"]
    project.label(a={"0": range(9), "TRUE": range(9, 20), "übung  (2)": range(20, 40)})
    project.label("more", b={"0": range(9), "true": range(9, 20), "Übung (2)": range(20, 40)})
    project.check()
    assert "data.classes: 0 is taken as the name '0'" in project.notes
    assert "data.classes: True is taken as the name 'true'" in project.notes
    assert "annotations: the label 'TRUE' (11 rows) is taken as 'true'" in project.notes


def test_labels_beyond_the_limits_and_rare_classes_are_counted(project: Project) -> None:
    project.label(a=BOTH, b=BOTH | {"bad": range(20, 23)}, day_c=BOTH | {"bad": range(20, 22)})
    project.check(limits={"train_labels": 10, "test_labels": 5}, test_recordings=["day/c"])
    notes = " ".join(project.notes)
    assert "53 labelled frames will not be used: data.train_labels is 10, and 63 could train" in notes
    assert "17 labelled frames will not be used: their recordings are kept for testing" in notes


def test_the_disk_is_looked_at(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 10})())
    assert "the frames need about 0.0 GB, and 0.0 GB are free; make room" in project.faults()


def test_a_recording_under_two_names_is_told(project: Project) -> None:
    videos = project.root / "data" / "videos"
    source = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=5:duration=1"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", *source, "-c:v", "mjpeg", videos / "one.avi"]
    subprocess.run(command, check=True)
    shutil.copy(videos / "one.avi", videos / "day" / "again.avi")
    project.check()
    told = [note for note in project.notes if "are the same recording" in note]
    assert len(told) == 1 and "day/again.avi and " in told[0] and "one.avi" in told[0]


def test_a_test_set_is_drawn_anew_on_purpose_alone(project: Project) -> None:
    with pytest.raises(InputError, match="nothing is labelled yet"):
        project.draw()
    project.label(a=BOTH, b=BOTH, day_c=BOTH)
    project.check()
    first = project.test_set.read_text()
    others = [project.draw(seed=seed) and project.test_set.read_text() for seed in range(1, 8)]
    assert set(others) - {first}
    assert project.draw(seed=0).startswith("drew 40 test frames in place of 40, ")
    assert project.test_set.read_text() == first


def test_an_annotated_split_needs_no_test_set(project: Project) -> None:
    rows = [f"{name},{frame},{'good' if frame % 2 else 'bad'},{side}" for name, side in (("a", "train"), ("b", "test"))
            for frame in range(20)]  # fmt: skip
    (project.root / "annotations" / "x.csv").write_text("\n".join(["video,frame,label,split", *rows]))
    project.check()
    assert not project.test_set.exists() and not project.notes
    with pytest.raises(InputError, match="the annotations give a split themselves"):
        project.draw()
    project.draw(honour_annotated_split=False)
    project.check()
    assert "has no effect, for the annotations give a split themselves" in " ".join(project.notes)
