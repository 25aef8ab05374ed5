"""Look at a project before its first stage runs: recordings, annotations, classes, split and room on the disk."""

from collections.abc import Callable
from pathlib import Path

from tinyinspect.config.data import Data
from tinyinspect.config.extract import Extract
from tinyinspect.config.select import Select
from tinyinspect.errors import InputError, refuse
from tinyinspect.selection.annotations import TEST_SET
from tinyinspect.selection.check_labels import (
    check_annotations,
    check_sides,
    keep_test_set,
    labels_of,
    settled_test_set,
)
from tinyinspect.selection.check_recordings import Findings, check_disk, check_recordings, write_recordings
from tinyinspect.selection.spelling import RecordingNames

RECORDINGS = "recordings.csv"


def check_project(root: Path, data: Data, extract: Extract, select: Select, *, say: Callable[[str], None]) -> str:
    """Find all that is wrong; draw the test set or let it grow; write ``recordings.csv``.

    Args:
        root: of the project, with data/videos and annotations.
        data: the section of the parameters.
        extract: the section of the parameters.
        select: the section of the parameters.
        say: is told each note.

    Returns:
        A sentence on what there is.

    Raises:
        InputError: Something is wrong; all of it is named.
    """
    findings, videos, folder = Findings(), root / "data" / "videos", root / "annotations"
    recordings, readable = check_recordings(videos, extract, findings)
    names = RecordingNames(recordings)
    named = check_annotations(folder, data, names, videos, findings)
    check_disk(readable, root, findings)
    if not findings.faults:  # labels that are not all understood would draw another test set
        try:
            rates = {one.name: one.stream.rate for one in readable}
            labels = labels_of(named, select, names, rates)
            test_set = settled_test_set(folder / TEST_SET, labels, data, select, names, findings)
            check_sides(labels, test_set, data, select, findings)
            if not findings.faults:
                keep_test_set(folder / TEST_SET, test_set, names, findings)
        except InputError as error:
            findings.faults.append(str(error))
    for note in findings.notes:
        say(note)
    refuse(findings.faults, "check")
    write_recordings(root / RECORDINGS, readable)
    return f"{len(readable)} recordings and {len(named)} labelled frames; nothing is in the way"
