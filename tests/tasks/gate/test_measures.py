import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.tasks.gate.gates import COUNTS, RUNTIMES, embeddings_of, gate, pictures, scores
from tinyinspect.config.loading import check
from tinyinspect.config.params import Params
from tinyinspect.errors import InputError
from tinyinspect.project.compose import composed
from tinyinspect.selection.labelled import frames_folder
from tinyinspect.tasks.gate import measures
from tinyinspect.tasks.gate.measures import auroc, measure, of_runtime, score, tpr_at_fpr
from tinyinspect.tasks.gate.pictures import abnormal_folder

ROOT = Path(__file__).parents[3]


def test_auroc_counts_pairs_with_half_a_point_for_a_tie():
    assert auroc(np.array([0.9, 0.5], np.float32), np.array([0.5, 0.1], np.float32)) == 3.5 / 4


@pytest.mark.parametrize(("rate", "expected"), [(0.01, 0.5), (0.05, 0.5), (0.1, 0.75), (0.2, 1.0)])
def test_tpr_counts_what_lies_above_the_abnormal_pictures_that_may_not_pass(rate, expected):
    abnormal = np.array([0.7, 0.4, *np.linspace(0, 0.2, 8)], np.float32)
    assert tpr_at_fpr(np.array([0.9, 0.8, 0.6, 0.3], np.float32), abnormal, rate) == expected


def test_a_tie_with_a_refused_picture_is_no_true_positive():
    assert tpr_at_fpr(np.array([0.5], np.float32), np.array([0.5, 0.1], np.float32), 0.01) == 0


def test_every_measure_lies_in_its_interval():
    random = np.random.default_rng(0)
    normal, abnormal = (random.normal(mean, 1, 200).astype(np.float32) for mean in (2, 0))
    found = of_runtime(normal, abnormal, 1.0, 0)
    for name in ("auroc", "tpr_at_fpr_1", "tpr_at_fpr_5", "true_accept_rate", "false_accept_rate"):
        assert found[f"{name}_ci_low"] < found[name] < found[f"{name}_ci_high"]
    assert found["true_accept_rate"] == (normal >= 1).mean()


def test_metrics_count_unseen_sources_and_tell_of_each():
    metrics = measure(dict.fromkeys(RUNTIMES, scores().astype(np.float32)), dict.fromkeys(RUNTIMES, 0.6), pictures(), 0)
    assert metrics["test_frames"] == {"total": 140, "of_class": {"normal": 60, "abnormal": 80}}
    of_camera = metrics["tflite_micro"]
    values = scores().astype(np.float32)
    assert of_camera["auroc"] == pytest.approx(auroc(values[:60], values[60:140]), abs=1e-6)
    assert {name: one["trained_on"] for name, one in of_camera["sources"].items()} == {
        "photo/dress": False,
        "object/ball": False,
        "class/no_mask": True,
    }
    assert [one["pictures"] for one in of_camera["sources"].values()] == COUNTS[1:]
    assert of_camera["sources"]["class/no_mask"]["auroc"] == pytest.approx(auroc(values[:60], values[140:]), abs=1e-6)
    assert json.loads(json.dumps(metrics)) == metrics


def test_what_int8_costs_is_the_difference_and_lies_in_its_interval():
    noisy = np.clip(scores() + np.random.default_rng(1).normal(0, 0.2, sum(COUNTS)), -0.99, 0.99)
    by_runtime = dict.fromkeys(RUNTIMES, scores().astype(np.float32)) | {"tflite_micro": noisy.astype(np.float32)}
    metrics = measure(by_runtime, dict.fromkeys(RUNTIMES, 0.6), pictures(), 0)
    cost = metrics["quantization"]
    assert cost["auroc_lost"] == pytest.approx(metrics["pytorch"]["auroc"] - metrics["tflite_micro"]["auroc"], abs=2e-6)
    assert 0 < cost["ci_low"] < cost["auroc_lost"] < cost["ci_high"]
    assert cost["agreement"] == metrics["agreement"]["pytorch_tflite_micro"] < 1
    same = measure(dict.fromkeys(RUNTIMES, noisy.astype(np.float32)), dict.fromkeys(RUNTIMES, 0.6), pictures(), 0)
    assert (same["quantization"]["auroc_lost"], same["quantization"]["agreement"]) == (0, 1)


def test_int8_runtimes_are_judged_by_the_int8_decision():
    scored = score(dict.fromkeys(RUNTIMES, embeddings_of(scores())), pictures(), gate(0.5, 0.9), 0)
    accepted = {name: logits.argmax(1) == 0 for name, logits in scored.logits.items()}
    np.testing.assert_array_equal(accepted["pytorch"], scored.scores["pytorch"] >= 0.5)
    np.testing.assert_array_equal(accepted["tflite_micro"], scored.scores["pytorch"] >= 0.9)
    np.testing.assert_array_equal(accepted["tflite_int8"], accepted["tflite_micro"])
    np.testing.assert_allclose(scored.scores["tflite_micro"], scores(), atol=1e-5)
    assert (scored.threshold, scored.score_name) == (0.9, "similarity to the centroid")


def test_groups_of_sources_come_with_the_unseen_first():
    scored = score(dict.fromkeys(RUNTIMES, embeddings_of(scores())), pictures(), gate(), 0)
    assert list(scored.groups) == ["normal", "object", "photo", "class, trained on"]
    assert sum(mine.sum() for mine in scored.groups.values()) == len(scored.test.frames)


def write(folder: Path, count: int, level: int) -> None:
    folder.mkdir(parents=True)
    for number in range(count):
        Image.fromarray(np.full((16, 16, 3), level, np.uint8)).save(folder / f"{number}.jpg")


@pytest.fixture
def dataset(tmp_path) -> Path:
    for name, count in {"good": 3, "defective": 2, "no_mask": 4}.items():
        write(frames_folder(tmp_path, "test") / name, count, 200)
    write(abnormal_folder(tmp_path, "test") / "photo" / "dress", 5, 100)
    write(abnormal_folder(tmp_path, "test") / "object" / "ball", 2, 90)
    write(abnormal_folder(tmp_path, "seen") / "class" / "no_mask", 4, 10)
    return tmp_path


CLASSES = ["good", "defective", "no_mask"]
TASK = check(composed(ROOT / "conf", ["task=gate"]), "conf/", Params).task


def test_the_test_set_is_normal_unseen_and_seen(dataset):
    test = measures.test_set(dataset, classes=CLASSES, task=TASK)
    assert test.classes == ["normal", "abnormal"]
    assert test.frames.labels.tolist() == [0] * 5 + [1] * 11
    assert test.sources.tolist() == [""] * 5 + ["object/ball"] * 2 + ["photo/dress"] * 5 + ["class/no_mask"] * 4
    assert test.unseen.tolist() == [False] * 5 + [True] * 7 + [False] * 4
    assert test.counted.tolist() == [True] * 12 + [False] * 4
    assert [int(picture[0, 0, 0]) for picture in test.frames.pictures[4:6]] == [200, 90]


def test_without_seen_pictures_all_count(dataset):
    for path in abnormal_folder(dataset, "seen").rglob("*.jpg"):
        path.unlink()
    test = measures.test_set(dataset, classes=CLASSES, task=TASK)
    assert len(test.frames) == 12 and test.counted.all()


def test_missing_abnormal_pictures_are_one_sentence(dataset):
    shutil.rmtree(abnormal_folder(dataset, "test"))
    with pytest.raises(InputError, match="is missing or empty; run `dvc repro dataset`"):
        measures.test_set(dataset, classes=CLASSES, task=TASK)
