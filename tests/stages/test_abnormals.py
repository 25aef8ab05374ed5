"""The stage as `dvc repro` runs it, in a fresh folder."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from PIL import Image

ROOT = Path(__file__).parents[2]
METRIC = {
    "architecture": "mobilenetv2_metric",
    "input_size": 128,
    "width": 0.35,
    "last_channels": 1280,
    "embedding": 512,
    "weights": "random",
}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A labelled set with one abnormal class, three folders of photos, one picture of each kind of object."""
    for place in [f"labeled/{split}/{name}" for split in ("train", "test") for name in ("good", "no_mask")]:
        (tmp_path / place).mkdir(parents=True)
        Image.new("RGB", (16, 12), "grey").save(tmp_path / place / "line.avi-000000.jpg")
    for name, colour in {"cup": "red", "hat": "green", "shoe": "blue"}.items():
        (tmp_path / "photos" / name).mkdir(parents=True)
        Image.new("RGB", (40, 30), colour).save(tmp_path / "photos" / name / "1.png")
    configure(tmp_path, METRIC)
    return tmp_path


def configure(folder: Path, model: dict[str, object] | None = None, **gate: object) -> None:
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    params["data"]["classes"] = ["good", "no_mask"]
    params["gate"] |= {"normal_classes": ["good"], "packaged_crops": 1, "rendered_objects": 1, **gate}
    if model:
        params["model"] = model
    (folder / "params.yaml").write_text(yaml.safe_dump(params))


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "stages" / "abnormals.py"], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_tree_is_written_and_listed(workspace: Path) -> None:
    (workspace / "photos" / "hat" / "2.png").write_text("no picture")
    done = run(workspace)
    assert done.returncode == 0
    assert done.stderr == (
        "warning: photos: skipped 1 of 4 photos, first photos/hat/2.png (no picture of a known format); "
        "replace or remove them\n"
    )
    rows = [line.split() for line in done.stdout.splitlines()]
    assert len(rows) == 3 + 8 + 12 + 2  # photos, packaged photos, objects; the class is trained on and seen
    assert {int(count) for _, _, count in rows} == {1}
    assert {split for split, _, _ in rows} == {"train", "validation", "test", "seen"}
    listed = {f"{split}/{source}" for split, source, _ in rows}
    assert listed == {path.relative_to(workspace / "abnormal").as_posix() for path in workspace.glob("abnormal/*/*/*")}


def test_a_classifier_needs_none(workspace: Path) -> None:
    configure(workspace)  # the repository's own model is a classifier
    done = run(workspace)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "a classifier needs no abnormal pictures; abnormal/ is empty\n"
    assert list((workspace / "abnormal").iterdir()) == []


def test_a_mistake_is_one_sentence_and_leaves_nothing(workspace: Path) -> None:
    configure(workspace, METRIC, test_sources=["shoes"])
    done = run(workspace)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "error: params.yaml: gate.test_sources names 'shoes', which is no abnormal source; did you mean 'shoe'?\n"
    )
    assert not (workspace / "abnormal").exists()
