import numpy as np
import pytest

from tinyinspect.errors import InputError
from tinyinspect.labelling.label_errors import STRETCH, doubtful

CLASSES = ["good", "defective", "no_mask"]


def line(frames: int = 900) -> tuple[np.ndarray, np.ndarray]:
    """Embeddings and labels of a line whose class changes every ten frames."""
    rng = np.random.default_rng(0)
    codes = np.arange(frames) // 10 % 3
    return (np.eye(3)[codes] + rng.normal(0, 0.15, (frames, 3))).astype(np.float32), np.array(CLASSES, object)[codes]


def test_wrong_labels_come_first() -> None:
    embeddings, labels = line()
    wrong = np.random.default_rng(1).choice(len(labels), 20, replace=False)
    for row in wrong:
        labels[row] = CLASSES[(CLASSES.index(labels[row]) + 1) % 3]
    doubts = doubtful(embeddings, np.arange(len(labels)), labels, CLASSES)
    assert set(doubts.rows[:20]) == set(wrong)
    said = doubts.of(int(doubts.rows[0]))
    assert said and next(iter(said)) != labels[doubts.rows[0]] and sum(said.values()) == pytest.approx(1, abs=1e-3)
    assert doubts.of(int(np.setdiff1d(np.arange(900), doubts.rows)[0])) is None


def test_a_run_of_wrong_labels_does_not_vouch_for_itself() -> None:
    embeddings, labels = line()
    wrong = np.arange(3 * STRETCH, 3 * STRETCH + 30)
    labels[wrong] = "no_mask"
    truly = wrong[np.arange(30) // 10 % 3 != (3 * STRETCH // 10) % 3 + 1]
    doubts = doubtful(embeddings, np.arange(len(labels)), labels, CLASSES)
    assert np.isin(wrong, doubts.rows).sum() >= 15 and len(truly)


def test_correct_labels_are_let_be() -> None:
    embeddings, labels = line()
    assert len(doubtful(embeddings, np.arange(len(labels)), labels, CLASSES).rows) <= 5


def test_too_few_labels_are_a_sentence() -> None:
    embeddings, labels = line()
    with pytest.raises(InputError, match="too few labels to look for errors: at least two classes need 5 frames each"):
        doubtful(embeddings, np.arange(8), labels[:8], CLASSES)
