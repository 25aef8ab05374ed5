import json

import numpy as np
import pytest

from tests.evaluation.shapes import CLASSES
from tinyinspect.errors import InputError
from tinyinspect.evaluation import intervals
from tinyinspect.evaluation.classification import check_test_set, measure, of_runtime, quantization

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
    assert list(metrics) == ["test_frames", *outputs, "quantization", "agreement"]
    assert metrics["test_frames"] == {"total": 60, "of_class": {"bar": 20, "spot": 20, "blank": 20}}
    assert len(metrics["agreement"]) == 10
    assert metrics["agreement"]["pytorch_tflite_micro"] == metrics["quantization"]["agreement"]
    assert 0.9 < metrics["tflite_micro"]["accuracy"] < 1
    assert json.loads(json.dumps(metrics)) == metrics


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
