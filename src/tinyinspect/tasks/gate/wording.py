"""A gate's measures in words and columns."""

from typing import Any

from tinyinspect.report.numbers import change, percent, plain
from tinyinspect.report.table import Table

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


def tables(metrics: dict[str, Any]) -> list[Table]:
    """By group of abnormal pictures, by kind and step of what is made of normal frames, and by source."""
    camera = metrics["tflite_micro"]
    found = [_groups(camera["groups"])]
    made = {name: one for name, one in camera["sources"].items() if "steps" in one}
    if made:
        found.append(_ladders(made, metrics["decision"]["left_out"]))
    return [*found, _sources({name: one for name, one in camera["sources"].items() if name not in made})]


def _groups(groups: dict[str, Any]) -> Table:
    rows = [
        [
            name,
            str(one["sources"]),
            str(one["pictures"]),
            *(plain(one[key], _digits(key)) for key in ("auroc", "tpr_at_fpr_1", "false_accept_rate")),
            percent(0, one["false_accept_rate_ci_low"], one["false_accept_rate_ci_high"], 1)[1],
        ]
        for name, one in groups.items()
    ]
    headings = ["abnormal pictures", "sources", "pictures", "AUROC", "TPR at\n1 % FPR", "accepted", "95 % interval"]
    return Table("By group, on the camera: %", headings, rows)


def _ladders(made: dict[str, Any], left_out: list[dict[str, Any]]) -> Table:
    """Pass rates from the mildest step on, first of this model, then of networks that were not trained on the kind."""
    unseen: dict[str, list[list[int]]] = {}
    for one in left_out:
        unseen.setdefault(one["source"], []).append([one["passed"], one["pictures"]])
    rows = [
        [
            name if found["trained_on"] else f"{name} (not trained on)",
            _passed(found["steps"]),
            _passed(unseen.get(name, [])),
        ]
        for name, found in made.items()
    ]
    headings = ["made of normal frames", "this model", "float networks\nnot trained on the kind"]
    return Table("Pictures that pass, by step from mild to severe", headings, rows)


def _passed(steps: list[list[int]]) -> str:
    if not steps:
        return "-"
    passed, total = (sum(numbers) for numbers in zip(*steps, strict=True))
    return f"{passed} of {total} ({', '.join(str(one) for one, _ in steps)})"


def _sources(sources: dict[str, Any]) -> Table:
    rows = [
        [
            f"{name} (trained on)" if found["trained_on"] else name,
            str(found["pictures"]),
            *(plain(found[key], _digits(key)) for key in _OF_SOURCE),
        ]
        for name, found in sources.items()
    ]
    headings = ["abnormal source", "pictures", "AUROC", "TPR at\n1 % FPR", "TPR at\n5 % FPR", "accepted"]
    return Table("By source, on the camera: %", headings, rows)


def baselines(metrics: dict[str, Any]) -> None:
    """None."""


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
