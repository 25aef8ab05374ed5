"""A classifier's measures in words and columns."""

from typing import Any

from tinyinspect.report.numbers import change, percent, plain
from tinyinspect.report.table import Table

_MEASURES = {"accuracy": ("accuracy", ""), "balanced_accuracy": ("balanced", "accuracy")}


def headings(metrics: dict[str, Any]) -> list[tuple[str, ...]]:
    """The lines above each column of :func:`cells`."""
    counts = metrics["test_frames"]["of_class"]
    return [*_MEASURES.values(), *(("recall", name, f"({count})") for name, count in counts.items())]


def cells(measured: dict[str, Any]) -> list[tuple[str, str]]:
    """Accuracy, balanced accuracy and each class's recall of one runtime, with their intervals, in percent."""
    single = [percent(measured[name], measured[f"{name}_ci_low"], measured[f"{name}_ci_high"]) for name in _MEASURES]
    recalls = [
        percent(recall, measured["recall_ci_low"][name], measured["recall_ci_high"][name])
        for name, recall in measured["recall"].items()
    ]
    return single + recalls


def tables(metrics: dict[str, Any]) -> list[Table]:
    """What the camera answers to pictures of none of the classes."""
    rows = [
        [
            group,
            str(one["pictures"]),
            plain(one["counted"]),
            *percent(one["confident"], one["confident_ci_low"], one["confident_ci_high"]),
            one["most_given"],
        ]
        for group, one in metrics.get("unknown", {}).items()  # of an earlier version: none
    ]
    headings = ["shown", "pictures", "answer\ncounts", "score of\n90 or more", "95 % interval", "most given"]
    return [Table("Pictures of none of its classes, on the camera: %", headings, rows)] if rows else []


def baselines(metrics: dict[str, Any]) -> Table:
    """What the camera's measures are compared with: accuracy and balanced accuracy, in percent."""
    teacher = metrics.get("teacher")
    titles = {
        "training_frames": "its own training frames",
        "linear_full_size": f"linear on {teacher}, whole frames",
        "linear_camera_view": f"linear on {teacher}, the model's view",
    }
    constant, measured = metrics["constant_answer"], metrics.get("baselines", {})  # of an earlier version: none
    found = {f"always '{constant['class']}'": constant} | {
        title: measured[name] for name, title in titles.items() if name in measured
    }
    rows = [[name, *(plain(one[key]) for key in _MEASURES)] for name, one in found.items()]
    return Table("The camera's measures compared: %", ["compared with", "accuracy", "balanced"], rows)


def quantization(metrics: dict[str, Any]) -> str:
    """What int8 costs, in words."""
    cost = metrics["quantization"]
    return (
        f"int8 on the camera {change(cost['accuracy_lost_points'], 2)} points of accuracy against PyTorch "
        f"(95 % interval of the loss {cost['ci_low']:.2f} to {cost['ci_high']:.2f}, "
        f"McNemar p = {cost['mcnemar_p']:.2g}); both give the same class on {100 * cost['agreement']:.1f} % of frames."
    )


def curves() -> list[tuple[str, str, list[str]]]:
    """Training curves to draw: title, measure, names."""
    return [("training", "loss", ["train/loss", "validation/loss"])]
