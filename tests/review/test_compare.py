"""Two versions of a small project in Git, compared."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image
from typer.testing import CliRunner

from tests.device.verified import verified
from tests.tasks.measured import of_classifier
from tinyinspect.cli.main import app
from tinyinspect.errors import InputError
from tinyinspect.files import write_json
from tinyinspect.review.compared import common
from tinyinspect.review.versions import read_version
from tinyinspect.tasks.classifier.comparison import compare

ROOT = Path(__file__).parents[2]
COUNT = 60


def predictions(wrong: set[int]) -> pd.DataFrame:
    truth = np.where(np.arange(COUNT) % 3 == 0, "defective", "good")
    other = np.where(truth == "good", "defective", "good")
    answer = np.where([row in wrong for row in range(COUNT)], other, truth)
    names = [f"a.avi-{row:06d}.jpg" for row in range(COUNT)]
    score = np.full(COUNT, 0.9)
    return pd.DataFrame(
        {
            "picture": names,
            "recording": "a.avi",
            "frame": [str(row) for row in range(COUNT)],
            "source": "",
            "group": "",
            "counted": True,
            "truth": truth,
            "answer_float": truth,
            "answer_camera": answer,
            "score_float": score,
            "score_camera": score,
        }
    )


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@localhost", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def write(folder: Path, wrong: set[int], trained: list[str], epochs: int) -> None:
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    params["train"]["epochs"] = epochs
    (folder / "params.yaml").write_text(yaml.safe_dump(params))
    write_json(of_classifier(lost=(0.5, -1)), folder / "metrics.json")
    write_json(verified(file_bytes=95000, arena_bytes=26000), folder / "device.json")
    predictions(wrong).to_csv(folder / "predictions.csv", index=False)
    rows = [(name, "train", "good") for name in trained]
    pd.DataFrame(rows, columns=["picture", "split", "truth"]).to_csv(folder / "trained_on.csv", index=False)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Tag `before` has 20 of 60 frames wrong; the working folder 2 of these, and one new."""
    git(tmp_path, "init", "-q")
    write(tmp_path, set(range(20)), ["b.avi-000001.jpg"], epochs=100)
    (tmp_path / "annotations").mkdir()
    (tmp_path / "annotations" / "labels.csv").write_text("video,frame,label\na.avi,0,good\n")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "before")
    git(tmp_path, "tag", "before")
    write(tmp_path, {3, 6, 41}, ["b.avi-000001.jpg", "a.avi-000059.jpg"], epochs=300)
    (tmp_path / "annotations" / "labels.csv").write_text("video,frame,label\na.avi,0,good\na.avi,1,good\n")
    pictures = tmp_path / "dataset" / "test" / "frames" / "good"
    pictures.mkdir(parents=True)
    for row in (0, 41):
        Image.new("RGB", (64, 48), "grey").save(pictures / f"a.avi-{row:06d}.jpg")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_frame_that_one_was_trained_on_is_refused(project):
    same = common(read_version(project, "before"), read_version(project, None))
    assert len(same.head) == COUNT - 1 and same.refused == 1
    assert list(same.newly_wrong["frame"]) == ["41"] and len(same.newly_right) == 18


def test_the_paired_tests_tell_a_difference_from_chance(project):
    same = common(read_version(project, "before"), read_version(project, None))
    accuracy, balanced, worst = compare(same, 0)
    assert accuracy.before == pytest.approx(39 / 59) and accuracy.after == pytest.approx(56 / 59)
    assert accuracy.beyond_chance and balanced.beyond_chance and "18 gained, 1 lost" in accuracy.test
    assert worst.name == "recall of 'defective', the worst class"
    unchanged = compare(common(read_version(project, "before"), read_version(project, "HEAD")), 0)
    assert not any(row.beyond_chance for row in unchanged)


def test_a_corrected_label_counts_for_both(project):
    table = pd.read_csv("predictions.csv", keep_default_na=False)
    table.loc[5, "truth"] = "defective"  # as the earlier model had said
    table.to_csv("predictions.csv", index=False)
    same = common(read_version(project, "before"), read_version(project, None))
    assert list(same.newly_wrong["frame"]) == ["5", "41"]


def test_the_command_prints_markdown_and_draws_a_sheet(project):
    done = CliRunner().invoke(app, ["compare", "before", "--out", "comparison"])
    assert done.exit_code == 0, done.output
    assert "| accuracy | 66.1 % | 94.9 % | +28.8 points" in done.output and "**better**" in done.output
    assert "**1 newly wrong, 18 newly right**; 1 refused" in done.output
    assert "Labels: 1 → 2 (+1)" in done.output and "`train.epochs` 100 → 300" in done.output
    assert "2 of these 19 pictures are on the contact sheet" in done.output
    assert (project / "comparison" / "comparison.md").read_text() == done.output
    with Image.open("comparison/frames.jpg") as sheet:
        assert sheet.width == 3 * 144  # as wide as its headings


def test_an_experiment_is_known_by_its_name(project):
    git(project, "update-ref", "refs/exps/ab/cdef/sunny-days", "before")
    assert read_version(project, "sunny-days").params["train"]["epochs"] == 100


def test_what_cannot_be_compared_is_one_sentence(project):
    with pytest.raises(InputError, match="'nowhere' is no commit, branch, tag or experiment"):
        read_version(project, "nowhere")
    git(project, "rm", "-q", "--cached", "predictions.csv")
    git(project, "commit", "-qm", "without")
    with pytest.raises(InputError, match=r"HEAD has no predictions\.csv; run `dvc repro` there"):
        read_version(project, "HEAD")
    base = read_version(project, "before")
    shutil.copy("predictions.csv", "trained_on.csv")
    (project / "trained_on.csv").write_text(
        "picture,split,truth\n" + "".join(f"a.avi-{row:06d}.jpg,train,good\n" for row in range(COUNT))
    )
    with pytest.raises(InputError, match="no common picture"):
        common(base, read_version(project, None))
