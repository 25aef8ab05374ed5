"""The finalists of a search: the few trials worth a whole run of the graph, as DVC experiments."""

from pathlib import Path
from typing import Any

import optuna
from optuna.trial import FrozenTrial

from tinyinspect.errors import InputError
from tinyinspect.project.sweep import ExperimentError, run, word
from tinyinspect.project.tuning.trials import cost_in, finished, is_start
from tinyinspect.review.sweeps import measures

MOST = 3


def front(study: optuna.Study) -> list[FrozenTrial]:
    """The trials that fit the board and that no other beats in score and in milliseconds; the best first."""
    kept: list[FrozenTrial] = []
    fitting = [one for one in finished(study) if not cost_in(one).refusal]
    for trial in sorted(fitting, key=lambda one: (-_score(one), _cost(one), one.number)):
        if not kept or _cost(trial) < _cost(kept[-1]):
            kept.append(trial)
    return kept


def finalists(study: optuna.Study) -> list[FrozenTrial]:
    """At most three, the most wanted first: the best, the settings as they are, and the next of the front."""
    best = front(study)
    start = next(one for one in finished(study) if is_start(one))
    wanted = {one.number: one for one in (*best[:1], start, *best[1:])}
    return list(wanted.values())[:MOST]


def measured(root: Path, name: str, overrides: list[str]) -> dict[str, Any]:
    """The measures of an experiment, which is run where it was not yet.

    Returns:
        By the titles of `tinyinspect sweeps`; empty where a stage failed.
    """
    try:
        return measures(root, name)
    except InputError:
        print(name, flush=True)
    try:
        run(root, overrides, name)
        return measures(root, name)
    except ExperimentError:
        print(f"warning: a stage of {name} failed, and said why above", flush=True)
        return {}


def experiment_name(study: optuna.Study, trial: FrozenTrial, chosen: list[str]) -> str:
    """What a trial's experiment is called, such as "tune.1f2e3d4c.7.rotation=180"."""
    words = map(word, chosen) if chosen else ["start"]
    return ".".join(["tune", study.study_name.rpartition("-")[2], str(trial.number), *words])


def _score(trial: FrozenTrial) -> float:
    assert trial.value is not None
    return trial.value


def _cost(trial: FrozenTrial) -> float:
    """Milliseconds, or where no time is known the size of the file."""
    cost = cost_in(trial)
    return cost.file_bytes if cost.milliseconds is None else cost.milliseconds
