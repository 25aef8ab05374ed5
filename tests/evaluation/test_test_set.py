from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tinyinspect.errors import InputError
from tinyinspect.evaluation.test_set import read_class_set, read_gate_set


def write(folder: Path, count: int, level: int) -> None:
    folder.mkdir(parents=True)
    for number in range(count):
        Image.fromarray(np.full((16, 16, 3), level, np.uint8)).save(folder / f"{number}.jpg")


@pytest.fixture
def workspace(tmp_path) -> Path:
    for name, count in {"good": 3, "defective": 2, "no_mask": 4}.items():
        write(tmp_path / "labeled" / name, count, 200)
    write(tmp_path / "abnormal" / "test" / "photo" / "dress", 5, 100)
    write(tmp_path / "abnormal" / "test" / "object" / "ball", 2, 90)
    write(tmp_path / "abnormal" / "seen" / "class" / "no_mask", 4, 10)
    return tmp_path


def test_a_gates_set_is_normal_unseen_and_seen(workspace):
    test = read_gate_set(workspace / "labeled", workspace / "abnormal", ["good", "defective"])
    assert test.frames.labels.tolist() == [0] * 5 + [1] * 11
    assert test.sources.tolist() == [""] * 5 + ["object/ball"] * 2 + ["photo/dress"] * 5 + ["class/no_mask"] * 4
    assert test.unseen.tolist() == [False] * 5 + [True] * 7 + [False] * 4
    assert test.counted.tolist() == [True] * 12 + [False] * 4
    assert [int(picture[0, 0, 0]) for picture in test.frames.pictures[4:6]] == [200, 90]


def test_without_seen_pictures_all_count(workspace):
    for path in (workspace / "abnormal" / "seen").rglob("*.jpg"):
        path.unlink()
    test = read_gate_set(workspace / "labeled", workspace / "abnormal", ["good", "defective"])
    assert len(test.frames) == 12 and test.counted.all()


def test_a_classifiers_set_counts_whole(workspace):
    test = read_class_set(workspace / "labeled", ["good", "defective", "no_mask"])
    assert len(test.frames) == 9 and test.counted.all() and not test.unseen.any()


def test_missing_abnormal_pictures_are_one_sentence(tmp_path, workspace):
    with pytest.raises(InputError, match="run `dvc repro abnormals`"):
        read_gate_set(workspace / "labeled", tmp_path / "none", ["good", "defective"])
