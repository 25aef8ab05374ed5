from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.selection.test_frame_selection import SETTINGS
from tinyinspect.config.select import Select
from tinyinspect.errors import InputError
from tinyinspect.selection.spelling import RecordingNames
from tinyinspect.selection.test_set import TestSet, draw_test_set, grown, read_test_set, write_test_set


def labelled(**counts: int) -> pd.DataFrame:
    rows = [
        (f"{name}.avi", frame, frame / 2, "ok" if frame % 2 else "bad")
        for name, n in counts.items()
        for frame in range(n)
    ]
    return pd.DataFrame(rows, columns=["recording", "frame", "time_s", "label"])


def draw(table: pd.DataFrame, limit: int | None = None, seed: int = 0, **settings: object) -> TestSet:
    select = Select.model_validate(SETTINGS | settings)
    return draw_test_set(table, np.zeros(len(table), bool), select, limit, seed)


def test_the_file_reads_back_and_names_recordings_as_people_do(tmp_path: Path) -> None:
    names = RecordingNames(["day/a, b.avi", "c.avi"])
    test_set = TestSet(frozenset({("day/a, b.avi", 10), ("day/a, b.avi", 9), ("c.avi", 0)}), frozenset({"c.avi"}))
    write_test_set(tmp_path / "test_set.csv", test_set)
    text = (tmp_path / "test_set.csv").read_text()
    assert text == 'video,frame\nc.avi,\nc.avi,0\n"day/a, b.avi",9\n"day/a, b.avi",10\n'
    assert read_test_set(tmp_path / "test_set.csv", names) == test_set
    # As two branches come together: rows twice, in any order.
    (tmp_path / "test_set.csv").write_text(text.replace("day/", "") + "c.avi,0\n")
    assert read_test_set(tmp_path / "test_set.csv", names) == test_set
    assert read_test_set(tmp_path / "none.csv", names) is None


def test_a_bad_row_is_named(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("video,frame\na.avi,1\na.avi,x\n")
    with pytest.raises(InputError, match=r"t\.csv line 3: frame 'x' is no whole number"):
        read_test_set(tmp_path / "t.csv", RecordingNames(["a.avi"]))


def test_of_200_labels_a_quarter_or_the_recordings_that_hold_it_is_drawn() -> None:
    table = labelled(a=50, b=50, c=50, d=50)
    by_recording = draw(table)
    assert len(by_recording.frames) == 50 and len(by_recording.recordings) == 1
    by_time = draw(table, split="time_gap", time_gap=1.0)
    assert 25 <= len(by_time.frames) <= 80 and not by_time.recordings
    assert len(draw(table, limit=10).frames) == 10


def test_the_same_labels_give_the_same_test_set_and_the_seed_another() -> None:
    table = labelled(a=30, b=30, c=30, d=30, e=30, f=30)
    assert draw(table) == draw(table)
    assert len({draw(table, seed=seed).recordings for seed in range(8)}) > 1


def test_it_grows_by_new_labels_in_its_recordings_alone_and_up_to_the_limit() -> None:
    first = draw(labelled(a=20, b=20, c=20), test_recordings=["b.avi"])
    more = labelled(a=40, b=30, c=20, d=50)
    assert grown(first, more, None, 0).frames == first.frames | {("b.avi", frame) for frame in range(20, 30)}
    assert len(grown(first, more, 25, 0).frames) == 25 and grown(first, more, 25, 0).frames > first.frames
    assert grown(first, more, 20, 0) == first
    assert grown(first, labelled(a=20), None, 0) == first  # nothing leaves it
