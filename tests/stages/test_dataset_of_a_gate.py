"""The stage as `dvc repro` runs it for a gate, in a fresh folder."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml
from PIL import Image

from tests.stages.test_select_frames_and_dataset import write_frames
from tinyinspect.project.compose import composed

ROOT = Path(__file__).parents[2]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Twenty labelled frames of a class that is normal and one that is not, three folders of photos."""
    write_frames(tmp_path / "frames")
    (tmp_path / "data" / "videos").mkdir(parents=True)
    (tmp_path / "annotations").mkdir()
    (tmp_path / "selection").mkdir()
    chosen = [("a.avi", frame, frame, "train", "") for frame in range(12)]
    chosen += [("b.avi", frame, 30 + frame, "test", "") for frame in range(8)]
    lines = [f"{video},{frame},{'no_mask' if frame % 2 else 'good'}" for video, frame, *_ in chosen]
    (tmp_path / "annotations" / "mine.csv").write_text("\n".join(["video,frame,label", *lines]) + "\n")
    rows = [",".join(map(str, one)) for one in chosen]
    (tmp_path / "selection" / "selection.csv").write_text("\n".join(["recording,frame,row,split,reason", *rows]) + "\n")
    (tmp_path / "selection" / "unlabelled.csv").write_text("recording,frame,row\na.avi,20,20\n")
    for name, colour in {"cup": "red", "hat": "green", "shoe": "blue"}.items():
        (tmp_path / "photos" / name).mkdir(parents=True)
        Image.new("RGB", (40, 30), colour).save(tmp_path / "photos" / name / "1.png")
    configure(tmp_path, "gate")
    return tmp_path


def configure(folder: Path, task: str, **changes: object) -> None:
    params = composed(ROOT / "conf", [f"task={task}"])
    params["data"]["classes"] = ["good", "no_mask"]
    if task == "gate":
        params["task"] |= {"normal_classes": ["good"], "packaged_crops": 1, "rendered_objects": 1}
        params["task"] |= {"camera_faults": 2, "hard_negatives": 2, **changes}
    (folder / "params.yaml").write_text(yaml.safe_dump(params))


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "stages" / "dataset.py"], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_tree_is_written_and_counted(workspace: Path) -> None:
    (workspace / "photos" / "hat" / "2.png").write_text("no picture")
    done = run(workspace)
    assert done.returncode == 0
    assert done.stderr == (
        "warning: photos: skipped 1 of 4 photos, first photos/hat/2.png (no picture of a known format); "
        "replace or remove them\n"
        "warning: camera_fault/red_blue_swapped is left out, for it leaves most of these frames as they were\n"
    )
    rows = [line.split() for line in done.stdout.splitlines()]
    assert rows[:3] == [
        ["train", "good", "5", "normal"],
        ["validation", "good", "1", "normal"],
        ["test", "good", "4", "normal"],
    ]
    dataset = workspace / "dataset"
    found: Counter[tuple[str, str]] = Counter()
    sources: Counter[tuple[str, str]] = Counter()
    for split in ("train", "validation", "test", "seen"):
        for source in (dataset / split / "abnormal").glob("*/*"):
            sources[split, source.parent.name] += 1
            found[split, source.parent.name] += len(list(source.glob("*.jpg")))
    assert {(row[0], row[1]): (int(row[2]), int(row[4])) for row in rows[3:]} == {
        key: (found[key], sources[key]) for key in sources
    }
    assert {split for split, _ in sources} == {"train", "validation", "test", "seen"}
    made = {"camera_fault", "hard_negative"}
    others = {key: count for key, count in sources.items() if key[1] not in made}
    assert sum(others.values()) == 3 + 8 + 12 + 2  # photos, packaged photos, objects; the class is trained on and seen
    assert {split for split, group in sources if group in made} == {"train", "validation", "seen"}
    assert all(sources[split, group] < found[split, group] for split, group in sources if group in made)
    assert found["train", "class"] == 6 and found["seen", "class"] == 4
    assert all(found[key] == count for key, count in others.items() if key[1] != "class")
    assert len(list(dataset.glob("*/frames/*/*.jpg"))) == 20
    assert not list(workspace.rglob(".*"))


def test_a_classifier_needs_no_abnormal_pictures(workspace: Path) -> None:
    configure(workspace, "classifier")
    done = run(workspace)
    assert (done.returncode, done.stderr) == (0, "")
    assert not list(workspace.glob("dataset/*/abnormal")) and "normal" not in done.stdout
    assert len(list((workspace / "dataset").glob("*/frames/*/*.jpg"))) == 20


def test_a_mistake_is_one_sentence_and_leaves_nothing(workspace: Path) -> None:
    configure(workspace, "gate", test_sources=["shoes"])
    done = run(workspace)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "error: params.yaml: task.test_sources names 'shoes', which is no abnormal source; did you mean 'shoe'?\n"
    )
    assert not (workspace / "dataset").exists() and not (workspace / ".dataset.partial").exists()
