import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.metrics import confusion_matrix

from tests.evaluation.shapes import CLASSES
from tinyinspect.evaluation import plots


def test_confusion_files_give_back_the_confusion_matrix(tmp_path, outputs, test_frames):
    plots.write_confusions(tmp_path / "confusion", outputs, test_frames.labels, CLASSES)
    assert {path.stem for path in (tmp_path / "confusion").iterdir()} == set(outputs)
    pairs = pd.read_csv(tmp_path / "confusion" / "pytorch.csv")
    found = confusion_matrix(pairs["actual"], pairs["predicted"], labels=CLASSES)
    np.testing.assert_array_equal(found, confusion_matrix(test_frames.labels, outputs["pytorch"].argmax(1)))


def test_precision_at_a_recall_is_the_best_of_any_threshold():
    positive = np.array([True, True, False, True, False, False])
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4], np.float32)
    curve = plots.best_precision(positive, scores)
    # Two of three at precision 1, the third costs one false alarm.
    assert curve[0] == curve[66] == 1
    assert curve[67] == curve[100] == pytest.approx(3 / 4)


def test_precision_at_recall_zero_is_measured():
    assert plots.best_precision(np.array([False, True]), np.array([0.9, 0.1], np.float32))[0] == 0.5


def test_precision_recall_files_hold_float_and_int8_of_each_class(tmp_path, outputs, test_frames):
    plots.write_precision_recall(tmp_path / "curves", outputs, test_frames.labels, CLASSES)
    assert {path.stem for path in (tmp_path / "curves").iterdir()} == set(CLASSES)
    table = pd.read_csv(tmp_path / "curves" / "blank.csv")
    assert list(table) == ["recall", "pytorch", "tflite_micro"]
    assert len(table) == 101
    assert (table[["pytorch", "tflite_micro"]].diff().dropna() <= 0).all(axis=None)


def test_mistakes_are_the_wrong_frames_with_the_most_confident_first(test_frames):
    logits = np.eye(3, dtype=np.float32)[test_frames.labels]
    logits[5] = [0, 1, 0]
    logits[50] = [4, 0, 0]
    scores = np.linspace(0, 1, 60, dtype=np.float32)
    found = plots.mistakes(test_frames, logits, scores, CLASSES)
    assert [(mistake.name, mistake.truth, mistake.said) for mistake in found] == [
        ("50.jpg", "blank", "bar"),
        ("5.jpg", "bar", "spot"),
    ]
    assert found[1].score == pytest.approx(5 / 59)
    np.testing.assert_array_equal(found[0].picture, test_frames.pictures[50])


@pytest.mark.parametrize("count", [0, 1, 7, 60])
def test_the_picture_of_mistakes_grows_with_them(tmp_path, test_frames, count):
    wrong = np.eye(3, dtype=np.float32)[(test_frames.labels + (np.arange(60) < count)) % 3]
    found = plots.mistakes(test_frames, wrong, np.ones(60, np.float32), CLASSES)
    plots.write_mistakes(tmp_path / "wrong.jpg", found, len(test_frames))
    with Image.open(tmp_path / "wrong.jpg") as picture:
        assert picture.width == 1200
        assert picture.height == {0: 80, 1: 310, 7: 560, 60: 1060}[count]
