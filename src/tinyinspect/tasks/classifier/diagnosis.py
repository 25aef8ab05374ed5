"""What keeps a classifier from being better, in words, from its measures and its baselines.

The rules compare pairs of measures that differ in one thing alone: frames trained on or not, view large or small,
network large or small. A difference below :data:`CLEAR` points may be chance and is not told.
"""

from typing import Any

import pandas as pd

CLEAR = 0.05  # share of the frames
LEARNED = 0.97  # accuracy on its own training frames from which on a network has learned them
UNEVEN = 10  # times as many frames of the commonest class as of the rarest
FEW = 50  # labels of a class that are few


def diagnose(metrics: dict[str, Any], trained: pd.DataFrame, predictions: pd.DataFrame, size: int) -> list[str]:
    """One sentence for each thing that does, with the setting to try.

    Args:
        metrics: the content of ``metrics_full.json``.
        trained: what was trained on, column truth.
        predictions: the answer to each test frame.
        size: side of the model's input, pixels.
    """
    counts = trained["truth"].value_counts()
    checks = [
        _labels(metrics, counts),
        _view(metrics, size),
        _network(metrics),
        _uneven(metrics, counts),
        _recordings(metrics, predictions),
    ]
    return [sentence for sentence in checks if sentence]


def _labels(metrics: dict[str, Any], counts: pd.Series) -> str:
    """Trained frames are known far better than test frames: more labels would help, of the worst class first."""
    known, camera = metrics["baselines"].get("training_frames"), metrics["tflite_micro"]
    if not known or known["balanced_accuracy"] - camera["balanced_accuracy"] < CLEAR:
        return ""
    # What adds most to the balanced accuracy for the fewest labels.
    worst = min(camera["recall"], key=lambda name: (camera["recall"][name], counts.get(name, 0)))
    mine = int(counts.get(worst, 0))
    return (
        f"labels are missing: it knows {_percent(known)} of its training frames and {_percent(camera)} of the test "
        f"frames (balanced); of '{worst}' it finds {100 * camera['recall'][worst]:.0f} % with {mine} labels. Label "
        f"about {max(mine, FEW // 2)} more of that class (`tinyinspect label`)"
    )


def _view(metrics: dict[str, Any], size: int) -> str:
    """The teacher loses much where it sees no more than the camera's model."""
    large, small = (metrics["baselines"].get(f"linear_{name}") for name in ("full_size", "camera_view"))
    lost = _gap(large, small)
    if lost < CLEAR:
        return ""
    return (
        f"the view may be too small: a linear classifier on the teacher's features gets {_percent(large)} from whole "
        f"frames and {_percent(small)} from the {size} pixels that the model sees (balanced). Try "
        f"model.input_size={2 * size}, which takes four times the time and arena, or extract.crop, which costs nothing"
    )


def _network(metrics: dict[str, Any]) -> str:
    """The network does not even learn its own frames, or far less than the teacher gets from the same view."""
    known, small = metrics["baselines"].get("training_frames"), metrics["baselines"].get("linear_camera_view")
    if known and known["accuracy"] < LEARNED:
        return (
            f"the training is too short or the network too small: it knows {100 * known['accuracy']:.1f} % of its own "
            "training frames. Try twice the epochs (train.epochs), which costs the camera nothing, then "
            "model=resnet9, which takes about five times the time there"
        )
    if known and _gap(small, metrics["tflite_micro"]) >= CLEAR:
        return (
            f"the network makes less of its view than it could: a linear classifier on the teacher's features of the "
            f"same view gets {_percent(small)} (balanced). Try model=resnet9, which takes about five times "
            "the time on the camera"
        )
    return ""


def _uneven(metrics: dict[str, Any], counts: pd.Series) -> str:
    """The rare classes are not found, or the common one is called wrong for their sake."""
    camera, constant = metrics["tflite_micro"], metrics["constant_answer"]
    if camera["accuracy"] <= constant["accuracy"] and camera["balanced_accuracy"] > constant["balanced_accuracy"]:
        return (
            f"it gets fewer frames right than always answering '{constant['class']}', for the sake of the rarer "
            "classes. Set loss.class_balance=0.5 or lower, which costs the camera nothing"
        )
    if (
        len(counts) < 2
        or counts.max() < UNEVEN * counts.min()
        or camera["accuracy"] - camera["balanced_accuracy"] < CLEAR
    ):
        return ""
    return (
        f"the classes are uneven: {counts.max()} labels of '{counts.idxmax()}', {counts.min()} of '{counts.idxmin()}'. "
        "Label more of the rare ones. loss.class_balance=1 counts each class the same, and lower values find fewer of "
        "the rare ones and call fewer of the common ones wrong"
    )


def _recordings(metrics: dict[str, Any], predictions: pd.DataFrame) -> str:
    """Known training frames, unknown test frames, and large features do not mend it: the recordings differ."""
    held, large = (metrics["baselines"].get(f"linear_{name}") for name in ("cross_validated", "full_size"))
    if _gap(held, large) < CLEAR:
        return ""
    right = predictions["truth"] == predictions["answer_camera"]
    of_recording = right.groupby(predictions["recording"]).mean()
    worst = (
        f"; the worst is {of_recording.idxmin()} with {100 * of_recording.min():.0f} %" if len(of_recording) > 1 else ""
    )
    return (
        f"the test recordings are unlike the training ones: the same linear classifier gets {_percent(held)} on "
        f"training frames that it was not fitted to and {_percent(large)} on the test frames (balanced){worst}. Record "
        "on more days and in the light of the test recordings, and label some of that"
    )


def _gap(better: dict[str, float] | None, worse: dict[str, float] | None) -> float:
    return better["balanced_accuracy"] - worse["balanced_accuracy"] if better and worse else 0.0


def _percent(measured: dict[str, float]) -> str:
    return f"{100 * measured['balanced_accuracy']:.1f} %"
