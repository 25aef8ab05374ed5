import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from tinyinspect.config.loading import check
from tinyinspect.config.params import Params
from tinyinspect.config.train import Train
from tinyinspect.errors import InputError
from tinyinspect.learning import resume
from tinyinspect.learning.features import NO_FEATURES, Features
from tinyinspect.learning.folds import split_folds
from tinyinspect.learning.frames import frames_of
from tinyinspect.models.checkpoint import build
from tinyinspect.project.compose import composed
from tinyinspect.selection.labelled import UNLABELLED, VALIDATION, Labelled, frames_folder
from tinyinspect.selection.splits import split_validation
from tinyinspect.tasks.classifier.objective import classification
from tinyinspect.tasks.classifier.objective.classification import (
    Classification,
    class_weights,
    fit,
    held_out,
)
from tinyinspect.tasks.classifier.objective.taught import Lesson
from tinyinspect.tasks.classifier.settings import Loss, Task

ROOT = Path(__file__).parents[3]


CLASSES = ["bar", "blank"]


@pytest.fixture(scope="module")
def params() -> Params:
    return check(composed(ROOT / "conf", []), "conf/", Params)


@pytest.fixture(scope="module")
def settings(params) -> Train:
    gentle = {"epochs": 30, "batch_size": 12, "learning_rate": 0.01, "min_scale": 0.9, "rotation": 5}
    return params.train.model_copy(update={**gentle, "device": "cpu"})


def write(dataset: Path, labelled: Labelled, fraction: float = 0.02) -> None:
    """Write frames as the stage `dataset` does, a part of each class held out."""
    held = split_validation(labelled.labels, fraction, 0)[1]
    for split in ("train", VALIDATION):
        for name in CLASSES:
            (frames_folder(dataset, split) / name).mkdir(parents=True)
    for row, (picture, label, name) in enumerate(zip(labelled.pictures, labelled.labels, labelled.names, strict=True)):
        split = VALIDATION if row in held else "train"
        Image.fromarray(picture).save(frames_folder(dataset, split) / CLASSES[label] / name, quality=95)


@pytest.fixture(scope="module")
def dataset(bars_and_blanks, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("dataset")
    write(folder, bars_and_blanks)
    return folder


@pytest.fixture(scope="module")
def given(params) -> dict[str, Any]:
    """What all trainings here have in common."""
    return {"classes": CLASSES, "task": params.task, "loss": params.loss, "seed": 0, "features": NO_FEATURES}


def fresh(model):
    torch.manual_seed(0)
    return build(model, 2)


def test_it_learns_what_the_frames_show(small_model, bars_and_blanks, dataset, given, settings, tmp_path):
    network = fresh(small_model)
    measures = list(fit(network, dataset, **given, train=settings, resume=tmp_path / "resume.pt"))
    assert len(measures) == 30
    assert measures[-1]["train/loss"] < measures[0]["train/loss"]
    views = torch.from_numpy(bars_and_blanks.views(32)).permute(0, 3, 1, 2).float() / 255
    found = network.eval()(views).argmax(1).numpy()
    assert (found == bars_and_blanks.labels).mean() > 0.85
    assert not (tmp_path / "resume.pt").exists()


def test_the_same_seed_gives_the_same_weights(small_model, dataset, given, settings, tmp_path):
    few = settings.model_copy(update={"epochs": 3})
    states = []
    for _ in range(2):
        network = fresh(small_model)
        list(fit(network, dataset, **given, train=few, resume=tmp_path / "resume.pt"))
        states.append(network.state_dict())
    for name, value in states[0].items():
        torch.testing.assert_close(value, states[1][name], rtol=0, atol=0)


def test_an_interrupted_training_ends_with_the_weights_of_a_whole_one(
    small_model, dataset, given, settings, tmp_path, monkeypatch
):
    monkeypatch.setattr(resume, "SECONDS_BETWEEN_SAVES", 0)
    few = settings.model_copy(update={"epochs": 5})
    whole = fresh(small_model)
    expected = list(fit(whole, dataset, **given, train=few, resume=tmp_path / "whole.pt"))
    interrupted = fit(fresh(small_model), dataset, **given, train=few, resume=tmp_path / "resume.pt")
    for _ in range(3):
        next(interrupted)
    interrupted.close()
    resumed = fresh(small_model)
    measures = list(fit(resumed, dataset, **given, train=few, resume=tmp_path / "resume.pt"))
    assert measures == expected
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], value, rtol=0, atol=0)


def test_other_settings_do_not_resume(small_model, dataset, given, settings, tmp_path, monkeypatch):
    monkeypatch.setattr(resume, "SECONDS_BETWEEN_SAVES", 0)
    few = settings.model_copy(update={"epochs": 4})
    interrupted = fit(fresh(small_model), dataset, **given, train=few, resume=tmp_path / "resume.pt")
    next(interrupted), next(interrupted)
    interrupted.close()
    other = few.model_copy(update={"learning_rate": 0.001})
    first = next(fit(fresh(small_model), dataset, **given, train=other, resume=tmp_path / "resume.pt"))
    anew = next(fit(fresh(small_model), dataset, **given, train=other, resume=tmp_path / "none.pt"))
    assert first == anew


def test_one_frame_a_class_is_trained_on_without_validation(small_model, bars_and_blanks, given, settings, tmp_path):
    write(tmp_path, bars_and_blanks.take(np.unique(bars_and_blanks.labels, return_index=True)[1]))
    few = settings.model_copy(update={"epochs": 2})
    measures = list(fit(fresh(small_model), tmp_path, **given, train=few, resume=tmp_path / "a"))
    assert [list(epoch) for epoch in measures] == [["train/loss"]] * 2


def test_validation_counts_the_errors(small_model, bars_and_blanks, given, settings):
    frames = frames_of(bars_and_blanks, 32, torch.device("cpu"))
    network = fresh(small_model).eval()
    with torch.no_grad():
        measures = Classification(frames, frames, 2, given["loss"], settings).validate(network)
        wrong = (network(frames.views).argmax(1) != frames.labels).sum()
    assert measures["validation/errors"] == int(wrong) > 0
    assert measures["validation/accuracy"] == pytest.approx(1 - int(wrong) / len(frames.labels))


def test_the_loss_is_smoothed_and_weighs_the_classes(bars_and_blanks, settings):
    frames = frames_of(bars_and_blanks.take(np.arange(9)), 32, torch.device("cpu"))  # five bars, four blanks
    logits = torch.randn(9, 2, generator=torch.Generator().manual_seed(0))
    loss = Loss(name="cross_entropy", class_balance=1, label_smoothing=0.2)
    criterion = Classification(frames, frames, 2, loss, settings).criterion
    targets = torch.nn.functional.one_hot(frames.labels, 2) * 0.8 + 0.1
    weighted = -(targets * logits.log_softmax(1) * class_weights(frames.labels, 2, 1)).sum(1)
    expected = weighted.sum() / class_weights(frames.labels, 2, 1)[frames.labels].sum()
    torch.testing.assert_close(criterion(logits, frames.labels), expected)


@pytest.mark.parametrize(("balance", "ratio"), [(0, 1), (0.5, 3), (1, 9)])
def test_rarity_weighs_as_much_as_the_parameter_says(balance, ratio):
    labels = torch.tensor([0] * 9 + [1])
    weights = class_weights(labels, 2, balance)
    assert float(weights[1] / weights[0]) == pytest.approx(ratio)
    assert float(weights[labels].mean()) == pytest.approx(1)


def test_full_balance_is_what_it_was_to_the_last_bit():
    labels = torch.tensor([0] * 75 + [1] * 37 + [2] * 88)
    counts = torch.bincount(labels).float()
    assert torch.equal(class_weights(labels, 3, 1), counts.sum() / (3 * counts))


def test_class_weights_give_every_class_the_same_share():
    labels = torch.tensor([0] * 6 + [1] * 2 + [2])
    weights = class_weights(labels, 3, 1)
    shares = [float(weights[label] * (labels == label).sum()) for label in range(3)]
    assert shares == pytest.approx([3, 3, 3])


def test_a_class_that_a_fold_lacks_has_a_weight():
    assert class_weights(torch.tensor([0, 2, 2]), 3, 1).shape == (3,)
    assert torch.isfinite(class_weights(torch.tensor([0, 2, 2]), 3, 1)).all()


def test_a_classifier_wants_a_logit_for_each_class(params):
    assert classification.network(params.model, classes=["a", "b", "c"], task=params.task).head.out_features == 3


@pytest.mark.parametrize("folds", [2, 3, 7])
@pytest.mark.parametrize("seed", range(4))
def test_folds_hold_every_row_once_and_their_share_of_every_class(folds, seed):
    labels = np.random.default_rng(seed).permutation(np.repeat([0, 1, 2], [40, 12, 7]))
    parts = split_folds(labels, folds, seed)
    assert sorted(np.concatenate(parts)) == list(range(59)) and len(parts) == folds
    for label, count in enumerate((40, 12, 7)):
        shares = [int((labels[rows] == label).sum()) for rows in parts]
        assert max(shares) - min(shares) <= 1 and sum(shares) == count


def test_folds_are_drawn_by_the_seed():
    labels = np.repeat([0, 1], 20)
    first, again, other = (split_folds(labels, 3, seed) for seed in (0, 0, 1))
    assert all(np.array_equal(*pair) for pair in zip(first, again, strict=True))
    assert not all(np.array_equal(*pair) for pair in zip(first, other, strict=True))


def test_no_fold_is_empty():
    assert all(len(rows) for seed in range(20) for rows in split_folds(np.array([0, 0, 1]), 5, seed))


def scored(model, dataset, given, settings, resume: Path, **task) -> tuple[np.ndarray, np.ndarray]:
    """Labels and logits of cross-fitting in two folds, of two epochs each unless ``task`` says otherwise."""
    of_task: Task = given["task"].model_copy(update={"folds": 2, "fold_epochs": 0.5, **task})
    few = settings.model_copy(update={"epochs": 4})
    made = {**given, "task": of_task, "train": few, "resume": resume}
    table = held_out(lambda: fresh(model), dataset, **made)
    return table["label"].to_numpy(), table[["output_0", "output_1"]].to_numpy()


def test_each_frame_is_scored_by_a_network_that_did_not_see_it(small_model, bars_and_blanks, given, settings, tmp_path):
    """A frame that is changed changes the logits of the frames that were not held out with it, and its own."""
    write(tmp_path / "before", bars_and_blanks)
    labels, before = scored(small_model, tmp_path / "before", given, settings, tmp_path / "resume.pt")
    assert (labels.tolist(), before.shape) == ([0] * 12 + [1] * 12, (24, 2))
    parts = split_folds(labels, 2, 0)
    for number, fold in enumerate(parts):
        frames = sorted(name for name in bars_and_blanks.names if int(name[:-4]) % 2 == 0)  # as they are read
        row = next(int(row) for row in fold if row < 12)
        after_folder = tmp_path / f"after{number}"
        shutil.copytree(tmp_path / "before", after_folder)
        (path,) = after_folder.rglob(frames[row])
        Image.new("RGB", (64, 48), "orange").save(path)
        after = scored(small_model, after_folder, given, settings, tmp_path / "resume.pt")[1]
        alike = (after == before).all(1)
        assert alike[np.setdiff1d(fold, [row])].all()
        others = np.setdiff1d(np.arange(24), fold)
        assert not alike[others].any() and not alike[row]


def test_every_fold_trains_a_network_of_its_own_for_its_share_of_the_epochs(
    small_model, dataset, given, settings, tmp_path, monkeypatch
):
    trained = []

    def fit_and_note(network, objective, train, seed, resume):
        trained.append((id(network), train.epochs, objective.steps))
        return iter(())

    monkeypatch.setattr(classification.training, "fit", fit_and_note)
    scored(small_model, dataset, given, settings, tmp_path / "resume.pt", folds=3, fold_epochs=0.5)
    assert [one[1:] for one in trained] == [(2, 2)] * 3  # 16 frames in batches of 12


def test_a_share_of_the_epochs_is_one_at_least(small_model, dataset, given, settings, tmp_path):
    few = scored(small_model, dataset, given, settings, tmp_path / "resume.pt", fold_epochs=0.01)[1]
    assert np.isfinite(few).all() and few.std() > 0


def test_cross_fitting_leaves_nothing_to_resume(small_model, dataset, given, settings, tmp_path, monkeypatch):
    monkeypatch.setattr(resume, "SECONDS_BETWEEN_SAVES", 0)
    scored(small_model, dataset, given, settings, tmp_path / "resume.pt")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("seed", range(4))
def test_one_frame_a_class_can_be_cross_fitted(small_model, bars_and_blanks, given, settings, tmp_path, seed):
    write(tmp_path, bars_and_blanks.take(np.unique(bars_and_blanks.labels, return_index=True)[1]))
    labels, logits = scored(small_model, tmp_path, {**given, "seed": seed}, settings, tmp_path / "resume.pt")
    assert labels.tolist() == [0, 1] and np.isfinite(logits).all()


@pytest.fixture
def taught(bars_and_blanks, dataset, tmp_path) -> tuple[Path, Features]:
    """The same dataset with six frames that have no label, and features of all that tell a bar from a blank."""
    folder = tmp_path / "taught"
    shutil.copytree(dataset, folder)
    (folder / UNLABELLED).mkdir()
    kinds = {path.name: path.parent.name for path in folder.rglob("*.jpg")}
    for number, picture in enumerate(bars_and_blanks.pictures[:6]):  # bars and blanks in turn
        name = f"free-{number:06d}.jpg"
        Image.fromarray(picture).save(folder / UNLABELLED / name, quality=95)
        kinds[name] = CLASSES[bars_and_blanks.labels[number]]
    values = np.array([[3.0, 0.5] if kind == "bar" else [-3.0, 0.5] for kind in kinds.values()], np.float32)
    return folder, Features(list(kinds), values, len(kinds) - 6)


@pytest.mark.parametrize("share", [1 / 2, 1 / 4])
def test_a_share_of_the_batches_are_frames_that_the_teacher_labels(bars_and_blanks, settings, share):
    frames = frames_of(bars_and_blanks, 32, torch.device("cpu"))
    lesson = Lesson(
        np.eye(2, dtype=np.float32)[bars_and_blanks.labels], bars_and_blanks.labels, frames, np.eye(2), share
    )
    loss = Loss(name="cross_entropy", class_balance=1, label_smoothing=0)
    part = lesson.taught(np.arange(24), 2)
    task = Classification(frames, frames, 2, loss, settings.model_copy(update={"batch_size": 2}), part)
    batches = [one for seed in range(10) for one in task.batches(torch.Generator().manual_seed(seed))]
    soft = [targets for _, targets in batches if targets.is_floating_point()]
    assert len(batches) == 120 and abs(len(soft) - 120 * share) < 20
    assert all(torch.isfinite(task.criterion(torch.zeros(len(targets), 2), targets)) for _, targets in batches)


def test_the_teacher_gives_each_class_a_probability():
    known, labels = np.array([[1.0, 0], [0, 1], [0.9, 0], [0, 0.8]], np.float32), np.array([0, 2, 0, 2])
    none = frames_of(Labelled([], np.zeros(0, np.int64), []), 32, torch.device("cpu"))
    lesson = Lesson(known, labels, none, np.array([[1.0, 0], [0, 1]], np.float32), 0.5)
    targets = lesson.taught(np.arange(4), 3).targets
    torch.testing.assert_close(targets.sum(1), torch.ones(2))
    assert targets.argmax(1).tolist() == [0, 2] and targets[:, 1].tolist() == [0, 0]
    assert lesson.taught(np.array([0, 2]), 3) is None  # of one class nothing can be learned


def test_what_the_teacher_says_changes_the_training(small_model, taught, given, settings, tmp_path):
    folder, features = taught
    few = settings.model_copy(update={"epochs": 2})

    def loss_of(seen: Features) -> float:
        made = {**given, "features": seen}
        return list(fit(fresh(small_model), folder, **made, train=few, resume=tmp_path / "a"))[-1]["train/loss"]

    signs = np.where(["free" in one for one in features.names], -1, 1)[:, None]
    wrong = replace(features, values=features.values * signs)
    assert len({loss_of(NO_FEATURES), loss_of(features), loss_of(wrong)}) == 3


def test_a_held_out_label_teaches_nothing(small_model, taught, given, settings, tmp_path, monkeypatch):
    """The teacher's classifier knows the labels of the other folds alone."""
    folder, features = taught
    asked = []

    def note(self, rows, classes):
        asked.append(rows)

    monkeypatch.setattr(Lesson, "taught", note)
    labels, _ = scored(small_model, folder, {**given, "features": features}, settings, tmp_path / "resume.pt")
    parts = split_folds(labels, 2, 0)
    assert [np.intersect1d(*pair).size for pair in zip(asked, parts, strict=True)] == [0, 0]


def test_features_of_other_frames_are_refused(small_model, taught, given, settings, tmp_path):
    folder, features = taught
    fewer = {**given, "features": replace(features, names=features.names[:-1], values=features.values[:-1])}
    with pytest.raises(InputError, match=r"lacks the frame free-000005.jpg; run `dvc repro --force teach`"):
        list(fit(fresh(small_model), folder, **fewer, train=settings, resume=tmp_path / "a"))


def test_with_enough_labels_nothing_is_taught(small_model, taught, given, settings, tmp_path, monkeypatch):
    folder, features = taught
    few = settings.model_copy(update={"epochs": 1})

    def weights(seen: Features) -> list[torch.Tensor]:
        network = fresh(small_model)
        list(fit(network, folder, **{**given, "features": seen}, train=few, resume=tmp_path / "a"))
        return list(network.state_dict().values())

    monkeypatch.setattr("tinyinspect.learning.features.ENOUGH", 24)  # as many as have a label
    assert all(torch.equal(*pair) for pair in zip(weights(features), weights(NO_FEATURES), strict=True))
    monkeypatch.setattr("tinyinspect.learning.features.ENOUGH", 50)
    assert not all(torch.equal(*pair) for pair in zip(weights(features), weights(NO_FEATURES), strict=True))
