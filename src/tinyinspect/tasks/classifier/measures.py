"""A classifier's measures on the test frames: by runtime, and what quantization costs."""

from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.metrics import accuracy_score, confusion_matrix, recall_score

from tinyinspect.errors import InputError
from tinyinspect.evaluation import intervals
from tinyinspect.evaluation.scored import FLOAT, INT8, Labels, Logits, Scored, TestSet
from tinyinspect.selection.labelled import Labelled, frames_folder, read_labelled
from tinyinspect.tasks.classifier.baselines import scores
from tinyinspect.tasks.classifier.decision import ScoreLimits
from tinyinspect.tasks.classifier.settings import Task


def of_training(outputs: Logits, frames: Labelled, decision: ScoreLimits) -> dict[str, float]:
    """Accuracy and balanced accuracy on frames that were trained on."""
    return scores(outputs.argmax(1), frames.labels)


def check_test_set(labels: Labels, classes: list[str], outputs: int) -> None:
    """Refuse a test set or model that cannot be measured against the classes.

    Raises:
        InputError: A class has no test frame, or the model has a number of outputs other than the classes.
    """
    if outputs != len(classes):
        raise InputError(
            f"the model has {outputs} outputs but data.classes names {len(classes)} ({', '.join(classes)}); "
            "train it again with these classes"
        )
    for index, name in enumerate(classes):
        if not (labels == index).any():
            raise InputError(f"no test frame shows '{name}'; annotate some as test or take it out of data.classes")


def test_set(dataset: Path, *, classes: list[str], task: Task) -> TestSet:
    """The labelled frames of the split ``test``.

    Raises:
        InputError: As :func:`read_labelled`.
    """
    frames = read_labelled(frames_folder(dataset, "test"), classes)
    return TestSet(frames, classes, np.full(len(frames), ""), np.zeros(len(frames), bool))


test_set.__test__ = False  # type: ignore[attr-defined]  # no test of pytest's


def score(outputs: dict[str, Logits], test: TestSet, decision: ScoreLimits, seed: int) -> Scored:
    """Judge the logits of the test frames by runtime; see :func:`measure`."""
    labels = test.frames.labels
    scores = {name: softmax(outputs[name] / decision.temperature, axis=1).max(1) for name in (FLOAT, INT8)}
    right = outputs[INT8].argmax(1) == labels
    return Scored(
        test=test,
        metrics=measure(outputs, labels, test.classes, seed) | {"decision": _of_limits(scores[INT8], right, decision)},
        logits=outputs,
        scores=scores,
        score_name="score of the class given",
        threshold=None,
        groups={"right on the camera": right, "wrong": ~right},
    )


def _of_limits(best: NDArray[np.float32], right: NDArray[np.bool_], decision: ScoreLimits) -> dict[str, float]:
    """What the camera's score limits do to the test frames: shares of all frames, and of wrong answers."""
    counts, unsure = best >= decision.min_score, best < decision.unsure_below
    wrong = max(1, int((~right).sum()))
    return {
        "counted": _rounded(counts.mean()),
        "error_rate": _rounded((~right[counts]).mean() if counts.any() else 0),
        "unsure": _rounded(unsure.mean()),
        "wrong_that_are_unsure": _rounded((unsure & ~right).sum() / wrong),
    }


def measure(outputs: dict[str, Logits], labels: Labels, classes: list[str], seed: int) -> dict[str, Any]:
    """All measures, as they stand in ``metrics_full.json``.

    Args:
        outputs: logits by runtime, ``pytorch`` and ``tflite_micro`` among them.
        labels: the truth.
        classes: names in the order of the logits.
        seed: of the balanced accuracy's interval.

    Returns:
        ``test_frames`` (by class and in total), one object per runtime, ``constant_answer``
        (always the commonest class), ``quantization`` and ``agreement``.

    Raises:
        InputError: See :func:`check_test_set`.
    """
    check_test_set(labels, classes, outputs[FLOAT].shape[1])
    counts = np.bincount(labels, minlength=len(classes))
    predicted = {name: logits.argmax(1) for name, logits in outputs.items()}
    return {
        "test_frames": {"total": len(labels), "of_class": _by_class(classes, counts.tolist())},
        **{name: of_runtime(classes_of, labels, classes, seed) for name, classes_of in predicted.items()},
        "constant_answer": {
            "class": classes[int(counts.argmax())],
            "accuracy": _rounded(counts.max() / len(labels)),
            "balanced_accuracy": _rounded(1 / len(classes)),
        },
        "quantization": quantization(predicted[FLOAT], predicted[INT8], labels),
        "agreement": {
            f"{first}_{second}": _rounded(accuracy_score(predicted[first], predicted[second]))
            for first, second in combinations(predicted, 2)
        },
    }


def of_runtime(predicted: Labels, labels: Labels, classes: list[str], seed: int) -> dict[str, Any]:
    """Accuracy, balanced accuracy and per-class recall, in [0, 1], each with its 95 % interval."""
    matrix = confusion_matrix(labels, predicted, labels=range(len(classes)))
    right, totals = matrix.diagonal(), matrix.sum(1)
    recalls = recall_score(labels, predicted, labels=range(len(classes)), average=None)
    accuracy = intervals.proportion(int(right.sum()), len(labels))
    balanced = intervals.balanced_accuracy(right, totals, seed)
    bounds = [intervals.proportion(int(hits), int(total)) for hits, total in zip(right, totals, strict=True)]
    return {
        "accuracy": _rounded(right.sum() / len(labels)),
        "accuracy_ci_low": _rounded(accuracy.low),
        "accuracy_ci_high": _rounded(accuracy.high),
        "balanced_accuracy": _rounded(recalls.mean()),
        "balanced_accuracy_ci_low": _rounded(balanced.low),
        "balanced_accuracy_ci_high": _rounded(balanced.high),
        "recall": _by_class(classes, [_rounded(recall) for recall in recalls]),
        "recall_ci_low": _by_class(classes, [_rounded(bound.low) for bound in bounds]),
        "recall_ci_high": _by_class(classes, [_rounded(bound.high) for bound in bounds]),
    }


def quantization(of_float: Labels, of_int8: Labels, labels: Labels) -> dict[str, float]:
    """What int8 costs: accuracy lost in percentage points with its paired 95 % interval, McNemar's p, agreement."""
    float_right, int8_right = of_float == labels, of_int8 == labels
    only_float, only_int8 = int((float_right & ~int8_right).sum()), int((int8_right & ~float_right).sum())
    interval = intervals.paired_difference(only_float, only_int8, len(labels))
    return {
        "accuracy_lost_points": _rounded(100 * (only_float - only_int8) / len(labels)),
        "ci_low": _rounded(100 * interval.low),
        "ci_high": _rounded(100 * interval.high),
        "mcnemar_p": _rounded(intervals.mcnemar_p(only_float, only_int8)),
        "agreement": _rounded(accuracy_score(of_float, of_int8)),
    }


def _by_class(classes: list[str], values: list[Any]) -> dict[str, Any]:
    return dict(zip(classes, values, strict=True))


def _rounded(value: float) -> float:
    return round(float(value), 6)
