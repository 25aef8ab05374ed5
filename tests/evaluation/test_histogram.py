import numpy as np
import pytest
from PIL import Image

from tests.evaluation.gates import RUNTIMES, embeddings_of, gate, pictures, scores
from tests.evaluation.shapes import CLASSES
from tinyinspect.evaluation import classification
from tinyinspect.evaluation.gate import score
from tinyinspect.evaluation.histogram import _of_classes, _of_gate, draw_scores
from tinyinspect.evaluation.test_set import TestSet


@pytest.fixture(scope="module")
def of_gate():
    return score(dict.fromkeys(RUNTIMES, embeddings_of(scores())), pictures(), gate(), 0)


def test_a_gates_groups_are_its_sources_with_the_unseen_first(of_gate):
    groups = _of_gate(of_gate)
    assert list(groups) == ["normal", "object/ball", "photo/dress", "class/no_mask, trained on"]
    assert sum(mine.sum() for mine, _ in groups.values()) == len(of_gate.test.frames)


def test_a_classifiers_groups_are_right_and_wrong(outputs, test_frames):
    test = TestSet(test_frames, CLASSES, np.full(60, ""), np.zeros(60, bool))
    right, wrong = (mine for mine, _ in _of_classes(classification.score(outputs, test, 0)).values())
    assert right.sum() == (outputs["tflite_micro"].argmax(1) == test_frames.labels).sum() == 60 - wrong.sum()


def test_the_same_scores_give_the_same_picture(of_gate, tmp_path):
    for name in ("a.png", "b.png"):
        draw_scores(of_gate, tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.width == 990
