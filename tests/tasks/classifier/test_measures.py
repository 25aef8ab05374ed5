import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.special import softmax

from tests.evaluation.shapes import CLASSES
from tinyinspect.config.loading import check
from tinyinspect.config.params import Params
from tinyinspect.errors import InputError
from tinyinspect.evaluation import intervals
from tinyinspect.evaluation.scored import TestSet
from tinyinspect.project.compose import composed
from tinyinspect.selection.labelled import frames_folder
from tinyinspect.tasks.classifier import measures
from tinyinspect.tasks.classifier.decision import ScoreLimits
from tinyinspect.tasks.classifier.measures import check_test_set, measure, of_runtime, quantization

ROOT = Path(__file__).parents[3]
LABELS = np.repeat([0, 1, 2], [50, 20, 30])


def predictions(*wrong: tuple[int, int]) -> np.ndarray:
    """The truth but for `wrong`: (row, class said)."""
    predicted = LABELS.copy()
    for row, said in wrong:
        predicted[row] = said
    return predicted


def logits(predicted: np.ndarray) -> np.ndarray:
    return np.eye(3, dtype=np.float32)[predicted]


def test_accuracy_and_recalls_count_frames():
    found = of_runtime(predictions((0, 1), (50, 0), (51, 0)), LABELS, CLASSES, 0)
    assert found["accuracy"] == 0.97
    assert found["recall"] == {"bar": 0.98, "spot": 0.9, "blank": 1.0}
    assert found["balanced_accuracy"] == 0.96
    assert (found["accuracy_ci_low"], found["accuracy_ci_high"]) == pytest.approx(
        intervals.proportion(97, 100), abs=1e-6
    )
    bounds = found["recall_ci_low"]["spot"], found["recall_ci_high"]["spot"]
    assert bounds == pytest.approx(intervals.proportion(18, 20), abs=1e-6)
    assert found["balanced_accuracy_ci_low"] < 0.96 < found["balanced_accuracy_ci_high"]


def test_a_class_that_is_never_predicted_has_recall_zero():
    assert of_runtime(np.zeros(100, int), LABELS, CLASSES, 0)["recall"] == {"bar": 1.0, "spot": 0.0, "blank": 0.0}


def test_quantization_counts_what_int8_loses_and_gains():
    # int8 loses rows 3 and 4, gains row 60; both are wrong, but differently, on row 70.
    found = quantization(predictions((60, 0), (70, 0)), predictions((3, 1), (4, 1), (70, 1)), LABELS)
    assert found["accuracy_lost_points"] == 1
    assert found["agreement"] == 0.96
    assert found["mcnemar_p"] == 1
    low, high = intervals.paired_difference(2, 1, 100)
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((100 * low, 100 * high), abs=1e-4)


def test_metrics_have_one_object_per_runtime_and_agreement_of_every_two(outputs, test_frames):
    metrics = measure(outputs, test_frames.labels, CLASSES, 0)
    assert list(metrics) == ["test_frames", *outputs, "constant_answer", "quantization", "agreement"]
    assert metrics["test_frames"] == {"total": 60, "of_class": {"bar": 20, "spot": 20, "blank": 20}}
    assert len(metrics["agreement"]) == 10
    assert metrics["agreement"]["pytorch_tflite_micro"] == metrics["quantization"]["agreement"]
    assert 0.9 < metrics["tflite_micro"]["accuracy"] < 1
    assert json.loads(json.dumps(metrics)) == metrics


def test_the_constant_answer_is_the_commonest_class():
    metrics = measure({"pytorch": logits(LABELS), "tflite_micro": logits(LABELS)}, LABELS, CLASSES, 0)
    assert metrics["constant_answer"] == {"class": "bar", "accuracy": 0.5, "balanced_accuracy": 0.333333}


def test_agreement_is_symmetric_and_counts_classes_not_truth():
    both_wrong = logits(predictions((0, 1)))
    found = measure({"pytorch": both_wrong, "tflite_micro": both_wrong}, LABELS, CLASSES, 0)
    assert found["agreement"] == {"pytorch_tflite_micro": 1.0}


def test_a_class_without_test_frames_is_refused():
    with pytest.raises(InputError, match=r"no test frame shows 'spot'; annotate"):
        check_test_set(np.array([0, 2, 2]), CLASSES, 3)


def test_a_test_set_of_one_class_is_refused():
    with pytest.raises(InputError, match="no test frame shows 'bar'"):
        check_test_set(np.array([2, 2]), CLASSES, 3)


def test_a_model_of_other_classes_is_refused():
    with pytest.raises(InputError, match=r"3 outputs but data\.classes names 2 \(bar, blank\); train"):
        measure({"pytorch": logits(LABELS)}, LABELS, ["bar", "blank"], 0)


LIMITS = ScoreLimits(temperature=2, min_score=0.9, unsure_below=0.6, held_out=9, error_rate=0, counted=1)


@pytest.fixture
def test_set(test_frames) -> TestSet:
    return TestSet(test_frames, CLASSES, np.full(60, ""), np.zeros(60, bool))


def test_groups_are_right_and_wrong(outputs, test_set):
    scored = measures.score(outputs, test_set, LIMITS, 0)
    right, wrong = scored.groups.values()
    assert right.sum() == (outputs["tflite_micro"].argmax(1) == test_set.frames.labels).sum() == 60 - wrong.sum()
    assert list(scored.groups) == ["right on the camera", "wrong"] and scored.threshold is None


def test_scores_are_of_the_class_given_at_the_decisions_temperature(outputs, test_set):
    scored = measures.score(outputs, test_set, LIMITS, 0)
    assert set(scored.scores) == {"pytorch", "tflite_micro"}
    for name, values in scored.scores.items():
        np.testing.assert_allclose(values, softmax(outputs[name] / 2, axis=1).max(1), rtol=1e-6)


def test_metrics_say_what_the_limits_do_on_the_test_frames(test_frames, test_set):
    labels = test_frames.labels
    said = labels.copy()
    said[:3] = (labels[:3] + 1) % 3
    logits = 20 * np.eye(3, dtype=np.float32)[said]
    logits[1:3] *= 0.05  # two of the three wrong answers are unsure
    logits[10:14] *= 0.2  # four right answers neither count nor are unsure
    found = measures.score(dict.fromkeys(("pytorch", "tflite_micro"), logits), test_set, LIMITS, 0).metrics["decision"]
    assert found == {
        "counted": round(54 / 60, 6),
        "error_rate": round(1 / 54, 6),
        "unsure": round(2 / 60, 6),
        "wrong_that_are_unsure": round(2 / 3, 6),
    }
    assert json.loads(json.dumps(found)) == found


def test_where_nothing_counts_nothing_is_wrong(test_set):
    flat = np.zeros((60, 3), np.float32)
    found = measures.score(dict.fromkeys(("pytorch", "tflite_micro"), flat), test_set, LIMITS, 0).metrics["decision"]
    assert (found["counted"], found["error_rate"], found["unsure"]) == (0, 0, 1)


def test_the_test_set_counts_whole(tmp_path):
    for name, count in {"good": 3, "defective": 2, "no_mask": 4}.items():
        folder = frames_folder(tmp_path, "test") / name
        folder.mkdir(parents=True)
        for number in range(count):
            Image.new("RGB", (16, 16), "grey").save(folder / f"{number}.jpg")
    task = check(composed(ROOT / "conf", []), "conf/", Params).task
    test = measures.test_set(tmp_path, classes=["good", "defective", "no_mask"], task=task)
    assert test.frames.labels.tolist() == [0] * 3 + [1] * 2 + [2] * 4
    assert len(test.frames) == 9 and test.counted.all() and not test.unseen.any()
