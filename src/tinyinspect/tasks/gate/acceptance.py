"""Why a gate is refused."""

from tinyinspect.config.accept import Accept
from tinyinspect.tasks.gate.metrics import Metrics


def reasons(metrics: Metrics, accept: Accept) -> list[str]:
    """One sentence for each limit that the measured model breaks."""
    camera = metrics.tflite_micro
    accepted, wrong = camera.true_accept_rate, camera.false_accept_rate
    if not accept.beat_constant:
        return []
    if camera.auroc <= 0.5 or accepted <= wrong:
        return [
            f"it lets {100 * accepted:.1f} % of the normal frames and {100 * wrong:.1f} % of the abnormal pictures "
            f"pass (AUROC {camera.auroc:.3f}), no better than chance; add abnormal pictures, train for longer, or "
            "set accept.beat_constant to false"
        ]
    if accepted <= 0.5:
        return [
            f"it refuses {100 * (1 - accepted):.1f} % of the normal frames; give decide.false_reject_rate in place of "
            "decide.false_accept_rate, train for longer, or set accept.beat_constant to false"
        ]
    return []


def lost(metrics: Metrics) -> tuple[float, float]:
    """Points of AUROC (of 100) lost to int8, and the low end of their 95 % interval."""
    return 100 * metrics.quantization.auroc_lost, 100 * metrics.quantization.ci_low
