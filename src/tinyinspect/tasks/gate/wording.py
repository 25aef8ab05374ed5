"""A gate's measures in words and columns."""

from typing import Any

from tinyinspect.report.numbers import change, percent, plain

_MEASURES = {
    "auroc": ("AUROC", ""),
    "tpr_at_fpr_1": ("TPR at", "1 % FPR"),
    "tpr_at_fpr_5": ("TPR at", "5 % FPR"),
    "true_accept_rate": ("normal", "accepted"),
    "false_accept_rate": ("abnormal", "accepted"),
}
_OF_SOURCE = ("auroc", "tpr_at_fpr_1", "tpr_at_fpr_5", "false_accept_rate")


def headings(metrics: dict[str, Any]) -> list[tuple[str, ...]]:
    """The lines above each column of :func:`cells`."""
    return list(_MEASURES.values())


def cells(measured: dict[str, Any]) -> list[tuple[str, str]]:
    """The measures of one runtime with their intervals, in percent."""
    return [
        percent(measured[name], measured[f"{name}_ci_low"], measured[f"{name}_ci_high"], _digits(name))
        for name in _MEASURES
    ]


def sources(metrics: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """By abnormal source on the camera: pictures, AUROC, TPR at 1 % and 5 % FPR, accepted by the threshold; percent."""
    rows = [
        [
            f"{name} (trained on)" if found["trained_on"] else name,
            str(found["pictures"]),
            *(plain(found[key], _digits(key)) for key in _OF_SOURCE),
        ]
        for name, found in metrics["tflite_micro"]["sources"].items()
    ]
    return ["abnormal source", "pictures", "AUROC", "TPR at\n1 % FPR", "TPR at\n5 % FPR", "accepted"], rows


def baselines(metrics: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """None."""
    return [], []


def quantization(metrics: dict[str, Any]) -> str:
    """What int8 costs, in words."""
    cost = metrics["quantization"]
    return (
        f"int8 on the camera {change(cost['auroc_lost'], 4)} of AUROC against PyTorch (95 % interval of the loss "
        f"{cost['ci_low']:.4f} to {cost['ci_high']:.4f}); both decide alike on {100 * cost['agreement']:.1f} % of the "
        "pictures."
    )


def curves() -> list[tuple[str, str, list[str]]]:
    """Training curves to draw: title, measure, names; the AUROC is no loss of the kind that it trains with."""
    return [("training", "loss", ["train/loss"]), ("validation", "AUROC", ["validation/auroc"])]


def _digits(name: str) -> int:
    return 2 if name == "auroc" else 1
