"""The whole search: trials, then finalists as experiments, and the preset."""

import math
import time
from pathlib import Path

from tinyinspect.config.loading import check, load
from tinyinspect.config.params import Params
from tinyinspect.errors import InputError
from tinyinspect.learning.resume import fingerprint
from tinyinspect.project.compose import composed
from tinyinspect.project.git import dvc
from tinyinspect.project.last_word import labels_left_out
from tinyinspect.project.search import STORE
from tinyinspect.project.tuning import finalists
from tinyinspect.project.tuning.preset import preset_path, write_preset
from tinyinspect.project.tuning.space import Space, read_space
from tinyinspect.project.tuning.trials import Trials, open_study
from tinyinspect.project.tuning.tuned import Tuned
from tinyinspect.project.tuning.words import notes
from tinyinspect.registry import task_part
from tinyinspect.selection.labelled import Labelled
from tinyinspect.tracking.runs import flatten

GRAPH_SECONDS = 90.0  # of the processor, of a whole run beside its trainings
DATASET = Path("dataset")
_OF_DATASET = {"seed", "data", "extract", "select", "task"}


def tune(root: Path, given: list[str], minutes: float, name: str, most_milliseconds: float | None) -> Tuned:
    """Search for settings, and write those that are best in cross-validation as a preset.

    Args:
        root: of the project.
        given: overrides that all trials have, as for ``dvc exp run -S``.
        minutes: for all of it.
        name: of the preset; the same name goes on with the search, if data and settings are the same.
        most_milliseconds: that an inference may take; None sets no limit.

    Raises:
        InputError: The dataset is not made or cannot be cross-validated, the time is too short, or the preset's file
            is a person's.
    """
    began = time.monotonic()
    preset = preset_path(root, name)
    start = check(composed(root / "conf", given), "conf/", Params)
    _require_part(start.task.name)
    _require_dataset(root, start, given)
    labelled = task_part(start.task.name, "tuning").labelled_frames(root / DATASET, classes=start.data.classes)
    space = read_space(root, given, start, _frame(labelled))
    study = open_study(root, STORE, f"tune-{name}-{_fingerprint(space, start, labelled, most_milliseconds)}")
    found = Tuned(space, start, Trials(study, space, start, labelled))
    experiment, count = _plan(found, labelled, 60 * minutes, began)
    print(
        f"cross-validates {len(labelled)} labelled frames for {found.trials.objective}, each training of at most "
        f"{found.trials.longest(start)} epochs; {count} finalists will run as experiments"
    )
    try:
        searched = time.monotonic()
        try:
            found.trials.go_on(began + 60 * minutes - count * experiment, most_milliseconds)
        finally:
            found.seconds = time.monotonic() - searched
            _write(found, preset)
        if not found.trials.start_is_scored():
            raise InputError("the time ended before the settings as they are were scored; give more --minutes")
        _run_finalists(found, count, experiment, began + 60 * minutes)
        _write(found, preset)
    except KeyboardInterrupt:
        if not found.trials.start_is_scored():
            raise
        found.interrupted = True
    return found


def _require_part(task: str) -> None:
    try:
        task_part(task, "tuning")
    except ModuleNotFoundError:
        raise InputError(
            f"a {task} cannot be tuned, for its training is not cross-validated; `tinyinspect search` runs experiments"
        ) from None


def _require_dataset(root: Path, start: Params, given: list[str]) -> None:
    """The labelled frames must be those of these settings, and Git must know the labels."""
    mine, theirs = (flatten(one.model_dump(include=_OF_DATASET), ".") for one in (start, _params(root)))
    differing = [key for key in mine if mine[key] != theirs.get(key)]
    compose = " ".join(["tinyinspect compose", *given])
    if differing:
        raise InputError(
            f"params.yaml has another {' and '.join(differing)} than conf/; run `{compose} && dvc repro dataset`"
        )
    if not (root / DATASET).is_dir() or dvc(root, "status", "--json", DATASET.name).strip() != "{}":
        raise InputError(
            "the stage dataset is not done for the labels and settings as they are; run `dvc repro dataset`"
        )
    if lacking := labels_left_out(root):
        raise InputError(lacking)


def _params(root: Path) -> Params:
    return load(root / "params.yaml", Params)


def _frame(labelled: Labelled) -> tuple[int, int] | None:
    sizes = {picture.shape[:2] for picture in labelled.pictures}
    return None if len(sizes) > 1 else next(iter(sizes))[::-1]


def _fingerprint(space: Space, start: Params, labelled: Labelled, most_milliseconds: float | None) -> str:
    """Of all that a score depends on."""
    text = repr((start, space.values, labelled.names, most_milliseconds))
    return fingerprint(text, labelled.labels, *labelled.pictures)[:8]


def _plan(found: Tuned, labelled: Labelled, seconds: float, began: float) -> tuple[float, int]:
    """Seconds that an experiment takes, and how many run: at most half of the time is theirs.

    Raises:
        InputError: The time is too short for two trials.
    """
    each, waiting = found.trials.pace()
    whole, trained = found.trials.part.pictures(len(labelled), task=found.start.task, train=found.start.train)
    pretrained = found.start.pretrain.epochs * _pretrained_on(found)
    experiment = GRAPH_SECONDS * waiting + each * (trained + pretrained)
    count = min(finalists.MOST, int(seconds / 2 / experiment))
    left = seconds - count * experiment - (time.monotonic() - began)
    needed = found.trials.fewest_seconds(each * whole)
    if left < needed:
        raise InputError(
            f"{seconds / 60:g} minutes are too few for two trials, which take {needed / 60:.1f} here; give --minutes "
            f"{math.ceil((seconds - left + needed) / 60)}"
        )
    found.trials.set_longest(left, each * whole)
    return experiment, count


def _pretrained_on(found: Tuned) -> int:
    """Views of an epoch of pretraining, two a frame at most."""
    index = found.space.root / "frames" / "index.csv"
    frames = max(0, len(index.read_text(encoding="utf-8").splitlines()) - 1) if index.is_file() else 0
    return 2 * min(frames, found.start.pretrain.frames or frames)


def _run_finalists(found: Tuned, count: int, seconds: float, until: float) -> None:
    """Run them while the time lasts, each taking about as long as the one before."""
    for trial in finalists.finalists(found.study)[:count]:
        began = time.monotonic()
        if found.measures and began + seconds > until:
            return
        chosen = found.space.overrides(trial.params)
        name = finalists.experiment_name(found.study, trial, chosen)
        found.measures[trial.number] = finalists.measured(found.space.root, name, [*found.space.given, *chosen])
        seconds = time.monotonic() - began


def _write(found: Tuned, preset: Path) -> None:
    """Write the preset, if anything beats the settings as they are."""
    best = found.best() if found.trials.start_is_scored() else None
    if best is None:
        return
    overrides = [*found.space.given, *found.space.overrides(best.params)]
    write_preset(preset, found.space.root / "conf", overrides, notes(found, best))
    found.preset = preset
