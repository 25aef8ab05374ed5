"""All labels, changed one step at a time and undone at any time.

A step is written into the journal, then into the label files, each replaced as a whole: a program that is killed at any
moment has either not begun a step or finishes it when it is opened again.

Example:
    book = LabelBook(Path("annotations"), Path(".labelling"), Frames(store.index), by="Ann")
    book.label({17: "good"}, how="key")
    book.undo()
"""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from filelock import FileLock

from tinyinspect.labelling.annotation_file import Entry
from tinyinspect.labelling.frames import Frames
from tinyinspect.labelling.journal import Change, Journal, Step
from tinyinspect.labelling.label_files import LabelFiles, Place, Statement
from tinyinspect.selection.spelling import RecordingNames

LABELS = "labels.csv"  # in the folder of annotations, where new labels go


@dataclass(frozen=True)
class Undone:
    """What an undo took back.

    Attributes:
        step: that was taken back.
        kept: frames whose label somebody changed since; they were left alone.
    """

    step: Step
    kept: list[Place]


@dataclass
class Merged:
    """How many labels of another file were new, the same, later or earlier than one's own, or contradict another's."""

    added: int = 0
    same: int = 0
    later: int = 0
    earlier: int = 0
    conflicts: int = 0


class LabelBook:
    """Labels, journal and files of one folder of annotations.

    Attributes:
        frames: of the recordings.
        by: who labels.
        labels: of each frame, "" without one, the newest where rows contradict each other; (n,) object.
        labelled: where there is a label, (n,) bool.
        counts: frames of each label, and of "", without one.
        conflicting: where rows contradict each other, (n,) bool.
        skipped: where ``by`` passed the frame over and did not label it since, (n,) bool.
        unsure: where a file has the scores of the camera that collected the frame, (n,) bool.
    """

    def __init__(self, folder: Path, state: Path, frames: Frames, *, by: str):
        """Open the files and finish what a killed program left.

        Args:
            folder: of the annotation files.
            state: folder of journal and lock; beside the annotations, for what lies in there makes the pipeline run.
            frames: of the recordings.
            by: who labels.

        Raises:
            InputError: An annotation file cannot be read.
        """
        self.frames, self.by = frames, by
        self.labels = np.full(len(frames), "", object)
        self.counts = Counter({"": len(frames)})
        self.labelled, self.conflicting, self.skipped, self.unsure = (np.zeros(len(frames), bool) for _ in range(4))
        self._files = LabelFiles(folder, RecordingNames(frames.recordings))
        state.mkdir(parents=True, exist_ok=True)
        # One lock for the threads of this program, one for other programs on the same files.
        self._threads, self._programs = threading.RLock(), FileLock(state / "lock", thread_local=False)
        with self._locked():
            self._journal = Journal(state / "journal.jsonl")
            for step in self._journal.unfinished:
                self._apply(step)
            self._steps: dict[str, Step] = {}
            for step in self._journal.steps:
                self._remember(step)
            for step in self._steps.values():
                self._mark(step.frames, skipped=step.kind == "skip")

    @property
    def steps(self) -> int:
        """How many steps can be undone."""
        return len(self._steps)

    def refresh(self) -> None:
        """Read what others changed in the files.

        Raises:
            InputError: A file cannot be read.
        """
        with self._locked():
            pass

    def statements(self, row: int) -> list[Statement]:
        """What all files say of the frame in a row."""
        return self._files.statements(self.frames.frame(row))

    def label(self, labels: Mapping[int, str], *, how: str) -> Step:
        """Give frames labels: where one stands, it is changed there; else it goes to ``labels.csv``.

        Where files contradict each other about a frame, all come to say this.

        Args:
            labels: by row of the index; "" takes the label away.
            how: the person did it, for the journal.

        Raises:
            InputError: A file cannot be read; nothing is written then.
        """
        with self._locked():
            now = _now()
            wanted = {self.frames.frame(row): Entry(label, self.by, now) for row, label in labels.items()}
            changes = [change for place, entry in wanted.items() for change in self._changes(place, entry)]
            return self._do(Step("label", self.by, now, list(wanted), changes, how))

    def skip(self, row: int) -> Step:
        """Pass a frame over."""
        with self._locked():
            return self._do(Step("skip", self.by, _now(), [self.frames.frame(row)]))

    def settle_by_time(self) -> Step:
        """Let the newest label hold in every frame whose rows contradict each other."""
        with self._locked():
            places = [self.frames.frame(int(row)) for row in np.flatnonzero(self.conflicting)]
            changes = [change for place in places for change in self._changes(place, self._newest(place))]
            return self._do(Step("label", self.by, _now(), places, changes, "newest"))

    def merge(self, theirs: Iterable[tuple[Place, Entry]], *, how: str) -> Merged:
        """Take over labels of somebody else's file, by frame and time.

        A frame without a label gets theirs. Of one person's two labels the later holds. Where two people differ, both
        labels stand in ``labels.csv``, as a conflict to settle.

        Args:
            theirs: frames and what is said of them.
            how: where they come from, for the journal.

        Raises:
            InputError: A file cannot be read; nothing is written then.
        """
        with self._locked():
            merged, changes = Merged(), list[Change]()
            for place, entry in theirs:
                if entry.label:
                    changes += self._merge_one(place, entry, merged)
            places = [(change.recording, change.frame) for change in changes]
            if changes:
                self._do(Step("import", self.by, _now(), places, changes, how))
            return merged

    def undo(self) -> Undone | None:
        """Take the last step back, of this session or an earlier one; None where there is none."""
        with self._locked():
            if not self._steps:
                return None
            step = next(reversed(self._steps.values()))
            back = [change.reversed() for change in reversed(step.changes)]
            possible = [change for change in back if self._files.holds(change)]
            kept = [(change.recording, change.frame) for change in back if change not in possible]
            self._do(Step("undo", self.by, _now(), step.frames, possible, undone=step.id))
            return Undone(step, kept)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the files, with what is on disk read."""
        with self._threads, self._programs:
            self._look_at(self._files.refresh())
            yield

    def _changes(self, place: Place, now: Entry) -> list[Change]:
        """What must change so that every file that labels a frame says ``now``, and says it once."""
        said = self._files.statements(place)
        labelled = [one for one in said if one.entry.label] or [one for one in said if one.file == LABELS][:1]
        if not labelled:
            return [Change(LABELS, *place, None, now)] if now.label else []
        changes = list[Change]()
        for name in dict.fromkeys(one.file for one in labelled):
            entries = [one.entry for one in labelled if one.file == name]
            kept = next((entry for entry in entries if entry.label == now.label), entries[0])
            if kept.label != now.label:
                changes.append(Change(name, *place, kept, self._files.fitting(name, now)))
            changes += [Change(name, *place, entry, None) for entry in entries if entry is not kept]
        return changes

    def _merge_one(self, place: Place, entry: Entry, merged: Merged) -> list[Change]:
        labelled = [one for one in self._files.statements(place) if one.entry.label]
        own = [one for one in labelled if one.entry.by == entry.by != ""]
        if any(one.entry.label == entry.label for one in own or labelled):
            merged.same += 1
            return []
        if own and any(one.entry.at >= entry.at for one in own):
            merged.earlier += 1
            return []
        if own:
            merged.later += 1
            return [Change(one.file, *place, one.entry, self._files.fitting(one.file, entry)) for one in own]
        merged.conflicts += bool(labelled)
        merged.added += not labelled
        return [Change(LABELS, *place, None, entry)]

    def _newest(self, place: Place) -> Entry:
        entries = [one.entry for one in self._files.statements(place) if one.entry.label]
        return max(entries, key=lambda entry: entry.at)

    def _do(self, step: Step) -> Step:
        self._journal.begin(step)
        self._apply(step)
        self._remember(step)
        self._mark(step.frames, skipped=step.kind == "skip")
        if step.kind == "undo":
            self._mark_as_before(step.frames)
        return step

    def _apply(self, step: Step) -> None:
        if step.changes:
            self._look_at(self._files.apply(step.changes))
            self._journal.finish(step)

    def _remember(self, step: Step) -> None:
        """Keep what the person can undo."""
        if step.by == self.by and step.kind == "undo":
            self._steps.pop(step.undone, None)
        elif step.by == self.by:
            self._steps[step.id] = step

    def _mark_as_before(self, places: list[Place]) -> None:
        for place in places:
            last = next((step for step in reversed(self._steps.values()) if place in step.frames), None)
            self._mark([place], skipped=last is not None and last.kind == "skip")

    def _mark(self, places: list[Place], *, skipped: bool) -> None:
        for place in places:
            row = self.frames.row(*place)
            if row >= 0:
                self.skipped[row] = skipped

    def _look_at(self, places: set[Place]) -> None:
        """Bring labels and conflicts of these frames up to what the files say."""
        for place in places:
            row = self.frames.row(*place)
            if row >= 0:
                said = self._files.statements(place)
                entries = [one.entry for one in said if one.entry.label]
                label = max(entries, key=lambda entry: entry.at).label if entries else ""
                self.counts[self.labels[row]] -= 1
                self.counts[label] += 1
                self.labels[row], self.labelled[row] = label, label != ""
                self.conflicting[row] = len({entry.label for entry in entries}) > 1
                self.unsure[row] = any(one.scores for one in said)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
