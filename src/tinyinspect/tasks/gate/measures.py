"""An anomaly gate's measures on the test pictures: by runtime and by abnormal source, and what quantization costs."""

from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from tinyinspect.evaluation import intervals
from tinyinspect.evaluation.intervals import strictest
from tinyinspect.evaluation.scored import FLOAT, INT8, Scored, TestSet
from tinyinspect.selection.labelled import Labelled, frames_folder, join, read_labelled
from tinyinspect.tasks.gate.decision import Gate
from tinyinspect.tasks.gate.pictures import abnormal_folder, is_made, read_abnormals, step_of
from tinyinspect.tasks.gate.settings import Task

Scores = NDArray[np.float32]  # (n,) similarity to the nearest centroid

FALSE_POSITIVE_RATES = {"tpr_at_fpr_1": 0.01, "tpr_at_fpr_5": 0.05}  # a false positive: an abnormal picture let through
OF_INT8 = ("tflite_int8", "tflite_micro")  # runtimes whose embeddings are judged by the int8 file's own decision


def of_training(outputs: NDArray[np.float32], frames: Labelled, decision: Gate) -> dict[str, float]:
    """The shares of the normal frames and of the abnormal pictures of training that it lets pass."""
    passed = decision.of_int8.accepts(outputs)
    shares = {"true_accept_rate": passed[frames.labels == 0], "false_accept_rate": passed[frames.labels == 1]}
    return {name: _rounded(mine.mean()) for name, mine in shares.items() if len(mine)}


def test_set(dataset: Path, *, classes: list[str], task: Task) -> TestSet:
    """Normal frames of the split ``test``, abnormal pictures of unseen sources, then of sources trained on.

    Raises:
        InputError: As :func:`read_labelled` and :func:`read_abnormals`.
    """
    normal = read_labelled(frames_folder(dataset, "test"), task.normal_classes)
    sets = [read_abnormals(abnormal_folder(dataset, "test"))]
    if any(abnormal_folder(dataset, "seen").rglob("*.jpg")):
        sets.append(read_abnormals(abnormal_folder(dataset, "seen")))
    counts = [len(normal), *(len(pictures) for pictures, _ in sets)]
    frames = join([normal, *(pictures for pictures, _ in sets)], labels=np.repeat([0, 1], [counts[0], sum(counts[1:])]))
    sources = np.concatenate([np.full(len(normal), ""), *(np.array(names)[one.labels] for one, names in sets)])
    unseen = np.zeros(len(frames), bool)
    unseen[counts[0] : counts[0] + counts[1]] = True
    return TestSet(frames, ["normal", "abnormal"], sources, unseen)


test_set.__test__ = False  # type: ignore[attr-defined]  # no test of pytest's


def score(outputs: dict[str, NDArray[np.float32]], test: TestSet, decision: Gate, seed: int) -> Scored:
    """Judge the outputs for the test pictures by runtime.

    Args:
        outputs: (n, d + s) by runtime, ``pytorch`` and ``tflite_micro`` among them, in the test set's order.
        test: pictures with their sources; label 0 is normal.
        decision: centroids, frame tests and thresholds.
        seed: of the intervals.
    """
    decisions = {name: decision.of_int8 if name in OF_INT8 else decision.of_float for name in outputs}
    scores = {name: decisions[name].similarities(values) for name, values in outputs.items()}
    thresholds = {name: one.threshold for name, one in decisions.items()}
    return Scored(
        test=test,
        metrics=measure(scores, thresholds, test, seed) | {"decision": of_decision(decision)},
        # Towards each class, so that the larger decides as the threshold does.
        logits={name: np.stack([s - thresholds[name], thresholds[name] - s], 1) for name, s in scores.items()},
        scores={name: scores[name] for name in (FLOAT, INT8)},
        score_name="similarity to the centroid",
        threshold=thresholds[INT8],
        groups=_groups(test),
    )


def of_decision(decision: Gate) -> dict[str, Any]:
    """What the threshold was chosen on, and what passes of kinds that were left out of the training."""
    return decision.model_dump(exclude={"of_float", "of_int8"}) | {
        "threshold": decision.of_int8.threshold,
        "warnings": decision.warnings,
    }


def _groups(test: TestSet) -> dict[str, NDArray[np.bool_]]:
    """Normal frames, then abnormal pictures by group, those of sources trained on last."""
    groups_of = np.array([source.partition("/")[0] for source in test.sources])
    found = {"normal": groups_of == ""}
    for unseen, trained_on in ((True, ""), (False, ", trained on")):
        for name in sorted(set(groups_of[(groups_of != "") & (test.unseen == unseen)].tolist())):
            found[f"{name}{trained_on}"] = (groups_of == name) & (test.unseen == unseen)
    return found


def measure(scores: dict[str, Scores], thresholds: dict[str, float], test: TestSet, seed: int) -> dict[str, Any]:
    """All measures, as they stand in ``metrics_full.json``.

    What stands in no source's own entry is measured on sources that were not trained on.

    Returns:
        ``test_frames``, one object per runtime, ``quantization`` and ``agreement``.
    """
    normal, unseen = test.frames.labels == 0, test.unseen
    counts = {"normal": int(normal.sum()), "abnormal": int(unseen.sum())}
    measured = {
        name: of_runtime(values[normal], values[unseen], thresholds[name], seed)
        | {"sources": _of_sources(values, thresholds[name], test), "groups": _of_groups(values, thresholds[name], test)}
        for name, values in scores.items()
    }
    accepted = {name: values[normal | unseen] >= thresholds[name] for name, values in scores.items()}
    return {
        "test_frames": {"total": sum(counts.values()), "of_class": counts},
        **measured,
        "quantization": quantization(scores[FLOAT], scores[INT8], normal, unseen, seed)
        | {"agreement": _rounded((accepted[FLOAT] == accepted[INT8]).mean())},
        "agreement": {
            f"{first}_{second}": _rounded((accepted[first] == accepted[second]).mean())
            for first, second in combinations(scores, 2)
        },
    }


def of_runtime(normal: Scores, abnormal: Scores, threshold: float, seed: int) -> dict[str, Any]:
    """AUROC, TPR at 1 % and 5 % FPR, and what the stored threshold lets through, each with its 95 % interval.

    A true positive is a normal frame let through, a false positive an abnormal picture let through.
    """
    found = {"auroc": (auroc(normal, abnormal), intervals.auroc(auroc(normal, abnormal), len(normal), len(abnormal)))}
    for name, rate in FALSE_POSITIVE_RATES.items():
        found[name] = tpr_at_fpr(normal, abnormal, rate), intervals.tpr_at_fpr(normal, abnormal, rate, seed)
    for name, values in {"true_accept_rate": normal, "false_accept_rate": abnormal}.items():
        passed = int((values >= threshold).sum())
        found[name] = passed / len(values), intervals.proportion(passed, len(values))
    return {
        key: _rounded(number)
        for name, (value, interval) in found.items()
        for key, number in ((name, value), (f"{name}_ci_low", interval.low), (f"{name}_ci_high", interval.high))
    }


def quantization(
    of_float: Scores, of_int8: Scores, normal: NDArray[np.bool_], abnormal: NDArray[np.bool_], seed: int
) -> dict[str, float]:
    """What int8 costs: AUROC lost with its paired 95 % interval, and TPR at 1 % FPR lost."""
    lost = auroc(of_float[normal], of_float[abnormal]) - auroc(of_int8[normal], of_int8[abnormal])
    interval = intervals.auroc_difference(of_float, of_int8, normal, abnormal, seed)
    tpr = [tpr_at_fpr(scores[normal], scores[abnormal], 0.01) for scores in (of_float, of_int8)]
    return {
        "auroc_lost": _rounded(lost),
        "ci_low": _rounded(interval.low),
        "ci_high": _rounded(interval.high),
        "tpr_at_fpr_1_lost": _rounded(tpr[0] - tpr[1]),
    }


def auroc(normal: Scores, abnormal: Scores) -> float:
    """How often a normal frame scores higher than an abnormal picture, a tie counting half."""
    truth = np.repeat([1, 0], [len(normal), len(abnormal)])
    return float(roc_auc_score(truth, np.concatenate([normal, abnormal])))


def tpr_at_fpr(normal: Scores, abnormal: Scores, rate: float) -> float:
    """Share of normal frames above the threshold that lets at most a share of ``rate`` abnormal pictures through."""
    return float((normal > strictest(abnormal, rate)).mean())


def _of_sources(scores: Scores, threshold: float, test: TestSet) -> dict[str, Any]:
    """By abnormal source: AUROC and TPR against all normal frames, false accepts, and whether it was trained on."""
    normal = scores[test.frames.labels == 0]
    found = {}
    for source in dict.fromkeys(test.sources[test.sources != ""].tolist()):
        mine = test.sources == source
        abnormal = scores[mine]
        found[source] = {
            "pictures": int(mine.sum()),
            "trained_on": bool(not test.unseen[mine].any()),
            "auroc": _rounded(auroc(normal, abnormal)),
            **{name: _rounded(tpr_at_fpr(normal, abnormal, rate)) for name, rate in FALSE_POSITIVE_RATES.items()},
            "false_accept_rate": _rounded((abnormal >= threshold).mean()),
            **({"steps": _of_steps(scores >= threshold, mine, test)} if is_made(source) else {}),
        }
    return found


def _of_steps(passed: NDArray[np.bool_], mine: NDArray[np.bool_], test: TestSet) -> list[list[int]]:
    """Pictures that pass and all pictures of each step of a ladder, from the mildest."""
    steps = np.array([step_of(test.frames.names[row]) for row in np.flatnonzero(mine)])
    return [[int(passed[mine][steps == step].sum()), int((steps == step).sum())] for step in range(steps.max() + 1)]


def _of_groups(scores: Scores, threshold: float, test: TestSet) -> dict[str, Any]:
    """By group of abnormal sources: AUROC and TPR against all normal frames, what passes with its interval."""
    normal = scores[test.frames.labels == 0]
    found = {}
    for name, mine in list(_groups(test).items())[1:]:
        abnormal, passed = scores[mine], int((scores[mine] >= threshold).sum())
        interval = intervals.proportion(passed, len(abnormal))
        found[name] = {
            "pictures": len(abnormal),
            "sources": len(set(test.sources[mine].tolist())),
            "auroc": _rounded(auroc(normal, abnormal)),
            "tpr_at_fpr_1": _rounded(tpr_at_fpr(normal, abnormal, 0.01)),
            "false_accept_rate": _rounded(passed / len(abnormal)),
            "false_accept_rate_ci_low": _rounded(interval.low),
            "false_accept_rate_ci_high": _rounded(interval.high),
        }
    return found


def _rounded(value: float) -> float:
    return round(float(value), 6)
