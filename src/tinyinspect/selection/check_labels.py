"""What is wrong with labels, classes and split, before any frame is extracted; and the test set, drawn or grown."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tinyinspect.config.data import Data
from tinyinspect.config.select import Select, SplitBy
from tinyinspect.errors import InputError
from tinyinspect.selection.annotations import (
    BAD_FRAME,
    SPLITS,
    TEST_SET,
    Annotations,
    annotation_files,
    collect_annotations,
    with_recordings,
)
from tinyinspect.selection.check_recordings import Findings
from tinyinspect.selection.spelling import RecordingNames, label_of
from tinyinspect.selection.splits import near_in_time
from tinyinspect.selection.tables import frame_number, read_table
from tinyinspect.selection.test_set import TestSet, draw_test_set, grown, read_test_set, write_test_set

FEW = 5  # frames of a class on one side, below which a sentence says so
SEED = 0  # of the test set: experiments with other seeds are tested on the same frames
_GAPS = (5.0, 2.0, 1.0, 0.5, 0.2)  # seconds
_OPTIONAL = re.compile(r"(readme|\.).*", re.IGNORECASE)

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Labels:
    """The labelled frames, columns recording, frame, time_s, label and split, and which must train, (n,) bool."""

    table: pd.DataFrame
    preselected: Mask

    @property
    def split_is_annotated(self) -> bool:
        """Whether annotations say which frames train and which test."""
        return bool(self.table["split"].isin(SPLITS).any())


def check_annotations(
    folder: Path, data: Data, names: RecordingNames, videos: Path, findings: Findings
) -> pd.DataFrame:
    """Read all labels and find the recordings that they mean; the labelled frames, bad ones left out."""
    found = collect_annotations(folder, data.classes)
    named, faults = with_recordings(found.table, names, videos)
    findings.faults += [*found.faults, *faults]
    findings.notes += [*found.notes, *_ignored(folder, findings), *_classes_line(found, data.classes)]
    return named[named["label"] != BAD_FRAME].reset_index(drop=True)


def labels_of(named: pd.DataFrame, select: Select, names: RecordingNames, rates: dict[str, float]) -> Labels:
    """The labelled frames as the split sees them.

    Args:
        named: from :func:`check_annotations`.
        select: names the frames that must train.
        names: of the recordings.
        rates: frames a second, by recording.

    Raises:
        InputError: The table of frames that must train cannot be read.
    """
    seconds = named["frame"] / named["recording"].map(rates).fillna(1.0)
    wanted = _preselected(select.preselected, names)
    must = [place in wanted for place in zip(named["recording"], named["frame"], strict=True)]
    return Labels(named.assign(time_s=seconds), np.array(must, bool))


def settled_test_set(
    path: Path, labels: Labels, data: Data, select: Select, names: RecordingNames, findings: Findings
) -> TestSet | None:
    """The test set drawn where there is none, or grown; None where annotations split or labels are too few yet.

    Raises:
        InputError: The file cannot be read, or the labels cannot be split as ``select`` asks.
    """
    old = read_test_set(path, names)
    if select.honour_annotated_split and labels.split_is_annotated:
        if old is not None:
            findings.notes.append(f"{path} has no effect, for the annotations give a split themselves")
        return None
    if old is None:
        missing = [one for one in data.classes if one not in set(labels.table["label"])]
        one_recording = select.split is SplitBy.RECORDING and labels.table["recording"].nunique() < 2
        if missing or (one_recording and len(names.known) > 1):
            findings.notes.append(
                f"no test set is drawn yet: {_listed('no frame has the label', missing)}"
                f"{'' if missing else 'all labels are of one recording'}"
            )
            return None
        return draw_test_set(labels.table, labels.preselected, select, data.test_labels, SEED)
    return grown(old, labels.table, data.test_labels, SEED)


def keep_test_set(path: Path, test_set: TestSet | None, names: RecordingNames, findings: Findings) -> None:
    """Write the test set where it is new or has grown."""
    old = read_test_set(path, names)
    if test_set is None or test_set == old:
        return
    write_test_set(path, test_set)
    if old is None:
        of = f" of {', '.join(sorted(test_set.recordings))}" if test_set.recordings else ""
        findings.notes.append(f"drew the test set, {len(test_set.frames)} labelled frames{of}; commit {path}, it stays")
    else:
        findings.notes.append(f"the test set grew by {len(test_set.frames) - len(old.frames)} frames; commit {path}")


def check_sides(labels: Labels, test_set: TestSet | None, data: Data, select: Select, findings: Findings) -> None:
    """Whether each class has frames to train and to test on, and which labelled frames stay unused."""
    if test_set is None and not labels.split_is_annotated:
        findings.notes.append("the run stops after select_frames and lists the frames that are worth a label")
        return
    table = labels.table
    train, test = _sides(labels, test_set, select)
    before = len(findings.faults)
    for label in data.classes:
        here = (table["label"] == label).to_numpy()
        _check_class(label, labels, (here, train, test), findings)
    if len(findings.faults) > before:
        findings.faults[-1] += f"; {_cure(labels, data, select)}"
    for side, mask, limit in (("train", train, data.train_labels), ("test", test, data.test_labels)):
        if limit and mask.sum() > limit:
            findings.notes.append(
                f"{int(mask.sum()) - limit} labelled frames will not be used: data.{side}_labels is {limit}, and "
                f"{int(mask.sum())} could {side}; null uses them all"
            )
    if unused := int((~train & ~test).sum()):
        findings.notes.append(f"{unused} labelled frames will not be used: {_why_unused(labels, select)}")


def _check_class(label: str, labels: Labels, masks: tuple[Mask, Mask, Mask], findings: Findings) -> None:
    here, train, test = masks
    recordings = labels.table["recording"][here].unique()
    counts = {"train": int((here & train).sum()), "test": int((here & test).sum())}
    short = min(counts, key=lambda side: counts[side])
    if not here.any():
        findings.notes.append(
            f"the class '{label}' has no labelled frame yet; label some, or take it out of data.classes"
        )
    elif counts[short] == 0:
        where = f", for all are of the recording '{recordings[0]}'" if len(recordings) == 1 else ""
        findings.faults.append(
            f"the class '{label}' has {int(here.sum())} labelled frames, and none of them can {short}{where}"
        )
    elif counts[short] < FEW:
        findings.notes.append(
            f"the class '{label}' has only {counts[short]} frames to {short} on; label more of it, best of other "
            "recordings"
        )


def _sides(labels: Labels, test_set: TestSet | None, select: Select) -> tuple[Mask, Mask]:
    table = labels.table
    if test_set is None:
        return (table["split"] == "train").to_numpy(), (table["split"] == "test").to_numpy()
    test = test_set.marks(table)
    away = test | test_set.keeps(table)
    if select.split is SplitBy.TIME_GAP:
        away |= near_in_time(table, test, select.time_gap)
    return ~away, test


def _why_unused(labels: Labels, select: Select) -> str:
    if select.honour_annotated_split and labels.split_is_annotated:
        return "they have no split where others have one; give them one, or set select.honour_annotated_split to false"
    if select.split is SplitBy.TIME_GAP:
        return f"they are less than select.time_gap ({select.time_gap:g} s) from the test set"
    return "their recordings are kept for testing, and the test set has data.test_labels frames"


def _cure(labels: Labels, data: Data, select: Select) -> str:
    """The settings that give every class frames on both sides, tried out."""
    for gap in _GAPS:
        other = select.model_copy(update={"split": SplitBy.TIME_GAP, "time_gap": gap, "honour_annotated_split": False})
        try:
            drawn = draw_test_set(labels.table, labels.preselected, other, data.test_labels, SEED)
        except InputError:
            continue
        masks = _sides(labels, drawn, other)
        present = [(labels.table["label"] == one).to_numpy() for one in labels.table["label"].unique()]
        if all((here & side).any() for here in present for side in masks):
            honour = " -S select.honour_annotated_split=false" if labels.split_is_annotated else ""
            return (
                "label each class in several recordings, or split within recordings: -S select.split=time_gap "
                f"-S select.time_gap={gap:g}{honour}; where annotations/test_set.csv stands already, "
                "`tinyinspect draw-test-set` draws it anew"
            )
    return "label more of each class, best in several recordings"


def _listed(what: str, names: list[str]) -> str:
    return f"{what} {' or '.join(repr(name) for name in names)}" if names else ""


def _classes_line(found: Annotations, classes: list[str]) -> list[str]:
    """The line that takes the labels as they stand, where some are no class."""
    unknown = [label for label in found.labels if label_of(label, classes) is None]
    if not unknown:
        return []
    names = [*(one for one in classes if one in {label_of(label, classes) for label in found.labels}), *unknown]
    option = shlex.quote("--classes=" + ",".join(names))
    listed = ",".join(f"'{name}'" if re.search(r"\W", name) else name for name in names)
    return [
        f"if the labels are right and the classes are not: {option}, or -S {shlex.quote(f'data.classes=[{listed}]')}"
    ]


def _ignored(folder: Path, findings: Findings) -> list[str]:
    """Files beside the annotations; a spreadsheet among them holds labels that nobody would miss."""
    if not folder.is_dir():
        return []
    known = {*annotation_files(folder), folder / TEST_SET}
    others = [one for one in sorted(folder.iterdir()) if one not in known and not _OPTIONAL.fullmatch(one.name)]
    sheets = [one for one in others if one.suffix.lower() in (".xlsx", ".xls", ".ods", ".numbers")]
    findings.faults += [f"{one} is a spreadsheet; save it as CSV, UTF-8 beside it and move it away" for one in sheets]
    return [f"{folder}: ignored what is no CSV: {one.name}" for one in others if one not in sheets]


def _preselected(path: str | None, names: RecordingNames) -> set[tuple[str, int]]:
    if path is None:
        return set()
    table = read_table(Path(path), ["video", "frame"])
    places = [(names.find(table.value(one, "video")), frame_number(table.value(one, "frame"))) for one in table.records]
    return {(name, number) for name, number in places if name is not None}
