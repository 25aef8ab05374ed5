from typing import Any

import numpy as np
import pytest
from PIL import Image

from tinyinspect.selection.labelled import frames_folder
from tinyinspect.tasks.classifier import unknown, wording
from tinyinspect.tasks.classifier.decision import ScoreLimits
from tinyinspect.tasks.classifier.report import card
from tinyinspect.tasks.classifier.settings import Task

CLASSES = ["good", "bad"]


@pytest.fixture
def dataset(tmp_path):
    """Two test frames of each class, with structure that a fault takes away."""
    random = np.random.default_rng(0)
    for label in CLASSES:
        folder = frames_folder(tmp_path, "test") / label
        folder.mkdir(parents=True)
        for number in range(2):
            blocks = random.integers(0, 256, (6, 6, 3), np.uint8).repeat(20, 0).repeat(20, 1)
            Image.fromarray(blocks).save(folder / f"a.avi-{number:06d}.jpg")
    return tmp_path


def test_pictures_come_in_three_groups_and_are_the_same_for_a_seed(dataset):
    task = Task.model_construct()
    first, second = (unknown.pictures(dataset, classes=CLASSES, task=task, seed=3) for _ in range(2))
    assert list(first) == ["camera faults", "photos", "foreign objects"]
    assert all(len(pictures) > 10 for pictures in first.values())
    assert all(np.array_equal(a, b) for group in first for a, b in zip(first[group], second[group], strict=True))


def measured() -> dict[str, Any]:
    sure, torn = [6.0, 0.0], [0.1, 0.0]
    logits = {"photos": np.array([sure, sure, sure, torn], np.float32), "nothing": np.zeros((0, 2), np.float32)}
    return unknown.answers(logits, ScoreLimits.model_construct(temperature=1.0, min_score=0.6), CLASSES)


def test_the_share_that_it_is_sure_of_with_an_interval():
    found = measured()
    assert list(found) == ["photos"]
    photos = found["photos"]
    assert (photos["pictures"], photos["counted"], photos["confident"], photos["most_given"]) == (4, 0.75, 0.75, "good")
    assert 0 < photos["confident_ci_low"] < 0.75 < photos["confident_ci_high"] < 1


def test_the_table_and_the_card_tell_it():
    metrics = {"unknown": measured()}
    (table,) = wording.tables(metrics)
    assert table.rows[0][:2] == ["photos", "4"]
    limits = dict(card(metrics, CLASSES))["Limits"]
    assert "90 % or more for 75 % of photos" in limits
    assert wording.tables({}) == []
