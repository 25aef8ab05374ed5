"""A search for the best settings: Optuna chooses the values, DVC's queue runs the experiments."""

import subprocess
import sys
from pathlib import Path

import optuna
import pandas as pd
from hydra.core.override_parser.types import IntervalSweep, Override
from optuna.trial import FrozenTrial, Trial, TrialState

from tinyinspect.errors import InputError
from tinyinspect.project.git import environment
from tinyinspect.project.sweep import parsed, queue, word
from tinyinspect.review.sweeps import UNFINISHED, read_sweeps

STORE = "optuna.db"
GAINS, COSTS = (
    ["accuracy", "AUROC"],
    ["ms", "bytes"],
)  # columns of `tinyinspect sweeps`; of each the first that is known
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
    waiting = _settle(study, root)
    while waiting or len(study.trials) < trials:
        for _ in range(min(trials - len(study.trials), at_once - waiting)):
            _ask(study, root, given)
        command = ["dvc", "exp", "run", "--run-all", "--jobs", str(at_once)]
        subprocess.run([sys.executable, "-m", *command], cwd=root, env=environment(), check=False)
        before, waiting = waiting, _settle(study, root)
        if waiting and waiting == before:
            raise InputError(
                f"{waiting} experiments of {name} do not end; `dvc queue status` and `dvc queue logs` say why"
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


def _ask(study: optuna.Study, root: Path, given: list[Override]) -> None:
    """Queue an experiment with values that Optuna chooses."""
    trial = study.ask()
    chosen = [_chosen(trial, one) if one.is_sweep_override() else str(one.input_line) for one in given]
    swept = [word(text) for text, one in zip(chosen, given, strict=True) if one.is_sweep_override()]
    name = ".".join([study.study_name, str(trial.number), *swept])
    trial.set_user_attr(_EXPERIMENT, name)
    try:
        queue(root, chosen, name)
    except InputError:
        study.tell(trial, state=TrialState.FAIL)
        raise
    print(name, flush=True)


def _chosen(trial: Trial, override: Override) -> str:
    key, sweep = override.get_key_element(), override.value()
    if not isinstance(sweep, IntervalSweep):
        return f"{key}={trial.suggest_categorical(key, list(override.sweep_string_iterator()))}"
    log, low, high = "log" in sweep.tags, sweep.start, sweep.end
    if isinstance(low, int) and isinstance(high, int):
        return f"{key}={trial.suggest_int(key, low, high, log=log)}"
    return f"{key}={trial.suggest_float(key, float(str(low)), float(str(high)), log=log):.4g}"


def _settle(study: optuna.Study, root: Path) -> int:
    """Tell Optuna what the queue has finished; how many trials still wait or run."""
    asked = [one for one in study.trials if one.state == TrialState.RUNNING]
    shown = read_sweeps(root).set_index("experiment") if asked else pd.DataFrame()
    waiting = 0
    for trial in asked:
        name = trial.user_attrs.get(_EXPERIMENT)
        row = shown.loc[name] if name in shown.index else pd.Series({"state": "gone"})
        if row["state"] in UNFINISHED:
            waiting += 1
        else:
            _tell(study, trial, row)
    return waiting


def _tell(study: optuna.Study, trial: FrozenTrial, row: pd.Series) -> None:
    known = [row.reindex(titles).dropna() for titles in (GAINS, COSTS)]
    if all(len(found) for found in known):
        study.tell(trial.number, [float(found.iloc[0]) for found in known])
    else:
        study.tell(trial.number, state=TrialState.FAIL)
