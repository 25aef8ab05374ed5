"""The measures of a classifier and of a gate, as ``metrics.json`` holds them."""

from typing import Any

from tinyinspect.tasks.classifier.metrics import Metrics
from tinyinspect.tasks.gate.metrics import Metrics as GateMetrics

_CLASSIFIER: dict[str, Any] = {
    "test_frames": {"total": 500},
    "tflite_micro": {
        "accuracy": 0.9,
        "accuracy_ci_low": 0.8,
        "accuracy_ci_high": 0.95,
        "balanced_accuracy": 0.9,
        "recall": {"good": 0.9, "defective": 0.9},
    },
    "quantization": {"accuracy_lost_points": 0.0, "ci_low": 0.0, "ci_high": 1.0, "mcnemar_p": 1.0, "agreement": 1.0},
    "constant_answer": {"class": "good", "accuracy": 0.73, "balanced_accuracy": 0.5},
    "decision": {"counted": 0.95, "error_rate": 0.01, "unsure": 0.01, "wrong_that_are_unsure": 0.3},
    "baselines": {},
}
_GATE: dict[str, Any] = {
    "test_frames": {"total": 500, "of_class": {"normal": 200, "abnormal": 300}},
    "tflite_micro": {
        "auroc": 0.99,
        "tpr_at_fpr_1": 0.9,
        "tpr_at_fpr_5": 0.95,
        "true_accept_rate": 0.98,
        "false_accept_rate": 0.02,
        "auroc_ci_low": 0.98,
        "auroc_ci_high": 1.0,
    },
    "quantization": {"auroc_lost": 0.0, "ci_low": 0.0, "ci_high": 0.01, "tpr_at_fpr_1_lost": 0.0, "agreement": 1.0},
}


def of_classifier(*, lost: tuple[float, float] = (0.0, 0.0), **camera: Any) -> Metrics:
    """A classifier's; ``lost`` are the points and the low end of their interval."""
    cost = {"accuracy_lost_points": lost[0], "ci_low": lost[1], "ci_high": 10.0}
    changed = {"tflite_micro": _CLASSIFIER["tflite_micro"] | camera, "quantization": _CLASSIFIER["quantization"] | cost}
    return Metrics.model_validate(_CLASSIFIER | changed)


def of_gate(**camera: float) -> GateMetrics:
    """A gate's."""
    return GateMetrics.model_validate(_GATE | {"tflite_micro": _GATE["tflite_micro"] | camera})
