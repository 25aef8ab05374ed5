"""The two stages as `dvc repro` runs them, on frames in a fresh folder."""

import io
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image

from tinyinspect.recordings.store import COLUMNS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Two recordings of 30 frames: noise pictures, bright ones good, dark ones defective."""
    write_frames(tmp_path / "frames")
    (tmp_path / "data" / "videos").mkdir(parents=True)
    (tmp_path / "annotations").mkdir()
    (tmp_path / "embeddings").mkdir()
    np.save(
        tmp_path / "embeddings" / "embeddings.npy", np.random.default_rng(0).normal(size=(60, 8)).astype(np.float32)
    )
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    params["data"] = {"classes": ["good", "defective"], "train_labels": None, "test_labels": None}
    params["select"] |= {"train_frames": 10, "test_frames": 8}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    return tmp_path


def write_frames(folder: Path) -> None:
    folder.mkdir()
    rng = np.random.default_rng(0)
    rows, content = [], b""
    for row in range(60):
        buffer = io.BytesIO()
        low = 100 * (row % 2)
        Image.fromarray(rng.integers(low, low + 100, (12, 16, 3)).astype(np.uint8)).save(buffer, "JPEG")
        jpeg = buffer.getvalue()
        name, frame, digits = "ab"[row // 30] + ".avi", row % 30, f"{rng.integers(2**62):016x}"
        rows.append([name, frame, frame / 15, 16, 12, 1.0, digits, "x-000000.tar", len(content), len(jpeg)])
        content += jpeg
    (folder / "x-000000.tar").write_bytes(content)
    pd.DataFrame(rows, columns=list(COLUMNS)).to_csv(folder / "index.csv", index=False)


def run(stage: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "stages" / f"{stage}.py"], cwd=folder, capture_output=True, text=True, check=False
    )


def annotate(folder: Path, frames: pd.DataFrame) -> None:
    lines = [f"{one.video},{one.frame},{'defective' if one.frame % 2 else 'good'}" for one in frames.itertuples()]
    (folder / "annotations" / "mine.csv").write_text("\n".join(["video,frame,label", *lines]) + "\n")


def test_from_no_label_to_a_labelled_set(workspace: Path) -> None:
    assert run("select_frames", workspace).returncode == 0
    first = (workspace / "selection" / "selection.csv").read_text()
    assert (workspace / "selection" / "contact_sheet_train.png").stat().st_size > 1000

    refused = run("label", workspace)
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: none of the selected frames is annotated; 18 of 18 selected frames")
    assert "Traceback" not in refused.stderr
    wanted = pd.read_csv(workspace / "labeled" / "to_annotate.csv")
    assert len(wanted) == len(list((workspace / "labeled" / "to_annotate").glob("*.jpg"))) == 18

    annotate(workspace, wanted)
    assert run("select_frames", workspace).returncode == 0
    assert (workspace / "selection" / "selection.csv").read_text() == first  # what was annotated is what is selected
    done = run("label", workspace)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(list((workspace / "labeled").glob("t*/*/*.jpg"))) == 18
    assert not list((workspace / "labeled" / "to_annotate").iterdir())


def test_what_is_missing_is_listed(workspace: Path) -> None:
    run("select_frames", workspace)
    selected = pd.read_csv(workspace / "selection" / "selection.csv").rename(columns={"recording": "video"})
    annotate(workspace, selected.drop(index=[0, 17]))
    done = run("label", workspace)
    assert done.returncode == 0
    assert done.stderr.startswith("note: 2 of 18 selected frames have no label yet: copy labeled/to_annotate.csv to")
    listed = pd.read_csv(workspace / "labeled" / "to_annotate.csv")
    assert listed["frame"].tolist() == selected["frame"].iloc[[0, 17]].tolist()


@pytest.mark.parametrize("stage", ["select_frames", "label"])
def test_a_bad_annotation_is_one_sentence(workspace: Path, stage: str) -> None:
    (workspace / "annotations" / "mine.csv").write_text("video,frame,label\na.avi,30,good\n")
    done = run(stage, workspace)
    assert done.returncode == 1
    assert done.stderr == (
        "error: annotations/mine.csv line 2: frame 30 of 'a.avi' is not there, its last is 29 (counting starts at 0); "
        "correct the number or remove the row\n"
    )
    assert not (workspace / "labeled").exists()


def test_embeddings_that_are_missing(workspace: Path) -> None:
    shutil.rmtree(workspace / "embeddings")
    done = run("select_frames", workspace)
    assert done.returncode == 1
    assert done.stderr.startswith("error: embeddings/embeddings.npy is missing or broken; run")
