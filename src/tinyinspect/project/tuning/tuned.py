"""What a search found."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import FrozenTrial

from tinyinspect.config.params import Params
from tinyinspect.project.tuning.finalists import front
from tinyinspect.project.tuning.space import Space
from tinyinspect.project.tuning.trials import Trials, finished, is_start


@dataclass
class Tuned:
    """What a search found.

    Attributes:
        space: what was tried.
        start: the parameters at its start.
        trials: of the study.
        seconds: that this call searched.
        measures: of the finalists' experiments, by the trial's number.
        preset: the file that was written; None where nothing beats the settings as they are.
        interrupted: by Ctrl-C.
    """

    space: Space
    start: Params
    trials: Trials
    seconds: float = 0.0
    measures: dict[int, dict[str, Any]] = field(default_factory=dict)
    preset: Path | None = None
    interrupted: bool = False

    @property
    def study(self) -> optuna.Study:
        """That remembers the trials."""
        return self.trials.study

    def best(self) -> FrozenTrial | None:
        """The best trial that is not the settings as they are; None where those are the best."""
        best = front(self.study)[:1]
        return best[0] if best and not is_start(best[0]) else None

    def of_start(self) -> FrozenTrial:
        """The trial of the settings as they are."""
        return next(one for one in finished(self.study) if is_start(one))
