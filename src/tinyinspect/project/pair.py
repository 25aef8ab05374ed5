"""A gate and a classifier for the same board, each trained in an experiment of its own: the halves of a cascade."""

from datetime import datetime
from pathlib import Path

from tinyinspect.errors import InputError
from tinyinspect.project.git import dvc
from tinyinspect.project.last_word import labels_left_out
from tinyinspect.project.sweep import ExperimentError, run
from tinyinspect.tasks.cascade import HALVES

FIRST = "model=mobilenetv2_metric"
BUNDLE = Path("models/openmv")
FIRST_PARTS = [BUNDLE]
# The pair is measured with the others.
SECOND_PARTS = [BUNDLE, Path("models/model_int8.tflite"), Path("dataset"), Path("params.yaml")]


def train_pair(root: Path, board: str, first: list[str], second: list[str], folder: Path) -> tuple[Path, Path]:
    """Train both beside the project, whose own files stay as they are.

    Args:
        root: the project.
        board: a choice of ``conf/board``, for both.
        first: settings of the gate; without a model or an experiment among them, it is ``model=mobilenetv2_metric``.
        second: settings of the classifier.
        folder: an empty one, which takes what the experiments made.

    Returns:
        Folders of the gate and of the classifier, laid out as a project is: ``models/openmv`` and, for the classifier,
        the int8 file, ``dataset`` and ``params.yaml`` too.

    Raises:
        InputError: DVC refuses an experiment, one of its stages fails, or Git does not know all labels.
    """
    if lacking := labels_left_out(root):
        raise InputError(lacking)
    if not any(setting.startswith(("model=", "experiment=")) for setting in first):
        first = [FIRST, *first]
    time = f"{datetime.now():%Y%m%d-%H%M%S}"
    made = folder / HALVES[0], folder / HALVES[1]
    for half, settings, parts in zip(made, (first, second), (FIRST_PARTS, SECOND_PARTS), strict=True):
        name = f"cascade-{half.name}-{time}"
        _run(root, [*settings, f"board={board}"], name)
        _fetch(root, name, parts, half)
    return made


def _run(root: Path, settings: list[str], name: str) -> None:
    try:
        run(root, settings, name)
    except ExperimentError:
        raise InputError(
            f"a stage of {name} failed, and said why above; mend that, then run the same command again"
        ) from None


def _fetch(root: Path, experiment: str, parts: list[Path], folder: Path) -> None:
    """Take parts of an experiment out of DVC's cache and Git."""
    for part in parts:
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        dvc(root, "get", "--quiet", ".", str(part), "--rev", experiment, "--out", str((folder / part).absolute()))
