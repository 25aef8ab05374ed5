"""Look at a project before its first stage runs: recordings, annotations, classes, split and room on the disk."""

from collections.abc import Callable
from pathlib import Path

import yaml

from tinyinspect.config.data import Data
from tinyinspect.config.extract import Extract
from tinyinspect.config.loading import Yaml
from tinyinspect.config.select import Select
from tinyinspect.errors import InputError, refuse
from tinyinspect.selection.annotations import TEST_SET
from tinyinspect.selection.check_labels import (
    Labels,
    check_annotations,
    check_sides,
    keep_test_set,
    labels_of,
    settled_test_set,
)
from tinyinspect.selection.check_recordings import (
    Findings,
    Recording,
    check_disk,
    check_recordings,
    write_recordings,
)
from tinyinspect.selection.spelling import RecordingNames
from tinyinspect.selection.test_set import draw_test_set, read_test_set, write_test_set

RECORDINGS = "recordings.csv"
_WHAT = "check"


def check_project(root: Path, data: Data, extract: Extract, select: Select, *, say: Callable[[str], None]) -> str:
    """Find all that is wrong; draw the test set or let it grow; write ``recordings.csv``.

    Args:
        root: of the project, with params.yaml, data/videos and annotations.
        data: the section of the parameters.
        extract: the section of the parameters.
        select: the section of the parameters.
        say: is told each note.

    Returns:
        A sentence on what there is.

    Raises:
        InputError: Something is wrong; all of it is named.
    """
    findings, path = Findings(), root / "annotations" / TEST_SET
    readable, names, labels = _looked_at(root, data, extract, select, findings)
    if labels is not None:  # labels that are not all understood would draw another test set
        try:
            test_set = settled_test_set(path, labels, data, select, names, findings)
            check_sides(labels, test_set, data, select, findings)
            if not findings.faults:
                keep_test_set(path, test_set, names, findings)
        except InputError as error:
            findings.faults.append(str(error))
    _tell(findings, say)
    write_recordings(root / RECORDINGS, readable)
    return f"{len(readable)} recordings and {len(labels.table) if labels else 0} labelled frames"


def draw_anew(
    root: Path, data: Data, extract: Extract, select: Select, *, seed: int, say: Callable[[str], None]
) -> str:
    """Draw the test set anew, whatever it was; see :func:`check_project`.

    Returns:
        A sentence on what was drawn.

    Raises:
        InputError: Something is wrong, nothing is labelled, or a class would have no frame on one side.
    """
    findings, path = Findings(), root / "annotations" / TEST_SET
    _, names, labels = _looked_at(root, data, extract, select, findings)
    if labels is None or labels.table.empty:
        _tell(findings, say)
        raise InputError("nothing is labelled yet, so there is no test set to draw; label frames first")
    if select.honour_annotated_split and labels.split_is_annotated:
        raise InputError(
            "the annotations give a split themselves; set select.honour_annotated_split to false to draw a test set"
        )
    old = read_test_set(path, names)
    new = draw_test_set(labels.table, labels.preselected, select, data.test_labels, seed)
    check_sides(labels, new, data, select, findings)
    _tell(findings, say)
    write_test_set(path, new)
    before = f" in place of {len(old.frames)}, {len(old.frames & new.frames)} of them the same" if old else ""
    return f"drew {len(new.frames)} test frames{before}; commit {path} and run `dvc repro`"


def _looked_at(
    root: Path, data: Data, extract: Extract, select: Select, findings: Findings
) -> tuple[list[Recording], RecordingNames, Labels | None]:
    """Recordings that can be read, all names, and the labels where nothing is wrong."""
    videos = root / "data" / "videos"
    recordings, readable = check_recordings(videos, extract, findings)
    check_disk(readable, root, findings)
    names = RecordingNames(recordings)
    findings.notes += _classes_taken(root / "params.yaml", data.classes)
    named = check_annotations(root / "annotations", data, names, videos, findings)
    try:
        labels = labels_of(named, select, names, {one.name: one.stream.rate for one in readable})
    except InputError as error:
        findings.faults.append(str(error))
    return readable, names, None if findings.faults else labels


def _tell(findings: Findings, say: Callable[[str], None]) -> None:
    for note in findings.notes:
        say(note)
    refuse(findings.faults, _WHAT)


def _classes_taken(params: Path, classes: list[str]) -> list[str]:
    """Names of classes that YAML takes for something else than text."""
    written = yaml.load(params.read_text(encoding="utf-8"), Yaml)["data"]["classes"]
    return [
        f"data.classes: {one!r} is taken as the name '{name}'"
        for one, name in zip(written, classes, strict=True)
        if not isinstance(one, str)
    ]
