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
    first = pd.read_csv(workspace / "selection" / "selection.csv")
    assert first["reason"].str.len().min() > 0
    assert (workspace / "selection" / "contact_sheet_train.png").stat().st_size > 1000

    refused = run("dataset", workspace)
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: none of the selected frames is annotated; 18 of 18 selected frames")
    assert "Traceback" not in refused.stderr
    assert not (workspace / "dataset").exists()
    wanted = pd.read_csv(workspace / "to_annotate" / "to_annotate.csv")
    assert set(wanted["reason"]) == set(first["reason"])
    assert len(wanted) == len(list((workspace / "to_annotate").glob("*.jpg"))) == 18

    annotate(workspace, wanted)
    assert run("select_frames", workspace).returncode == 0
    again = pd.read_csv(workspace / "selection" / "selection.csv")
    assert again.drop(columns="reason").equals(first.drop(columns="reason"))  # what was annotated is what is selected
    assert again["reason"].isna().all()
    done = run("dataset", workspace)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(list((workspace / "dataset").glob("*/frames/*/*.jpg"))) == 18
    assert [path.name for path in (workspace / "to_annotate").iterdir()] == ["to_annotate.csv"]
    rows = [line.split() for line in done.stdout.splitlines()]
    assert [row[:2] for row in rows] == [
        [split, name] for split in ("train", "validation", "test") for name in ("good", "defective")
    ]
    assert sum(int(row[2]) for row in rows) == 18 and [row[2] for row in rows[2:4]] == ["1", "1"]


@pytest.mark.parametrize("wanted", [0, 5, 500])
def test_frames_without_a_label_are_laid_out_for_the_teacher(workspace: Path, wanted: int) -> None:
    params = yaml.safe_load((workspace / "params.yaml").read_text())
    params["task"]["unlabelled_frames"] = wanted
    (workspace / "params.yaml").write_text(yaml.safe_dump(params))
    run("select_frames", workspace)
    annotate(workspace, pd.read_csv(workspace / "selection" / "selection.csv").rename(columns={"recording": "video"}))
    run("select_frames", workspace)
    assert run("dataset", workspace).returncode == 0
    selected = pd.read_csv(workspace / "selection" / "selection.csv")
    (trained,) = set(selected["recording"][selected["split"] == "train"])
    found = {path.name for path in (workspace / "dataset" / "unlabelled").iterdir()}
    assert len(found) == min(wanted, 20)  # of 30 frames of the recording that trains, 10 have a label
    assert all(name.startswith(f"{trained}-") for name in found)
    assert not found & {path.name for path in (workspace / "dataset").glob("*/frames/*/*.jpg")}


def test_what_is_missing_is_listed(workspace: Path) -> None:
    run("select_frames", workspace)
    selected = pd.read_csv(workspace / "selection" / "selection.csv").rename(columns={"recording": "video"})
    annotate(workspace, selected.drop(index=[0, 17]))
    done = run("dataset", workspace)
    assert done.returncode == 0
    assert done.stderr.startswith("note: 2 of 18 selected frames have no label yet: run `tinyinspect label` to label")
    listed = pd.read_csv(workspace / "to_annotate" / "to_annotate.csv")
    missing = selected.iloc[[0, 17]].sort_values(["video", "frame"])
    assert listed[["video", "frame"]].to_numpy().tolist() == missing[["video", "frame"]].to_numpy().tolist()


def type_labels(folder: Path) -> pd.DataFrame:
    """Somebody fills in the list that the stage left, odd frames defective."""
    path = folder / "to_annotate" / "to_annotate.csv"
    wanted = pd.read_csv(path, keep_default_na=False)
    wanted["label"] = ["defective" if frame % 2 else "good" for frame in wanted["frame"]]
    wanted.to_csv(path, index=False)
    return wanted


@pytest.mark.parametrize("listed", [["video", "frame", "label", "reason"], ["video", "frame", "label"]])
def test_labels_typed_into_the_list_become_annotations(workspace: Path, listed: list[str]) -> None:
    run("select_frames", workspace)
    assert run("dataset", workspace).returncode == 1  # nothing is annotated
    typed = type_labels(workspace)
    typed[listed].to_csv(workspace / "to_annotate" / "to_annotate.csv", index=False)  # an older one gives no reasons
    done = run("dataset", workspace)
    assert done.returncode == 1  # the check has yet to draw the test set from them
    assert done.stderr == (
        "error: 18 labels typed into to_annotate/to_annotate.csv now stand in annotations/labels.csv; run `dvc repro` "
        "again, which first draws the test set from them\n"
    )
    kept = pd.read_csv(workspace / "annotations" / "labels.csv", keep_default_na=False)
    columns = ["video", "frame", "label"]
    written, wanted = (one[columns].sort_values(columns).to_numpy().tolist() for one in (kept, typed))
    assert written == wanted
    again = run("dataset", workspace)
    assert (again.returncode, again.stderr) == (0, "")
    assert len(list((workspace / "dataset").glob("*/frames/*/*.jpg"))) == 18


def test_typed_labels_are_kept_where_the_stage_fails(workspace: Path) -> None:
    run("select_frames", workspace)
    run("dataset", workspace)
    path = workspace / "to_annotate" / "to_annotate.csv"
    wanted = pd.read_csv(path, keep_default_na=False)
    wanted.loc[0, "label"] = "good"  # one class alone: the stage fails
    wanted.to_csv(path, index=False)
    done = run("dataset", workspace)
    assert done.returncode == 1 and "has no frame in the" in done.stderr
    kept = pd.read_csv(workspace / "annotations" / "labels.csv", keep_default_na=False)
    assert kept[["video", "frame", "label"]].to_numpy().tolist() == [[*wanted.iloc[0, :2], "good"]]
    left = pd.read_csv(path, keep_default_na=False)
    assert len(left) == 17 and set(left["label"]) == {""}


def test_a_typed_label_that_is_unknown_is_not_lost(workspace: Path) -> None:
    run("select_frames", workspace)
    run("dataset", workspace)
    path = workspace / "to_annotate" / "to_annotate.csv"
    path.write_text(path.read_text().replace(",,", ",goood,", 1))
    done = run("dataset", workspace)
    assert done.returncode == 1 and "did you mean 'good'?" in done.stderr
    written = "".join(one.read_text() for one in [path, *(workspace / "annotations").glob("*.csv")])
    assert written.count("goood") >= 1


def test_a_typed_label_that_contradicts_the_annotations_is_one_sentence(workspace: Path) -> None:
    run("select_frames", workspace)
    run("dataset", workspace)
    typed = type_labels(workspace)
    one = typed.iloc[0]
    other = "good" if one["label"] == "defective" else "defective"
    mine = f"video,frame,label\n{one['video']},{one['frame']},{other}\n"
    (workspace / "annotations" / "labels.csv").write_text(mine)
    before = (workspace / "to_annotate" / "to_annotate.csv").read_text()
    done = run("dataset", workspace)
    assert done.returncode == 1
    assert done.stderr == (
        f"error: to_annotate/to_annotate.csv: frame {one['frame']} of '{one['video']}' is '{one['label']}' here and "
        f"'{other}' in annotations/labels.csv; correct one of them\n"
    )
    assert (workspace / "annotations" / "labels.csv").read_text() == mine
    assert (workspace / "to_annotate" / "to_annotate.csv").read_text() == before


@pytest.mark.parametrize("stage", ["select_frames", "dataset"])
def test_a_bad_annotation_is_one_sentence(workspace: Path, stage: str) -> None:
    (workspace / "annotations" / "mine.csv").write_text("video,frame,label\na.avi,30,good\n")
    done = run(stage, workspace)
    assert done.returncode == 1
    assert done.stderr == (
        "error: annotations/mine.csv line 2: frame 30 of 'a.avi' is not there, its last is 29 (counting starts at 0); "
        "correct the number or remove the row\n"
    )
    assert not (workspace / "dataset").exists()


def test_embeddings_that_are_missing(workspace: Path) -> None:
    shutil.rmtree(workspace / "embeddings")
    done = run("select_frames", workspace)
    assert done.returncode == 1
    assert done.stderr.startswith("error: embeddings/embeddings.npy is missing or broken; run")
