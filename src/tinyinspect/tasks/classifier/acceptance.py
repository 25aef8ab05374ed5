"""Why a classifier is refused."""

from tinyinspect.config.accept import Accept
from tinyinspect.tasks.classifier.metrics import Metrics


def reasons(metrics: Metrics, accept: Accept) -> list[str]:
    """One sentence for each limit that the measured model breaks."""
    camera, constant = metrics.tflite_micro.accuracy, metrics.constant_answer
    if not accept.beat_constant or camera > constant.accuracy:
        return []
    return [
        f"it gets {100 * camera:.1f} % of the test frames right, and always answering '{constant.answer}' gets "
        f"{100 * constant.accuracy:.1f} %; label more frames, train for longer, lower "
        "loss.class_balance, or set accept.beat_constant to false"
    ]


def lost(metrics: Metrics) -> tuple[float, float]:
    """Points of accuracy lost to int8, and the low end of their 95 % interval."""
    return metrics.quantization.accuracy_lost_points, metrics.quantization.ci_low
