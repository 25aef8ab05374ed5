from pathlib import Path

import numpy as np
import pytest

from tinyinspect.errors import InputError
from tinyinspect.labelling import label_errors
from tinyinspect.labelling.queues import Only, Order, Wish
from tinyinspect.labelling.session import Session
from tinyinspect.labelling.teacher import TeacherView, read_teacher
from tinyinspect.learning.features import NO_FEATURES, Features
from tinyinspect.selection.dataset import picture_name


def rows(session: Session, order: Order = Order.TIME, **wish: str) -> list[int]:
    return session.queues.make(Wish(order, **wish)).rows.tolist()  # type: ignore[arg-type]


def test_orders(session: Session) -> None:
    assert rows(session, Order.SELECTION) == [3, 4, 5, 6, 7, 20, 21, 22]
    assert rows(session) == list(range(26))
    assert rows(session, Order.UNCERTAINTY) == list(range(25, -1, -1))
    session.queues.suggestions.probabilities[25] = np.nan
    assert rows(session, Order.UNCERTAINTY) == [*range(24, -1, -1), 25]


def test_clusters_stay_together(session: Session) -> None:
    queue = session.queues.make(Wish(Order.CLUSTER))
    assert sorted(queue.rows.tolist()) == list(range(26))
    assert (np.diff(queue.groups) >= 0).all()


def test_filters(session: Session) -> None:
    session.book.label({0: "good", 1: "good", 2: "defective"}, how="key")
    session.book.skip(9)
    assert rows(session, recording="b.avi") == list(range(12, 20))
    assert rows(session, label="good") == [0, 1]
    assert rows(session, part="test") == [20, 21, 22]
    assert rows(session, only=Only.UNLABELLED) == list(range(3, 26))
    assert rows(session, only=Only.SKIPPED) == [9]
    assert rows(session, only=Only.DISAGREES) == [1, 2]  # the model says good, defective, good
    assert rows(session, only=Only.UNSURE) == rows(session, only=Only.CONFLICT) == rows(session, recording="none") == []


def test_begins_at_the_first_frame_without_a_label(session: Session) -> None:
    def start() -> int:
        return session.queues.make(Wish(Order.SELECTION)).start

    assert start() == 0
    session.book.label({3: "good", 4: "good"}, how="key")
    assert start() == 2
    session.book.skip(5)
    assert start() == 3
    session.book.label(dict.fromkeys((6, 7, 20, 21, 22), "good"), how="key")
    assert start() == 2  # only the skipped one is left
    session.book.label({5: "good"}, how="key")
    assert start() == 0


def test_doubtful_labels(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = dict.fromkeys(range(12), "good") | dict.fromkeys(range(12, 26), "defective") | {5: "defective", 22: "good"}
    session.book.label(labels, how="key")
    with pytest.raises(InputError, match="label frames more than 50 apart"):
        rows(session, Order.ERRORS)
    monkeypatch.setattr(label_errors, "STRETCH", 2)
    assert set(rows(session, Order.ERRORS)) == {5, 22}
    assert rows(session, Order.ERRORS, part="test") == [22]
    said = session.frame(5)["doubt"]
    assert next(iter(said)) == "good" and session.frame(6)["doubt"] is None


def test_an_order_that_nothing_is_known_for_is_refused(session: Session) -> None:
    session.queues.embeddings = None
    session.queues.selection = {}
    session.queues.suggestions.note = "none yet"
    assert session.queues.orders == [Order.TIME]
    with pytest.raises(InputError, match="no order by cluster yet; run `dvc repro` first"):
        session.queues.make(Wish(Order.CLUSTER))


def test_frames_that_the_teacher_sees_otherwise_come_first(session: Session) -> None:
    """It sees even rows as good, as the model does, but for rows 8 and 11."""
    assert Order.TEACHER not in session.queues.orders
    seen = np.arange(12)
    good = (seen % 2 == 0) ^ np.isin(seen, [8, 11])
    session.queues.teacher = TeacherView(seen, np.where(good, 3.0, -3.0)[:, None].astype(np.float32))
    with pytest.raises(InputError, match="the teacher knows labels of fewer than two classes; label more"):
        rows(session, Order.TEACHER)
    session.book.label({0: "good", 1: "defective", 2: "good", 3: "defective", 4: "!bad"}, how="key")
    assert rows(session, Order.TEACHER)[:2] == [8, 11]
    assert sorted(rows(session, Order.TEACHER)) == list(range(5, 12))
    assert rows(session, Order.TEACHER, recording="b.avi") == []
    says = [next(iter(session.frame(row)["teacher"])) for row in (8, 11)]
    assert says == ["defective", "good"] and session.frame(0)["teacher"] is None
    session.queues.suggestions.probabilities[8] = np.nan
    assert rows(session, Order.TEACHER)[-1] == 8


def test_what_the_teacher_saw_is_found_among_the_frames(session: Session, tmp_path: Path) -> None:
    frames, path = session.book.frames, tmp_path / "features.npz"
    assert read_teacher(path, frames) is None
    NO_FEATURES.write(path)
    assert read_teacher(path, frames) is None
    names = [picture_name(*frames.frame(row)) for row in (13, 2, 25)]
    Features([*names, "gone.avi-000001.jpg"], np.arange(8, dtype=np.float32).reshape(4, 2), 3).write(path)
    view = read_teacher(path, frames)
    assert view is not None
    assert view.rows.tolist() == [13, 2, 25] and view.values.tolist() == [[0, 1], [2, 3], [4, 5]]
