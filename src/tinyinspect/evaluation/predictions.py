"""What a model said of each test picture, and what it was trained on: two tables by which models are compared.

Both stand in Git beside ``metrics.json``, so that two commits are compared without their models.

    predictions.csv   one row a test picture: recording, frame, truth, answers and scores of float and camera
    trained_on.csv    one row a picture of training or validation, or a frame that a teacher labelled for the training
"""

from pathlib import Path
from typing import TextIO
from urllib.parse import unquote

import numpy as np
import pandas as pd
from pandas.errors import ParserError

from tinyinspect.errors import InputError
from tinyinspect.evaluation.scored import FLOAT, INT8, Scored
from tinyinspect.files import complete_file
from tinyinspect.learning.features import Features
from tinyinspect.selection.labelled import UNLABELLED, VALIDATION

PREDICTIONS, TRAINED_ON = Path("predictions.csv"), Path("trained_on.csv")
COLUMNS = {
    "picture": "str",  # file name of a frame; source and file name of another picture
    "recording": "str",  # empty for a picture that is no frame
    "frame": "str",
    "source": "str",  # of an abnormal picture, else empty
    "group": "str",  # whose scores are drawn apart
    "counted": "bool",  # in the measures of the whole test set
    "truth": "str",
    "answer_float": "str",
    "answer_camera": "str",
    "score_float": "float64",
    "score_camera": "float64",
}
_FRAMES = "frames"


def predictions_of(scored: Scored) -> pd.DataFrame:
    """One row a test picture, in the order of the test set, with the columns ``COLUMNS``."""
    test, classes = scored.test, np.array(scored.test.classes)
    frames = [frame_of(name) if source == "" else ("", "") for name, source in _places(scored)]
    group = np.full(len(test.frames), "", object)
    for name, mine in scored.groups.items():
        group[mine] = name
    return pd.DataFrame(
        {
            "picture": [picture_key(source, name) for name, source in _places(scored)],
            "recording": [recording for recording, _ in frames],
            "frame": [frame for _, frame in frames],
            "source": test.sources.astype(object),
            "group": group,
            "counted": test.counted,
            "truth": classes[test.frames.labels],
            "answer_float": classes[scored.logits[FLOAT].argmax(1)],
            "answer_camera": classes[scored.logits[INT8].argmax(1)],
            "score_float": scored.scores[FLOAT].astype(np.float64).round(6),
            "score_camera": scored.scores[INT8].astype(np.float64).round(6),
        }
    )


def trained_on(dataset: Path, seen: Features) -> pd.DataFrame:
    """One row a picture that trained or validated, columns picture, split, truth (empty where it has no label).

    Args:
        dataset: its training and validation pictures are listed.
        seen: what the teacher saw of frames with a label and without.
    """
    rows = []
    for split in ("train", VALIDATION):
        for path in sorted((dataset / split).rglob("*.jpg")):
            kind, *place = path.relative_to(dataset / split).parent.parts
            is_frame = kind == _FRAMES
            key = picture_key("" if is_frame else "/".join(place), path.name)
            rows.append((key, split, place[0] if is_frame else ""))
    labelled = {key for key, *_ in rows}
    if seen.share:
        rows += [(name, UNLABELLED, "") for name in seen.names if name not in labelled]
    return pd.DataFrame(rows, columns=["picture", "split", "truth"])


def with_labels(trained: pd.DataFrame) -> pd.DataFrame:
    """Of :func:`trained_on`, what is trained on with a label of its own."""
    return trained[trained["split"] != UNLABELLED]


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write one of the two tables, complete or not at all."""
    with complete_file(path) as target:
        table.to_csv(target, index=False, lineterminator="\n")


def read_predictions(source: Path | TextIO = PREDICTIONS, name: str = "") -> pd.DataFrame:
    """Read ``predictions.csv``.

    Args:
        source: the file, or its text.
        name: of the text, for errors.

    Raises:
        InputError: The file is missing or is not what ``evaluate`` writes.
    """
    return _read(source, name, COLUMNS)


def read_trained_on(source: Path | TextIO = TRAINED_ON, name: str = "") -> pd.DataFrame:
    """Read ``trained_on.csv``; arguments and errors are those of :func:`read_predictions`."""
    return _read(source, name, {"picture": "str", "split": "str", "truth": "str"})


def picture_key(source: str, name: str) -> str:
    """How both tables name a picture: its file name, below its source where it is no frame of a recording."""
    return f"{source}/{name}" if source else name


def _places(scored: Scored) -> list[tuple[str, str]]:
    return list(zip(scored.test.frames.names, scored.test.sources.tolist(), strict=True))


def frame_of(name: str) -> tuple[str, str]:
    """Recording and frame number in the name of a frame's file; both empty in another name."""
    recording, _, number = Path(name).stem.rpartition("-")
    return (unquote(recording), str(int(number))) if number.isdecimal() else ("", "")


def _read(source: Path | TextIO, name: str, columns: dict[str, str]) -> pd.DataFrame:
    place = name or str(source)
    try:
        table = pd.read_csv(source, dtype=columns, keep_default_na=False)
    except FileNotFoundError:
        raise InputError(f"{place} is missing; run `dvc repro evaluate`") from None
    except (OSError, ValueError, ParserError) as error:
        raise InputError(f"{place} cannot be read ({error}); run `dvc repro --force evaluate`") from None
    if list(table.columns) != list(columns):
        raise InputError(f"{place} has other columns than {', '.join(columns)}; run `dvc repro --force evaluate`")
    return table
