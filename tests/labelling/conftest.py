"""A small project: 26 frames of three recordings, two classes, nothing labelled."""

from pathlib import Path

import numpy as np
import pytest

from tests.selection.conftest import make_store, store  # noqa: F401
from tinyinspect.labelling.frames import Frames
from tinyinspect.labelling.label_book import LabelBook
from tinyinspect.labelling.queues import Queues
from tinyinspect.labelling.session import Session
from tinyinspect.labelling.suggestions import Suggestions
from tinyinspect.recordings.store import FrameStore

CLASSES = ["good", "defective"]


def open_book(folder: Path, store: FrameStore, by: str = "Ann") -> LabelBook:  # noqa: F811
    return LabelBook(folder / "annotations", folder / ".labelling", Frames(store.index), by=by)


@pytest.fixture
def book(tmp_path: Path, store: FrameStore) -> LabelBook:  # noqa: F811
    return open_book(tmp_path, store)


@pytest.fixture
def session(book: LabelBook, store: FrameStore) -> Session:  # noqa: F811
    """Frames 3 to 7 are selected to train on, 20 to 22 to test on; the model is sure of good where the row is even."""
    suggestions = Suggestions(len(store), CLASSES)
    lead = np.linspace(0.9, 0.1, len(store), dtype=np.float32)
    first = np.where(np.arange(len(store)) % 2 == 0, (1 + lead) / 2, (1 - lead) / 2)
    suggestions.probabilities[:] = np.stack([first, 1 - first], axis=1)
    suggestions.scored = len(store)
    embeddings = np.repeat(np.eye(3, 8, dtype=np.float32), [12, 8, 6], axis=0)
    embeddings[:, 3:] += np.random.default_rng(0).normal(size=(26, 5)).astype(np.float32) * 0.01
    selection = {"train": np.arange(3, 8), "test": np.arange(20, 23)}
    return Session(store, book, Queues(book, suggestions, selection, embeddings), CLASSES)
