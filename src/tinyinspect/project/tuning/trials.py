"""The trials of a search: Optuna proposes settings, cross-validation scores them, the worse ones are stopped early.

A trial is cross-validated with a quarter of the epochs, then with a half, then with all, each a training with a whole
schedule of its own. Of those that came as far, only the better half goes on. Source: Li et al., "A System for Massively
Parallel Hyperparameter Tuning" (MLSys 2020), as Optuna's SuccessiveHalvingPruner has it.
"""

import math
import time
from pathlib import Path

import numpy as np
import optuna
from numpy.typing import NDArray
from optuna.trial import FrozenTrial, Trial, TrialState

from tinyinspect.config.params import Params
from tinyinspect.errors import InputError
from tinyinspect.evaluation.intervals import Interval
from tinyinspect.learning.devices import device_of
from tinyinspect.learning.frames import Frames, frames_of
from tinyinspect.project.tuning.cost import Cost, cost_of
from tinyinspect.project.tuning.space import Space
from tinyinspect.project.untrained import network_of
from tinyinspect.registry import task_part
from tinyinspect.review.sweeps import MEASURES
from tinyinspect.selection.labelled import Labelled

HALVING = 2
LEVELS = {1: 0.25, 2: 0.5, 4: 1.0}  # what Optuna calls steps, and the share of the longest training
WANTED = 12  # trials that could be trained to the end in the time there is
FEWEST_STEPS = 200  # of the longest training: after fewer, one network looks like another
_TIMED_STEPS = 20
_REPEATS = 100  # proposals without anything new, after which nothing is left to try
RIGHT, COST, WHY = "right", "cost", "why"  # attributes of a trial
LONGEST = "longest"  # of a study


class OutOfTimeError(Exception):
    """The time of the search is over."""


class Trials:
    """The trials of one study.

    Attributes:
        study: remembers them.
        part: the task's part `tuning`.
        objective: what the line asks for, in words.
        title: of the column of `tinyinspect sweeps` that has it.
    """

    def __init__(self, study: optuna.Study, space: Space, start: Params, labelled: Labelled) -> None:
        self.study, self.part = study, task_part(start.task.name, "tuning")
        self._space, self._start, self._labelled = space, start, labelled
        measure = self.part.objective(start.loss)
        self.objective, self.title = measure.replace("_", " "), MEASURES[f"tflite_micro.{measure}"]
        self._rows = self.part.parts(labelled, task=start.task, seed=start.seed)
        self._frames: dict[str, Frames] = {}
        self._resume = space.root / ".resume" / "tune.pt"
        self._until = math.inf

    def pace(self) -> tuple[float, float]:
        """Measured on a short training of the settings as they are.

        Returns:
            Seconds a picture; and seconds for each second of the processor, above 1 where other programs use it too.
        """
        epochs = math.ceil(_TIMED_STEPS / self.part.steps(len(self._labelled), train=_short(self._start, 1).train))
        took, worked = 0.0, 0.0
        for _ in range(2):  # the first loads what the second needs
            began, before = time.monotonic(), time.process_time()
            self._right(_short(self._start, epochs), self._rows[:1])
            took, worked = time.monotonic() - began, time.process_time() - before
        return took / epochs / (len(self._labelled) - len(self._rows[0])), max(1.0, took / max(worked, 1e-3))

    def fewest_seconds(self, whole: float) -> float:
        """What two trials take at least, where a cross-validation with all epochs takes so many seconds."""
        return 2 * sum(LEVELS.values()) * self._least() * whole

    def set_longest(self, seconds: float, whole: float) -> None:
        """Choose how long the longest training of a trial is, as a share of `train.epochs`; a study keeps it.

        Args:
            seconds: for the search.
            whole: seconds that a cross-validation with all epochs takes.
        """
        share = seconds / WANTED / sum(LEVELS.values()) / whole
        if LONGEST not in self.study.user_attrs:
            self.study.set_user_attr(LONGEST, max(self._least(), min(1.0, share)))

    def go_on(self, until: float, most_milliseconds: float | None) -> None:
        """Try settings until the clock (`time.monotonic`) shows so much, or nothing is left to try."""
        self._until = until
        distributions: dict[str, optuna.distributions.BaseDistribution] = {
            key: optuna.distributions.CategoricalDistribution(choices) for key, choices in self._space.choices.items()
        }
        if not self.start_is_scored():
            self.study.enqueue_trial(dict.fromkeys(distributions))  # the settings as they are
        repeats = 0
        try:
            while time.monotonic() < until and repeats < _REPEATS and len(told(self.study)) < self._space.size:
                trial = self.study.ask(distributions)
                if any(one.params == trial.params for one in told(self.study)):
                    self.study.tell(trial, state=TrialState.FAIL)
                    repeats += 1
                    continue
                repeats = 0
                self._try(trial, most_milliseconds)
        except OutOfTimeError:
            pass
        finally:
            for file in self._resume.parent.glob(f"{self._resume.stem}-*"):
                file.unlink()

    def longest(self, params: Params) -> int:
        """Epochs of the longest training with these parameters."""
        return max(1, round(self.study.user_attrs[LONGEST] * params.train.epochs))

    def _least(self) -> float:
        """The shortest that the longest training may be, as a share of `train.epochs`."""
        return min(1.0, FEWEST_STEPS / self.part.steps(len(self._labelled), train=self._start.train))

    def start_is_scored(self) -> bool:
        """Whether the settings as they are came to the end."""
        return any(is_start(one) for one in finished(self.study))

    def score(self, trial: FrozenTrial) -> tuple[float, Interval]:
        """What the line asks for, of a trial that came to the end, and its interval of 95 %."""
        return self.part.score(right_of(trial), self._labelled.labels, loss=self._start.loss)

    def _try(self, trial: Trial, most_milliseconds: float | None) -> None:
        words = " ".join(self._space.overrides(trial.params)) or "the settings as they are"
        try:
            value = self._scored(trial, most_milliseconds)
        except optuna.TrialPruned as why:
            trial.set_user_attr(WHY, str(why).partition(":")[0])
            self.study.tell(trial, state=TrialState.PRUNED)
            print(f"{trial.number}: {why}: {words}", flush=True)
        except OutOfTimeError:
            self.study.tell(trial, state=TrialState.FAIL)
            raise
        else:
            self.study.tell(trial, value)
            print(f"{trial.number}: {100 * value:.1f} %: {words}", flush=True)

    def _scored(self, trial: Trial, most_milliseconds: float | None) -> float:
        try:
            params = self._space.params(trial.params)
        except InputError as error:
            raise optuna.TrialPruned(f"refused: {error}") from None
        cost = cost_of(self.study, self._space.root, params, most_milliseconds)
        trial.set_user_attr(COST, cost.model_dump())
        if cost.refusal and not is_start(trial):
            raise optuna.TrialPruned(f"refused: {cost.refusal}")
        value = 0.0
        for level, share in LEVELS.items():
            epochs = max(1, round(share * self.longest(params)))
            right = self._right(_short(params, epochs), self._rows)
            value = self.part.score(right, self._labelled.labels, loss=self._start.loss)[0]
            trial.report(value, level)
            stops = trial.should_prune()
            if stops and level < max(LEVELS) and not is_start(trial):
                raise optuna.TrialPruned(f"stopped at {100 * value:.1f} % after {epochs} epochs")
        trial.set_user_attr(RIGHT, "".join("01"[one] for one in right.astype(int)))
        return value

    def _right(self, params: Params, rows: list[NDArray[np.int64]]) -> NDArray[np.bool_]:
        return self.part.right_answers(
            lambda: network_of(params),
            self._views(params),
            rows,
            classes=params.data.classes,
            loss=params.loss,
            train=params.train,
            seed=params.seed,
            resume=self._resume,
            after_epoch=self._look_at_the_clock,
        )

    def _views(self, params: Params) -> Frames:
        """The labelled frames as a network of these parameters sees them."""
        crop, size = params.extract.crop, params.model.input_size
        key = f"{crop} {size}"
        if key not in self._frames:
            pictures = self._labelled.pictures
            if crop and crop != self._start.extract.crop:
                x, y, width, height = crop
                pictures = [picture[y : y + height, x : x + width] for picture in pictures]
            seen = Labelled(pictures, self._labelled.labels, self._labelled.names)
            self._frames[key] = frames_of(seen, size, device_of(params.train.device))
        return self._frames[key]

    def _look_at_the_clock(self) -> None:
        if time.monotonic() > self._until:
            raise OutOfTimeError


def told(study: optuna.Study) -> list[FrozenTrial]:
    """The trials that were scored, stopped early or refused."""
    return study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED))


def finished(study: optuna.Study) -> list[FrozenTrial]:
    """The trials that came to the end."""
    return study.get_trials(deepcopy=False, states=[TrialState.COMPLETE])


def is_start(trial: Trial | FrozenTrial) -> bool:
    """Whether it has the settings as they are."""
    return all(value is None for value in trial.params.values())


def right_of(trial: FrozenTrial) -> NDArray[np.bool_]:
    """Which labelled frames it recognised, (n,)."""
    return np.array([one == "1" for one in trial.user_attrs[RIGHT]])


def cost_in(trial: FrozenTrial) -> Cost:
    """What its network costs, untrained."""
    return Cost.model_validate(trial.user_attrs[COST])


def _short(params: Params, epochs: int) -> Params:
    return params.model_copy(update={"train": params.train.model_copy(update={"epochs": epochs})})


def open_study(root: Path, store: str, name: str) -> optuna.Study:
    """A study of this name, new or taken up; what an interrupt left unfinished is told as failed."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        study_name=name,
        storage=f"sqlite:///{root.resolve() / store}",
        direction="maximize",
        load_if_exists=True,
        pruner=optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=HALVING),
    )
    study.sampler = optuna.samplers.TPESampler(seed=len(study.trials))  # one that goes on draws others than the first
    for trial in study.get_trials(deepcopy=False, states=[TrialState.RUNNING]):
        study.tell(trial.number, state=TrialState.FAIL)
    return study
