import numpy as np
import pytest
from numpy.typing import NDArray

from tinyinspect.selection import typical
from tinyinspect.selection.typical import Typical, select_typical

NONE = np.zeros(0, np.int64)
CENTERS = np.eye(3, 8, dtype=np.float32) * 10


@pytest.fixture
def points() -> NDArray[np.float32]:
    """Clusters of 40, 20 and 10 around three directions, and two odd ones; the first of each lies in its middle."""
    noise = np.random.default_rng(0).normal(size=(72, 8)).astype(np.float32)
    noise[[0, 40, 60]] = 0
    odd = np.full((2, 8), -5, np.float32) * [[1, 0, 1, 0, 1, 0, 1, 0], [0, 1, 0, 1, 0, 1, 0, 1]]
    return np.concatenate([CENTERS[np.repeat([0, 1, 2], [40, 20, 10])], odd.astype(np.float32)]) + noise


def chosen(points: NDArray, size: int, preselected: NDArray = NONE, seed: int = 0) -> Typical:
    rng = np.random.default_rng(seed)
    return select_typical(points, np.ones(len(points), bool), size, preselected=preselected, rng=rng)


def cluster(places: NDArray) -> list[int]:
    return np.searchsorted([40, 60, 70], places, side="right").tolist()


def test_the_middle_of_the_largest_clusters_comes_first(points: NDArray) -> None:
    found = chosen(points[:70], 3)
    assert found.rows.tolist() == [0, 40, 60]
    assert found.alike.tolist() == [40, 20, 10]


def test_clusters_of_what_is_preselected_are_covered(points: NDArray) -> None:
    found = chosen(points[:70], 3, preselected=np.array([7]))
    assert cluster(found.rows) == [1, 2]


def test_odd_frames_come_last(points: NDArray) -> None:
    places = chosen(points, 40).rows
    assert len(set(places.tolist())) == 40
    assert not {70, 71} & set(places[:10].tolist())


def test_all_are_chosen_where_all_are_wanted(points: NDArray) -> None:
    found = chosen(points, 500, preselected=np.array([3, 50]))
    assert sorted(found.rows.tolist()) == [place for place in range(72) if place not in (3, 50)]
    assert not len(chosen(points, 2, preselected=np.array([3, 50])).rows)


def test_frames_that_are_all_the_same_and_a_single_one() -> None:
    same = chosen(np.ones((12, 4), np.float32), 5)
    assert len(set(same.rows.tolist())) == 5
    assert chosen(np.zeros((1, 4), np.float32), 1).rows.tolist() == [0]


def test_of_very_many_a_sample_is_clustered(points: NDArray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typical, "SAMPLE", 35)
    found = chosen(points[:70], 3, preselected=np.array([69]))
    assert cluster(found.rows) == [0, 1]
    assert found.alike.sum() > 40  # as many as of all, and not of the sample


def test_the_seed_decides(points: NDArray) -> None:
    assert chosen(points, 20, seed=4).rows.tolist() == chosen(points, 20, seed=4).rows.tolist()
    assert chosen(points, 20, seed=4).rows.tolist() != chosen(points, 20, seed=5).rows.tolist()
