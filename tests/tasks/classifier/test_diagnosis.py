import pandas as pd
import pytest

from tinyinspect.tasks.classifier.diagnosis import diagnose

TRAINED = pd.DataFrame({"truth": ["ok"] * 40 + ["crack"] * 30})
PREDICTIONS = pd.DataFrame(
    {"recording": ["a", "a", "b", "b"], "truth": ["ok"] * 4, "answer_camera": ["ok"] * 3 + ["crack"]}
)


def measures(**baselines: float) -> dict:
    """A good model, but for the balanced accuracies given."""
    camera = baselines.pop("camera", 0.97)
    known = {"training_frames": 0.99, "linear_full_size": 0.98, "linear_camera_view": 0.97} | baselines
    return {
        "tflite_micro": {
            "accuracy": camera,
            "balanced_accuracy": camera,
            "recall": {"ok": 1.0, "crack": 2 * camera - 1},
        },
        "constant_answer": {"class": "ok", "accuracy": 0.57, "balanced_accuracy": 0.5},
        "baselines": {name: {"accuracy": value, "balanced_accuracy": value} for name, value in known.items()},
    }


def found(metrics: dict, trained: pd.DataFrame = TRAINED) -> list[str]:
    return diagnose(metrics, trained, PREDICTIONS, 64)


def test_a_good_model_has_no_diagnosis():
    assert found(measures()) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"camera": 0.9, "linear_camera_view": 0.9, "linear_full_size": 0.9}, "labels are missing: it knows 99.0 %"),
        ({"linear_full_size": 0.99, "linear_camera_view": 0.9}, "Try model.input_size=128"),
        ({"training_frames": 0.9}, "too short or the network too small"),
        ({"camera": 0.95, "linear_camera_view": 1.0, "linear_full_size": 1.0}, "makes less of its view"),
        ({"linear_cross_validated": 1.0, "linear_full_size": 0.9}, "the worst is b with 50 %"),
    ],
)
def test_each_cause_is_told_with_a_setting(changes: dict, words: str):
    (sentence,) = found(measures(**changes))
    assert words in sentence


def test_the_class_to_label_is_the_one_that_is_found_least():
    (sentence,) = found(measures(camera=0.9, linear_camera_view=0.9, linear_full_size=0.9))
    assert "of 'crack' it finds 80 % with 30 labels. Label about 30 more of that class" in sentence


def test_uneven_classes_are_told_where_the_rare_ones_suffer():
    uneven = pd.DataFrame({"truth": ["ok"] * 40 + ["crack"] * 4})
    metrics = measures()
    assert found(metrics, uneven) == []
    metrics["tflite_micro"]["balanced_accuracy"] = 0.91
    assert any("40 labels of 'ok', 4 of 'crack'" in sentence for sentence in found(metrics, uneven))


def test_a_common_class_that_is_called_wrong_for_the_rare_ones_is_told():
    metrics = measures()
    metrics["tflite_micro"]["accuracy"] = 0.5
    (sentence,) = found(metrics)
    assert "always answering 'ok'" in sentence and "loss.class_balance=0.5" in sentence


def test_without_a_teacher_only_its_own_frames_are_compared():
    metrics = measures(camera=0.8)
    metrics["baselines"] = {"training_frames": {"accuracy": 1.0, "balanced_accuracy": 1.0}}
    assert [sentence.partition(":")[0] for sentence in found(metrics)] == ["labels are missing"]
