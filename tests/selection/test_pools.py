"""A mask of very many frames, looked through a block at a time."""

import numpy as np
import pytest

from tinyinspect.selection import pools
from tinyinspect.selection.pools import nth_rows, rows_by_parts


@pytest.fixture(autouse=True)
def blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "BLOCK", 7)


@pytest.mark.parametrize("size", [1, 4, 7, 30])
def test_parts_are_all_rows_in_order(size: int) -> None:
    pool = np.random.default_rng(0).random(40) < 0.6
    parts = list(rows_by_parts(pool, size))
    assert np.array_equal(np.concatenate(parts), np.flatnonzero(pool))
    assert {len(part) for part in parts[:-1]} <= {size} and len(parts[-1]) <= size
    assert list(rows_by_parts(np.zeros(9, bool), size)) == []


def test_the_nth_row_is_that_of_the_list() -> None:
    pool = np.random.default_rng(1).random(40) < 0.5
    places = np.array([0, 3, 4, np.count_nonzero(pool) - 1])
    assert np.array_equal(nth_rows(pool, places), np.flatnonzero(pool)[places])
    assert len(nth_rows(pool, places[:0])) == 0
