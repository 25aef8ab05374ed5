"""Which frames are shown, and in which order: a queue stands still while somebody works through it."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from tinyinspect.errors import InputError
from tinyinspect.labelling import label_errors, likeness
from tinyinspect.labelling.label_book import LabelBook
from tinyinspect.labelling.suggestions import Suggestions
from tinyinspect.labelling.teacher import Opinions, TeacherView

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Order(StrEnum):
    """In which frames are shown."""

    SELECTION = "selection"  # the frames that the pipeline selected
    TIME = "time"  # all frames as they were filmed
    UNCERTAINTY = "uncertainty"  # those first of which the model is least sure
    CLUSTER = "cluster"  # frames that look alike together
    TEACHER = "teacher"  # those first of which the teacher thinks otherwise than the model
    ERRORS = "errors"  # those alone whose label is likely wrong


class Only(StrEnum):
    """Which frames are shown."""

    ALL = "all"
    UNLABELLED = "unlabelled"
    SKIPPED = "skipped"
    CONFLICT = "conflict"  # files contradict each other
    DISAGREES = "disagrees"  # the model's answer is not the label
    UNSURE = "unsure"  # the camera was unsure and kept the frame


@dataclass(frozen=True)
class Wish:
    """What the person wants to see.

    Attributes:
        order: of the frames.
        only: these.
        recording: of this recording alone; "" for all.
        label: with this label alone; "" for any.
        part: "train", "test", of the selection alone; "" for all frames.
    """

    order: Order
    only: Only = Only.ALL
    recording: str = ""
    label: str = ""
    part: str = ""


@dataclass(frozen=True)
class Queue:
    """Frames to go through.

    Attributes:
        rows: of the index, (m,).
        groups: each frame's cluster, (m,); 0 where they are not clustered.
        start: where to begin: at the first frame that has no label and was not skipped.
    """

    rows: Rows
    groups: Rows
    start: int

    def position(self, row: int) -> int:
        """Where a row stands; -1 where it does not."""
        places = np.flatnonzero(self.rows == row)
        return int(places[0]) if len(places) else -1


@dataclass
class Queues:
    """Makes queues out of what is known of the frames.

    Attributes:
        book: of the labels.
        suggestions: of the model.
        selection: rows that the pipeline selected, in their order, by part; empty before it did.
        embeddings: (n, d); None before the pipeline made them.
        teacher: what it saw in some frames; None where there is none.
        doubts: labels that are likely wrong, as last looked for.
        opinions: of the teacher, as last asked for.
    """

    book: LabelBook
    suggestions: Suggestions
    selection: dict[str, Rows]
    embeddings: NDArray[np.float32] | None
    teacher: TeacherView | None = None
    doubts: label_errors.Doubts | None = None
    opinions: Opinions | None = None

    @property
    def orders(self) -> list[Order]:
        """Those that there is enough known for, the usual one first."""
        possible = {
            Order.SELECTION: bool(self.selection),
            Order.TIME: True,
            Order.UNCERTAINTY: not self.suggestions.note,
            Order.CLUSTER: self.embeddings is not None,
            Order.TEACHER: self.teacher is not None and not self.suggestions.note,
            Order.ERRORS: self.embeddings is not None,
        }
        return [order for order, here in possible.items() if here]

    def make(self, wish: Wish) -> Queue:
        """The frames that somebody wishes to see.

        Raises:
            InputError: Not enough is known for this order.
        """
        if wish.order not in self.orders:
            raise InputError(f"there is no order by {wish.order} yet; run `dvc repro` first")
        rows = np.flatnonzero(self._mask(wish)).astype(np.int64)
        groups = np.zeros(len(rows), np.int64)
        match wish.order:
            case Order.SELECTION:
                selected = np.concatenate(list(self.selection.values()))
                rows = selected[np.isin(selected, rows)]
                groups = np.zeros(len(rows), np.int64)
            case Order.UNCERTAINTY:
                rows = rows[np.argsort(self.suggestions.margins[rows], kind="stable")]  # NaN, not scored, comes last
            case Order.CLUSTER if len(rows):
                rows, groups = self._clustered(rows)
            case Order.TEACHER:
                rows = self._disputed(rows)
                groups = np.zeros(len(rows), np.int64)
            case Order.ERRORS:
                rows = self._doubtful(rows)
                groups = np.zeros(len(rows), np.int64)
        return Queue(rows, groups, self._start(rows))

    def _mask(self, wish: Wish) -> Mask:
        book, everything = self.book, np.ones(len(self.book.frames), bool)
        mask = book.frames.of_recording(wish.recording) if wish.recording else everything
        if wish.label:
            mask = mask & (book.labels == wish.label)
        if wish.part:
            mask = mask & np.isin(np.arange(len(mask)), self.selection.get(wish.part, []))
        match wish.only:
            case Only.UNLABELLED:
                mask = mask & ~book.labelled
            case Only.SKIPPED:
                mask = mask & book.skipped
            case Only.CONFLICT:
                mask = mask & book.conflicting
            case Only.DISAGREES:
                labelled = np.isin(book.labels, self.suggestions.classes)
                mask = mask & labelled & self.suggestions.known & (self.suggestions.answers != book.labels)
            case Only.UNSURE:
                mask = mask & book.unsure
        return mask

    def _clustered(self, rows: Rows) -> tuple[Rows, Rows]:
        assert self.embeddings is not None
        found, distances = likeness.clusters(self.embeddings[rows])
        order = np.lexsort((distances, found))
        return rows[order], found[order]

    def _disputed(self, rows: Rows) -> Rows:
        assert self.teacher is not None
        self.opinions = self.teacher.opinions(self.book.labels, self.suggestions.classes)
        found = self.opinions.disputed(self.suggestions.probabilities)
        return found[np.isin(found, rows)]

    def _doubtful(self, rows: Rows) -> Rows:
        assert self.embeddings is not None
        classes = self.suggestions.classes
        labelled = np.flatnonzero(np.isin(self.book.labels, classes)).astype(np.int64)
        self.doubts = label_errors.doubtful(self.embeddings, labelled, self.book.labels[labelled], classes)
        return self.doubts.rows[np.isin(self.doubts.rows, rows)]

    def _start(self, rows: Rows) -> int:
        unlabelled = ~self.book.labelled[rows]
        for wanted in (unlabelled & ~self.book.skipped[rows], unlabelled):
            if wanted.any():
                return int(wanted.argmax())
        return 0
