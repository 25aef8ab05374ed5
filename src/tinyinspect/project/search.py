"""A search for the best settings: Optuna chooses the values, DVC runs the experiments."""

from pathlib import Path
from threading import Lock

import optuna
import pandas as pd
from hydra.core.override_parser.types import IntervalSweep, Override
from optuna.trial import Trial, TrialState

from tinyinspect.errors import InputError
from tinyinspect.project.sweep import ExperimentError, parsed, run, word
from tinyinspect.review.sweeps import measures

STORE = "optuna.db"
GAINS, COSTS = (
    ["accuracy", "AUROC"],
    ["ms", "bytes"],
)  # columns of `tinyinspect sweeps`; of each the first that is known
_READING = Lock()  # DVC is not made for threads
_EXPERIMENT = "experiment"  # a trial's attribute: the name of its experiment


def search(root: Path, overrides: list[str], name: str, trials: int, at_once: int) -> pd.DataFrame:
    """Run experiments until the search has so many, and go on where an earlier call stopped.

    Args:
        root: of the project.
        overrides: as for :func:`tinyinspect.project.sweep.parsed`; "interval(0.01, 1)" may stand there too.
        name: of the search; its experiments are called NAME.number.setting=value.
        trials: how many experiments, those of earlier calls included.
        at_once: how many run side by side.

    Returns:
        A row for each experiment that no other beats in gain and cost: experiment, gain, cost.

    Raises:
        InputError: A setting is wrong, none has several values, or DVC refuses an experiment.
    """
    given = parsed(overrides, name)
    if not any(one.is_sweep_override() for one in given):
        raise InputError("no setting has several values; give one that has, such as train.epochs=100,200")
    study = _study(root, name)
    _settle(study, root)
    study.optimize(
        lambda trial: _measured(trial, root, given),
        n_trials=max(0, trials - len(study.trials)),
        n_jobs=at_once,
        catch=ExperimentError,
    )
    best = [(one.user_attrs[_EXPERIMENT], *one.values) for one in study.best_trials]
    return pd.DataFrame(best, columns=["experiment", "gain", "cost"]).sort_values("cost", ignore_index=True)


def _study(root: Path, name: str) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        study_name=name,
        storage=f"sqlite:///{root.resolve() / STORE}",
        directions=["maximize", "minimize"],
        load_if_exists=True,
    )
    # A call that goes on draws other values than the first did; experiments that run at once differ.
    study.sampler = optuna.samplers.TPESampler(seed=len(study.trials), constant_liar=True)
    return study


def _measured(trial: Trial, root: Path, given: list[Override]) -> list[float]:
    """Run an experiment with values that Optuna chooses; its gain and its cost."""
    chosen = [_chosen(trial, one) if one.is_sweep_override() else str(one.input_line) for one in given]
    swept = [word(text) for text, one in zip(chosen, given, strict=True) if one.is_sweep_override()]
    name = ".".join([trial.study.study_name, str(trial.number), *swept])
    trial.set_user_attr(_EXPERIMENT, name)
    print(name, flush=True)
    run(root, chosen, name)
    return _measures(root, name)


def _chosen(trial: Trial, override: Override) -> str:
    key, sweep = override.get_key_element(), override.value()
    if not isinstance(sweep, IntervalSweep):
        return f"{key}={trial.suggest_categorical(key, list(override.sweep_string_iterator()))}"
    log, low, high = "log" in sweep.tags, sweep.start, sweep.end
    if isinstance(low, int) and isinstance(high, int):
        return f"{key}={trial.suggest_int(key, low, high, log=log)}"
    return f"{key}={trial.suggest_float(key, float(str(low)), float(str(high)), log=log):.4g}"


def _settle(study: optuna.Study, root: Path) -> None:
    """Tell Optuna what became of experiments that an interrupted call left behind."""
    for trial in study.trials:
        if trial.state != TrialState.RUNNING:
            continue
        try:
            study.tell(trial.number, _measures(root, trial.user_attrs.get(_EXPERIMENT)))
        except (ExperimentError, InputError):
            study.tell(trial.number, state=TrialState.FAIL)


def _measures(root: Path, name: str | None) -> list[float]:
    """Gain and cost of an experiment.

    Raises:
        ExperimentError: It has no gain or no cost.
        InputError: It is not finished.
    """
    with _READING:
        found = measures(root, str(name))
    known = [[found[title] for title in titles if found[title] is not None] for titles in (GAINS, COSTS)]
    if not all(known):
        raise ExperimentError(f"{name} has no measures")
    return [float(one[0]) for one in known]
