"""The story of docs/tour.md at small settings, in Chromium and on the command line: six minutes, `make test-tour`."""

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.browser import chromium
from tests.tour import CLASSES, Tour
from tinyinspect.review.markdown import MARKER

SMALL = [
    "teacher=none",
    "extract.fps=1",
    "pretrain.epochs=1",
    "pretrain.batch_size=64",
    "train.epochs=20",
    "quantize.calibration_frames=50",
]


def labels(tour: Tour) -> dict[tuple[str, int], str]:
    table = pd.read_csv(tour.line / "annotations" / "labels.csv")
    return {(video, int(frame)): label for video, frame, label in table[["video", "frame", "label"]].to_numpy()}


@pytest.mark.slow
def test_record_label_train_look_fix_train_again_compare_review_deploy(tmp_path: Path) -> None:
    with chromium() as browser:
        tour = Tour(tmp_path, browser, SMALL)
        tour.record()
        assert "tinyinspect label" in tour.said["unlabelled"]
        tour.label()
        first = labels(tour)
        assert len(first) >= 200 and sum(first[one] != tour.truth[one] for one in first) == 2
        tour.train()
        assert tour.look()
        assert sum(tour.fix().values()) == 2
        assert labels(tour) == {one: tour.truth[one] for one in first}
    tour.train_again()
    assert tour.said["diff"].count("\n+line_") == 2
    said = tour.compare()
    assert said.startswith(f"{MARKER}\n### Model: main → the working folder")
    assert "camera, 60 pictures that both were tested on" in said
    comparison = tour.review()
    assert (comparison / "comparison.md").read_text().splitlines()[3:] == said.splitlines()[3:]
    assert (comparison.parent / "models" / "report.html").exists()
    drive, bundle = tour.deploy(), tour.line / "models" / "openmv"
    assert (drive / "model.tflite").read_bytes() == (bundle / "model.tflite").read_bytes()
    assert json.loads((drive / "settings.json").read_text())["classifier"]["classes"] == CLASSES
