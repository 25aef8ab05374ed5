import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import yaml
from PIL import Image

from tests.evaluation.shapes import CLASSES, frames
from tinyinspect.config.loading import check
from tinyinspect.config.params import Params
from tinyinspect.project.compose import composed
from tinyinspect.selection.labelled import frames_folder
from tinyinspect.tasks.classifier.baselines import of_teacher, scores

ROOT = Path(__file__).parents[3]
TASK = check(composed(ROOT / "conf", []), "conf/", Params).task


def write(dataset: Path, splits: dict[str, int], size: int) -> None:
    for seed, (split, count) in enumerate(splits.items()):
        made = frames(count, seed=seed)
        for name in CLASSES:
            (frames_folder(dataset, split) / name).mkdir(parents=True)
        for picture, label, name in zip(made.pictures, made.labels, made.names, strict=True):
            Image.fromarray(picture).resize((size, size)).save(frames_folder(dataset, split) / CLASSES[label] / name)


def mean_colour(pictures) -> np.ndarray:
    return np.array([picture.astype(np.float32).reshape(-1, 3).std(0) for picture in pictures])


def test_both_views_are_measured_on_test_frames(tmp_path):
    write(tmp_path, {"train": 8, "validation": 2, "test": 6}, 64)
    sides = []

    def encode(pictures):
        sides.append((len(pictures), pictures[0].shape[0]))
        return mean_colour(pictures)

    found = of_teacher(tmp_path, encode, classes=CLASSES, task=TASK, input_size=24)
    assert sides == [(30, 64), (18, 64), (30, 24), (18, 24)]
    assert set(found) == {"linear_full_size", "linear_camera_view", "linear_cross_validated"}
    assert all(0 <= value <= 1 for measured in found.values() for value in measured.values())
    assert found["linear_full_size"]["accuracy"] > 0.5


def test_a_class_with_one_frame_is_measured_too(tmp_path):
    write(tmp_path, {"train": 4, "validation": 1, "test": 3}, 32)
    mine = [
        path for split in ("train", "validation") for path in (frames_folder(tmp_path, split) / CLASSES[0]).glob("*")
    ]
    for path in mine[1:]:
        path.unlink()
    assert "linear_cross_validated" in of_teacher(tmp_path, mean_colour, classes=CLASSES, task=TASK, input_size=16)


def test_balanced_accuracy_is_over_the_classes_there_are():
    assert scores(np.array([0, 0, 0, 2]), np.array([0, 0, 0, 1])) == {"accuracy": 0.75, "balanced_accuracy": 0.5}


def test_the_stage_writes_what_the_teacher_gets_and_nothing_without_one(tmp_path):
    write(tmp_path / "dataset", {"train": 3, "validation": 1, "test": 2}, 48)
    for choice in ("packaged", "none"):
        params = composed(ROOT / "conf", [f"teacher={choice}", f"data.classes=[{','.join(CLASSES)}]"])
        (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
        command = [sys.executable, str(ROOT / "stages/baselines.py")]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        written = json.loads((tmp_path / "baselines.json").read_text())
        assert (written["teacher"] is None) == (choice == "none") == (written["measures"] == {})
