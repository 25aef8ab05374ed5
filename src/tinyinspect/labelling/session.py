"""One person's sitting: what the page asks and what it is told, without a word of HTTP."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import simplejpeg
from numpy.typing import NDArray

from tinyinspect.errors import InputError
from tinyinspect.labelling import likeness
from tinyinspect.labelling.label_book import LabelBook
from tinyinspect.labelling.queues import Only, Queue, Queues, Rows, Wish
from tinyinspect.recordings.store import FrameStore
from tinyinspect.selection.annotations import BAD_FRAME

NEIGHBOURS = 4  # in time, on each side
GRID_FRAMES = 20
THUMBNAIL = 320  # pixels, of the longer side; a smaller frame is sent as it is
_QUEUES_KEPT = 8

Facts = dict[str, Any]


@dataclass
class Session:
    """A person, the frames, and the labels.

    Attributes:
        store: of the frames.
        book: of the labels.
        queues: that can be made.
        classes: in the order of the keys 1 to 9.
        reasons: why the pipeline selected a row, where it said so.
    """

    store: FrameStore
    book: LabelBook
    queues: Queues
    classes: list[str]
    reasons: dict[int, str] = field(default_factory=dict)
    _made: dict[int, Queue] = field(default_factory=dict)

    def state(self) -> Facts:
        """What the page shows around the frames.

        Raises:
            InputError: A label file that changed on disk cannot be read.
        """
        self.book.refresh()
        suggestions = self.queues.suggestions
        return {
            "classes": self.classes,
            "bad": BAD_FRAME,
            "by": self.book.by,
            "recordings": self.book.frames.recordings,
            "parts": {part: len(rows) for part, rows in self.queues.selection.items()},
            "orders": self.queues.orders,
            "only": [one for one in Only if suggestions.note == "" or one is not Only.DISAGREES],
            "model": {"note": suggestions.note, "scored": suggestions.scored, "frames": len(self.book.frames)},
            "similar": self.queues.embeddings is not None,
            **self._progress(),
        }

    def queue(self, wish: Wish) -> Facts:
        """Make a queue and say how long it is and where to begin.

        Raises:
            InputError: As :meth:`Queues.make`.
        """
        self.book.refresh()
        queue = self.queues.make(wish)
        number = max(self._made, default=0) + 1
        self._made[number] = queue
        for old in sorted(self._made)[:-_QUEUES_KEPT]:
            del self._made[old]
        return {"id": number, "length": len(queue.rows), "start": queue.start, "done": self._done(queue.rows)}

    def frames(self, queue: int, begin: int, count: int) -> list[Facts]:
        """The frames of a queue from a position on.

        Raises:
            InputError: The queue was given up for newer ones.
        """
        found = self._queue(queue)
        rows, groups = found.rows[begin : begin + count], found.groups[begin : begin + count]
        return [self.frame(int(row)) | {"group": int(group)} for row, group in zip(rows, groups, strict=True)]

    def frame(self, row: int) -> Facts:
        """All that is known of a frame."""
        recording, number = self.book.frames.frame(row)
        statements = self.book.statements(row)
        labelled = [one for one in statements if one.entry.label]
        scores = next((one.scores for one in statements if one.scores), None)
        doubts, opinions = self.queues.doubts, self.queues.opinions
        return {
            "row": row,
            "recording": recording,
            "frame": number,
            "time": round(float(self.book.frames.times[row]), 3),
            "width": int(self.store.index.at[row, "width"]),
            "height": int(self.store.index.at[row, "height"]),
            "label": self.book.labels[row],
            "said": [
                {"label": one.entry.label, "by": one.entry.by, "at": one.entry.at, "file": one.file} for one in labelled
            ],
            "conflict": bool(self.book.conflicting[row]),
            "skipped": bool(self.book.skipped[row]),
            "part": next((part for part, rows in self.queues.selection.items() if (rows == row).any()), ""),
            "reason": self.reasons.get(row, ""),
            "suggestion": self.queues.suggestions.of(row),
            "doubt": doubts.of(row) if doubts else None,
            "teacher": opinions.of(row) if opinions else None,
            "camera": scores,
            "neighbours": [
                {"row": one, "label": self.book.labels[one]} for one in self.book.frames.neighbours(row, NEIGHBOURS)
            ],
        }

    def similar(self, row: int) -> list[Facts]:
        """The frames most like one, itself first: by embedding, or in time before there are embeddings."""
        embeddings = self.queues.embeddings
        if embeddings is None:
            half = GRID_FRAMES // 2
            around = self.book.frames.neighbours(row, half)
            rows = sorted(around, key=lambda one: abs(one - row))[:GRID_FRAMES]
        else:
            rows = likeness.nearest(embeddings, row, GRID_FRAMES)
        return [self.frame(one) | {"group": 0} for one in rows]

    def label(self, labels: dict[int, str], how: str, queue: int) -> Facts:
        """Save labels.

        Raises:
            InputError: A label is none of the classes, a row does not exist, or a file cannot be read.
        """
        for row, label in labels.items():
            self._check_row(row)
            if label not in [*self.classes, BAD_FRAME, ""]:
                raise InputError(f"'{label}' is no class of data.classes; known are {', '.join(self.classes)}")
        self.book.label(labels, how=how)
        return self._after(list(labels), queue)

    def skip(self, row: int, queue: int) -> Facts:
        """Pass a frame over.

        Raises:
            InputError: The row does not exist, or a file cannot be read.
        """
        self._check_row(row)
        self.book.skip(row)
        return self._after([row], queue)

    def settle_by_time(self, queue: int) -> Facts:
        """Let the newest label hold wherever files contradict each other."""
        step = self.book.settle_by_time()
        return self._after([self.book.frames.row(*place) for place in step.frames], queue)

    def undo(self, queue: int) -> Facts:
        """Take the last step back: what it was, and where its first frame stands in the queue, -1 where it does not."""
        undone = self.book.undo()
        if undone is None:
            return self._after([], queue) | {"kind": "", "position": -1, "kept": 0}
        rows = [row for place in undone.step.frames if (row := self.book.frames.row(*place)) >= 0]
        position = self._queue(queue).position(rows[0]) if rows else -1
        return self._after(rows, queue) | {"kind": undone.step.kind, "position": position, "kept": len(undone.kept)}

    def picture(self, row: int) -> bytes:
        """A frame as JPEG, as it stands in the shard.

        Raises:
            InputError: The row does not exist or its shard is broken.
        """
        self._check_row(row)
        return self.store.jpeg(row)

    def thumbnail(self, row: int) -> bytes:
        """A frame as JPEG, no larger than needed in a row of many.

        Raises:
            InputError: As :meth:`picture`.
        """
        jpeg = self.picture(row)
        if max(self.store.index.at[row, "width"], self.store.index.at[row, "height"]) <= THUMBNAIL:
            return jpeg
        try:
            return _shrunk(jpeg)
        except ValueError:  # the browser shows a damaged frame as far as it goes
            return jpeg

    def _after(self, rows: list[int], queue: int) -> Facts:
        shown = rows[: 4 * GRID_FRAMES]  # an import may have touched thousands
        return {
            "frames": [self.frame(row) for row in shown],
            "done": self._done(self._queue(queue).rows),
            **self._progress(),
        }

    def _progress(self) -> Facts:
        counts = self.book.counts
        return {
            "counts": {label: counts[label] for label in [*self.classes, BAD_FRAME]},
            "labelled": len(self.book.frames) - counts[""],
            "conflicts": int(self.book.conflicting.sum()),
            "skipped": int(self.book.skipped.sum()),
            "unsure": int(self.book.unsure.sum()),
            "steps": self.book.steps,
        }

    def _done(self, rows: Rows) -> int:
        return int(self.book.labelled[rows].sum())

    def _queue(self, number: int) -> Queue:
        if number not in self._made:
            raise InputError("this list of frames is no longer kept; reload the page")
        return self._made[number]

    def _check_row(self, row: int) -> None:
        if not 0 <= row < len(self.store):
            raise InputError(f"there is no frame in row {row}; the index has {len(self.store)}; reload the page")


def read_selection(path: Path, book: LabelBook) -> tuple[dict[str, NDArray[np.int64]], dict[int, str]]:
    """The rows that the pipeline selected, by part, and why it did; empty where it did not yet, or from other frames.

    Raises:
        InputError: The file holds something else.
    """
    if not path.is_file():
        return {}, {}
    try:
        table = pd.read_csv(path, dtype={"recording": "str", "frame": "int64"}, keep_default_na=False)
        found = [book.frames.row(*place) for place in zip(table["recording"], table["frame"], strict=True)]
        rows, parts = np.array(found, np.int64), table["split"].to_numpy()
        # An older selection gives no reasons.
        reasons = dict(zip(found, table["reason"], strict=True)) if "reason" in table else {}
    except (ValueError, KeyError):
        raise InputError(f"{path} is damaged; run `dvc repro --force select_frames`") from None
    return {str(part): rows[(parts == part) & (rows >= 0)] for part in dict.fromkeys(parts)}, reasons


def _shrunk(jpeg: bytes) -> bytes:
    # The decoder scales in the frequency domain: cheaper than decoding all of the frame.
    pixels = simplejpeg.decode_jpeg(jpeg, "RGB", min_width=THUMBNAIL // 2, min_height=THUMBNAIL // 2, min_factor=1)
    return simplejpeg.encode_jpeg(np.ascontiguousarray(pixels), quality=80)
