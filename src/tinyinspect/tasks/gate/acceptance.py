"""Why a gate is refused."""

from typing import Any

from tinyinspect.config.accept import Accept


def reasons(metrics: dict[str, Any], accept: Accept) -> list[str]:
    """One sentence for each limit that the measured model breaks."""
    camera = metrics["tflite_micro"]
    if not accept.beat_constant or (camera["auroc"] > 0.5 and camera["true_accept_rate"] > camera["false_accept_rate"]):
        return []
    return [
        f"it lets {100 * camera['true_accept_rate']:.1f} % of the normal frames and "
        f"{100 * camera['false_accept_rate']:.1f} % of the abnormal pictures pass (AUROC {camera['auroc']:.3f}), no "
        "better than chance; add abnormal pictures, train for longer, or set accept.beat_constant to false"
    ]


def lost(metrics: dict[str, Any]) -> tuple[float, float]:
    """Points of AUROC (of 100) lost to int8, and the low end of their 95 % interval."""
    cost = metrics["quantization"]
    return 100 * cost["auroc_lost"], 100 * cost["ci_low"]
