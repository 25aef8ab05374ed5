from pathlib import Path

import numpy as np
import pytest
import torch

from tinyinspect.config.loading import check
from tinyinspect.config.params import Params
from tinyinspect.config.train import Train
from tinyinspect.learning import resume
from tinyinspect.learning.classification import Classification, class_weights, fit, split_validation
from tinyinspect.learning.frames import frames_of
from tinyinspect.models.checkpoint import build
from tinyinspect.project.compose import composed

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def settings() -> Train:
    train = check(composed(ROOT / "conf", []), "conf/", Params).train
    gentle = {"epochs": 30, "batch_size": 12, "learning_rate": 0.01, "min_scale": 0.9, "rotation": 5}
    return train.model_copy(update={**gentle, "device": "cpu"})


def fresh(model):
    torch.manual_seed(0)
    return build(model, ["bar", "blank"])


def test_it_learns_what_the_frames_show(small_model, bars_and_blanks, settings, tmp_path):
    network = fresh(small_model)
    measures = list(fit(network, bars_and_blanks, settings, 0, tmp_path / "resume.pt"))
    assert len(measures) == 30
    assert measures[-1]["train/loss"] < measures[0]["train/loss"]
    views = torch.from_numpy(bars_and_blanks.views(32)).permute(0, 3, 1, 2).float() / 255
    found = network.eval()(views).argmax(1).numpy()
    assert (found == bars_and_blanks.labels).mean() > 0.85
    assert not (tmp_path / "resume.pt").exists()


def test_the_same_seed_gives_the_same_weights(small_model, bars_and_blanks, settings, tmp_path):
    few = settings.model_copy(update={"epochs": 3})
    states = []
    for _ in range(2):
        network = fresh(small_model)
        list(fit(network, bars_and_blanks, few, 0, tmp_path / "resume.pt"))
        states.append(network.state_dict())
    for name, value in states[0].items():
        torch.testing.assert_close(value, states[1][name], rtol=0, atol=0)


def test_an_interrupted_training_ends_with_the_weights_of_a_whole_one(
    small_model, bars_and_blanks, settings, tmp_path, monkeypatch
):
    monkeypatch.setattr(resume, "SECONDS_BETWEEN_SAVES", 0)
    few = settings.model_copy(update={"epochs": 5})
    whole = fresh(small_model)
    expected = list(fit(whole, bars_and_blanks, few, 0, tmp_path / "whole.pt"))
    interrupted = fit(fresh(small_model), bars_and_blanks, few, 0, tmp_path / "resume.pt")
    for _ in range(3):
        next(interrupted)
    interrupted.close()
    resumed = fresh(small_model)
    measures = list(fit(resumed, bars_and_blanks, few, 0, tmp_path / "resume.pt"))
    assert measures == expected
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], value, rtol=0, atol=0)


def test_other_settings_do_not_resume(small_model, bars_and_blanks, settings, tmp_path, monkeypatch):
    monkeypatch.setattr(resume, "SECONDS_BETWEEN_SAVES", 0)
    few = settings.model_copy(update={"epochs": 4})
    interrupted = fit(fresh(small_model), bars_and_blanks, few, 0, tmp_path / "resume.pt")
    next(interrupted), next(interrupted)
    interrupted.close()
    other = few.model_copy(update={"learning_rate": 0.001})
    first = next(fit(fresh(small_model), bars_and_blanks, other, 0, tmp_path / "resume.pt"))
    anew = next(fit(fresh(small_model), bars_and_blanks, other, 0, tmp_path / "none.pt"))
    assert first == anew


def test_validation_rows_hold_every_class_and_no_training_row():
    labels = np.array([0] * 30 + [1] * 5 + [2] * 2)
    train, validation = split_validation(labels, 0.1, 0)
    assert sorted([*train, *validation]) == list(range(37))
    assert set(labels[train]) == set(labels[validation]) == {0, 1, 2}


def test_a_class_of_one_frame_is_trained_on():
    labels = np.array([0] * 10 + [1] * 10 + [2])
    train, validation = split_validation(labels, 0.2, 0)
    assert 20 in train and 20 not in validation


def test_one_frame_a_class_is_trained_on_without_validation(small_model, bars_and_blanks, settings, tmp_path):
    one_each = bars_and_blanks.take(np.unique(bars_and_blanks.labels, return_index=True)[1])
    measures = list(fit(fresh(small_model), one_each, settings.model_copy(update={"epochs": 2}), 0, tmp_path / "a"))
    assert [list(epoch) for epoch in measures] == [["train/loss"]] * 2


def test_validation_counts_the_errors(small_model, bars_and_blanks, settings):
    frames = frames_of(bars_and_blanks, 32, torch.device("cpu"))
    network = fresh(small_model).eval()
    with torch.no_grad():
        measures = Classification(frames, frames, settings).validate(network)
        wrong = (network(frames.views).argmax(1) != frames.labels).sum()
    assert measures["validation/errors"] == int(wrong) > 0
    assert measures["validation/accuracy"] == pytest.approx(1 - int(wrong) / len(frames.labels))


def test_class_weights_give_every_class_the_same_share():
    labels = torch.tensor([0] * 6 + [1] * 2 + [2])
    weights = class_weights(labels)
    shares = [float(weights[label] * (labels == label).sum()) for label in range(3)]
    assert shares == pytest.approx([3, 3, 3])
