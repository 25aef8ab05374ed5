from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tinyinspect.config.loading import check
from tinyinspect.config.params import Params
from tinyinspect.errors import InputError
from tinyinspect.learning.frames import frames_of
from tinyinspect.models.checkpoint import build
from tinyinspect.project.compose import composed
from tinyinspect.selection.labelled import VALIDATION, Labelled, frames_folder
from tinyinspect.tasks.classifier.settings import Loss, Task
from tinyinspect.tasks.classifier.tuning import labelled_frames, objective, parts, pictures, right_answers, score

CLASSES = ["bar", "blank"]
TASK = Task(name="classifier", validation_fraction=0.02, folds=3, fold_epochs=0.1, unlabelled_frames=0)


@pytest.fixture(scope="module")
def params() -> Params:
    return check(composed(Path(__file__).parents[3] / "conf", []), "conf/", Params)


def fresh(model):
    torch.manual_seed(0)
    return build(model, 2)


def loss(balance: float) -> Loss:
    return Loss(name="cross_entropy", class_balance=balance, label_smoothing=0)


def recorded(*recordings: tuple[int, str]) -> Labelled:
    """Six frames of each recording, all with its label."""
    labels = np.repeat([label for label, _ in recordings], 6)
    names = [f"{name}-{frame:06d}.jpg" for _, name in recordings for frame in range(6)]
    return Labelled([np.zeros((8, 8, 3), np.uint8)] * len(labels), labels, names)


def test_recordings_stay_whole_where_there_are_enough():
    labelled = recorded(*((label, f"r{label}-{number}") for label in (0, 1) for number in range(4)))
    found = parts(labelled, task=TASK, seed=0)
    assert len(found) == 3 and sorted(np.concatenate(found)) == list(range(48))
    for rows in found:
        inside = {labelled.names[row].rpartition("-")[0] for row in rows}
        assert not inside & {labelled.names[row].rpartition("-")[0] for row in set(range(48)) - set(rows)}


def test_few_recordings_are_cut_frame_by_frame():
    found = parts(recorded((0, "a"), (1, "b")), task=TASK, seed=0)
    assert sorted(map(len, found)) == [4, 4, 4]


def test_the_score_is_what_the_line_asks_for():
    labels, right = np.array([0, 0, 0, 1]), np.array([True, True, True, False])
    assert objective(loss(0)) == "accuracy" and objective(loss(1)) == "balanced_accuracy"
    value, interval = score(right, labels, loss=loss(0))
    assert value == 0.75 and interval.low < 0.75 < interval.high
    value, interval = score(right, labels, loss=loss(1))
    assert value == 0.5 and interval.low < 0.5 < interval.high


def test_each_frame_is_judged_by_a_network_that_did_not_see_it(small_model, bars_and_blanks, params, tmp_path):
    """A frame that alone shows its label cannot be recognised, unless it was trained on."""
    train = params.train.model_copy(update={"epochs": 60, "batch_size": 12, "learning_rate": 0.01, "device": "cpu"})
    labels = bars_and_blanks.labels.copy()
    labels[0] = 1  # a bar called blank
    frames = frames_of(Labelled(bars_and_blanks.pictures, labels, bars_and_blanks.names), 32, torch.device("cpu"))
    epochs = []
    right = right_answers(
        lambda: fresh(small_model),
        frames,
        [np.arange(0, 12), np.arange(12, 24)],
        classes=CLASSES,
        loss=loss(1),
        train=train,
        seed=0,
        resume=tmp_path / "tune.pt",
        after_epoch=lambda: epochs.append(1),
    )
    assert right[1:].mean() > 0.75 and not right[0]
    assert len(epochs) == 120 and not list(tmp_path.iterdir())


def test_a_training_of_the_stage_sees_so_many_pictures(params):
    train = params.train.model_copy(update={"epochs": 10})
    assert pictures(30, task=TASK, train=train) == (600, 360)


def test_a_class_with_one_frame_is_one_sentence(tmp_path):
    for split in ("train", VALIDATION):
        for name in CLASSES:
            (frames_folder(tmp_path, split) / name).mkdir(parents=True)
    for name, count in (("bar", 3), ("blank", 1)):
        for number in range(count):
            Image.new("RGB", (8, 8)).save(frames_folder(tmp_path, "train") / name / f"r-{number}.jpg")
    with pytest.raises(InputError, match=r"^the class 'blank' has one labelled training frame, .*; label more"):
        labelled_frames(tmp_path, classes=CLASSES)
    Image.new("RGB", (8, 8)).save(frames_folder(tmp_path, VALIDATION) / "blank" / "r-9.jpg")
    assert labelled_frames(tmp_path, classes=CLASSES).labels.tolist() == [0, 0, 0, 1, 1]
