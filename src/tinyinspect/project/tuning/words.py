"""A search in words: the table at its end, and the head of its preset."""

from typing import Any

import optuna
from optuna.trial import FrozenTrial
from rich.table import Table
from rich.text import Text

from tinyinspect.evaluation.intervals import mcnemar_p
from tinyinspect.project.tuning.finalists import finalists, front
from tinyinspect.project.tuning.trials import WHY, cost_in, finished, right_of, told
from tinyinspect.project.tuning.tuned import Tuned
from tinyinspect.report.table import empty_table

_LOST = "lost to int8"  # a column of `tinyinspect sweeps`


def table(found: Tuned) -> Table:
    """A row for each finalist, and for each other trial that no other beats in score and in milliseconds."""
    made = empty_table(f"{found.trials.objective}, %, and its 95 % interval", "trial")
    for heading in ("cross-validated", "camera", "lost", "ms", "kB"):
        made.add_column(heading, justify="right", no_wrap=True)
    made.add_column("changed", overflow="fold")
    shown = {one.number: one for one in (*finalists(found.study), *front(found.study))}
    for trial in sorted(shown.values(), key=lambda one: -(one.value or 0)):
        made.add_row(*_row(found, trial))
    return made


def _row(found: Tuned, trial: FrozenTrial) -> list[str | Text]:
    measures, cost = found.measures.get(trial.number, {}), cost_in(trial)
    value, interval = found.trials.score(trial)
    accuracy, lost = measures.get(found.trials.title), measures.get(_LOST)
    time, size = measures.get("ms", cost.milliseconds), measures.get("bytes", cost.file_bytes)
    return [
        str(trial.number),
        f"{100 * value:.1f} ({100 * interval.low:.0f} to {100 * interval.high:.0f})",
        "" if accuracy is None else f"{100 * accuracy:.1f}",
        "" if lost is None else f"{lost:.2f}",
        "?" if time is None else f"{time:.1f}",
        f"{size / 1000:.1f}",
        Text(" ".join(found.space.overrides(trial.params)) or "nothing"),  # no markup: a value may stand in brackets
    ]


def sentences(found: Tuned) -> list[str]:
    """How far the search came, and what to do with what it found."""
    best, start = found.best(), found.of_start()
    made = [f"{counts(found.study)}; {found.seconds / 60:.1f} minutes of search this time"]
    if refusal := cost_in(start).refusal:
        made.append(f"the settings as they are do not fit: {refusal}")
    if cost_in(start).milliseconds is None:
        made.append(
            f"the time on {found.start.board.title} is not known, so cost is the size of the file, and --milliseconds "
            "has no effect"
        )
    if best is None or found.preset is None:
        return [*made, "nothing beats the settings as they are; no preset was written"]
    if not found.measures:
        made.append("no finalist ran as an experiment, so what the camera makes of test frames is not known")
    return [
        *made,
        against_start(found, best),
        "trials are short trainings of the float network; finalists are trained in full and measured in int8 on the "
        "test frames, which chose nothing",
        f"wrote {found.preset}; use it with `dvc exp run -S experiment={found.preset.stem}`, or take it over with "
        f"`tinyinspect compose experiment={found.preset.stem}`",
    ]


def notes(found: Tuned, best: FrozenTrial) -> list[str]:
    """What the preset was measured on, for its head."""
    objective = found.trials.objective
    frames, start = len(right_of(best)), found.of_start()
    camera = {number: _on_camera(found, measures) for number, measures in found.measures.items() if measures}
    return [
        f"Found by `tinyinspect tune` for {found.start.board.name}, by cross-validation on {frames} labelled frames.",
        f"There: {_in_percent(found, best)} {objective}; {_in_percent(found, start)} without it.",
        f"{against_start(found, best)}.",
        *([f"On the camera: {camera[best.number]}."] if best.number in camera else []),
        *([f"On the camera, without it: {camera[start.number]}."] if start.number in camera else []),
    ]


def _on_camera(found: Tuned, measures: dict[str, Any]) -> str:
    time = measures["ms"]
    return (
        f"{100 * measures[found.trials.title]:.1f} % {found.trials.objective} of the test frames, "
        f"{'' if time is None else f'{time:.1f} ms, '}{measures['bytes']} bytes"
    )


def _in_percent(found: Tuned, trial: FrozenTrial) -> str:
    """A trial's score and its interval of 95 %."""
    value, interval = found.trials.score(trial)
    return f"{100 * value:.1f} ({100 * interval.low:.1f} to {100 * interval.high:.1f}) %"


def against_start(found: Tuned, best: FrozenTrial) -> str:
    """How many frames the best trial gained and lost against the settings as they are, and whether that is chance."""
    before, after = right_of(found.of_start()), right_of(best)
    gained, lost = int((after & ~before).sum()), int((before & ~after).sum())
    return (
        f"It recognises {gained} frames that the settings as they are do not, and misses {lost} that they recognise "
        f"(McNemar p = {mcnemar_p(gained, lost):.2g}, which flatters the best of many trials)"
    )


def counts(study: optuna.Study) -> str:
    """How many trials came how far."""
    trials = told(study)
    refused = sum(one.user_attrs.get(WHY) == "refused" for one in trials)
    whole = len(finished(study))
    return (
        f"{len(trials)} trials: {whole} cross-validated to the end, {len(trials) - whole - refused} stopped early, "
        f"{refused} refused before training, for the board or the network does not take them"
    )
