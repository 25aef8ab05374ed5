from pathlib import Path

import numpy as np
import pytest

from tests.tasks.gate.test_abnormals import task, write_pictures
from tests.tasks.gate.trees import write_gate_tree
from tinyinspect.errors import InputError
from tinyinspect.tasks.gate.pictures import abnormal_folder, calibration, read_abnormals


def test_reading_gives_labels_by_source(tmp_path: Path):
    write_pictures(tmp_path / "photo" / "hat", "1.jpg", "2.jpg")
    write_pictures(tmp_path / "object" / "key", "1.jpg")
    write_pictures(tmp_path / "photo" / "cup", "9.jpg")
    pictures, names = read_abnormals(tmp_path)
    assert names == ["object/key", "photo/cup", "photo/hat"]
    assert (pictures.labels.tolist(), pictures.labels.dtype) == ([0, 1, 2, 2], np.int64)
    assert pictures.names == ["1.jpg", "9.jpg", "1.jpg", "2.jpg"]
    assert {picture.shape for picture in pictures.pictures} == {(12, 16, 3)}


def test_reading_what_is_not_there(tmp_path: Path):
    for folder in (tmp_path, tmp_path / "test"):
        with pytest.raises(InputError) as error:
            read_abnormals(folder)
        assert str(error.value) == f"{folder} is missing or empty; run `dvc repro dataset`"


def test_reading_a_broken_picture(tmp_path: Path):
    (tmp_path / "photo" / "hat").mkdir(parents=True)
    (tmp_path / "photo" / "hat" / "1.jpg").write_text("no picture")
    with pytest.raises(InputError, match=r"1\.jpg is no readable picture .*; run the stage `dataset` again"):
        read_abnormals(tmp_path)


def test_calibration_sees_normal_frames_and_abnormal_pictures_that_were_trained_on(tmp_path: Path):
    write_gate_tree(tmp_path, each=4)
    found = calibration(tmp_path, classes=["good", "bad"], task=task().model_copy(update={"normal_classes": ["good"]}))
    assert found.labels.tolist() == [0] * 8 + [1] * 4  # of training and validation, then of training
    trained_on = read_abnormals(abnormal_folder(tmp_path, "train"))[0]
    assert all(np.array_equal(*pair) for pair in zip(found.pictures[8:], trained_on.pictures, strict=True))
