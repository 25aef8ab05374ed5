import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tinyinspect.selection import composable_coreset, pools
from tinyinspect.selection.composable_coreset import select_coreset_of_many
from tinyinspect.selection.coreset import select_coreset

NONE = np.zeros(0, np.int64)
POINTS = np.random.default_rng(0).normal(size=(3000, 8)).astype(np.float32)
POOL = np.arange(3000) % 2 == 0
UNKNOWN = np.full(3000, -1, np.int16)


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts so small that their coresets need parts too."""
    monkeypatch.setattr(composable_coreset, "EXACT", 100)
    monkeypatch.setattr(composable_coreset, "PART", 80)


def chosen(points: NDArray = POINTS, size: int = 20, **settings: Any) -> NDArray[np.int64]:
    given = {"preselected": NONE, "classes": UNKNOWN, "typicality": 0.0, "class_balance": 0.0}
    rows = select_coreset_of_many(points, POOL, size, rng=np.random.default_rng(0), **given | settings)
    assert POOL[rows].all()
    return rows


def radius(points: NDArray, centers: NDArray) -> float:
    return float(np.linalg.norm(points[:, None] - centers, axis=-1).min(axis=1).max())


def test_up_to_a_size_it_is_one_greedy_run() -> None:
    places, classes = np.array([3, 70]), np.arange(3000) // 2 % 3 - 1
    weights = {"typicality": 0.5, "class_balance": 0.5}
    exact = select_coreset(
        POINTS[POOL], 20, preselected=places, classes=classes[POOL], rng=np.random.default_rng(0), **weights
    )
    assert chosen(preselected=2 * places, classes=classes, **weights).tolist() == (2 * exact).tolist()


@pytest.mark.usefixtures("parts")
def test_parts_cover_nearly_as_well() -> None:
    exact = select_coreset(
        POINTS[POOL],
        20,
        preselected=NONE,
        classes=UNKNOWN[POOL],
        typicality=0,
        class_balance=0,
        rng=np.random.default_rng(0),
    )
    rows = chosen()
    assert len(set(rows.tolist())) == 20
    assert radius(POINTS[POOL], POINTS[rows]) <= 1.15 * radius(POINTS[POOL], POINTS[POOL][exact])


@pytest.mark.usefixtures("parts")
def test_preselected_frames_come_first_and_count() -> None:
    rows = chosen(preselected=np.array([14, 1400]))
    assert rows[:2].tolist() == [14, 1400]
    assert len(set(rows.tolist())) == 20
    assert chosen(preselected=np.array([14, 1400]), size=1).tolist() == [14, 1400]


@pytest.mark.usefixtures("parts")
def test_a_mapped_file_gives_the_same(tmp_path: Path) -> None:
    np.save(tmp_path / "e.npy", POINTS)
    mapped = np.load(tmp_path / "e.npy", mmap_mode="r")
    assert chosen(mapped).tolist() == chosen().tolist()


@pytest.mark.usefixtures("parts")
def test_more_than_fit_into_a_part() -> None:
    assert len(set(chosen(size=400).tolist())) == 400
    assert sorted(chosen(size=5000).tolist()) == list(range(0, 3000, 2))


@pytest.mark.usefixtures("parts")
def test_typicality_draws_towards_the_crowd() -> None:
    outlying = np.arange(3000) % 150 == 0
    crowd = np.where(outlying[:, None], POINTS * 5, POINTS * 0.1)
    outliers = [int(outlying[chosen(crowd, typicality=weight)].sum()) for weight in (0.0, 20.0)]
    assert outliers[1] < outliers[0] / 2


@pytest.mark.usefixtures("parts")
def test_class_balance_evens_the_classes() -> None:
    classes = (np.arange(3000) % 40 == 0).astype(np.int16)
    rows = chosen(classes=classes, class_balance=20.0)
    assert np.bincount(classes[rows]).tolist() == [10, 10]


def test_an_embedding_takes_no_more_than_some_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside a part: a list of all rows alone has eight bytes each."""
    for name, value in {"EXACT": 1000, "PART": 4096, "select_coreset": lambda part, size, **_: np.arange(size)}.items():
        monkeypatch.setattr(composable_coreset, name, value)
    monkeypatch.setattr(pools, "BLOCK", 4096)
    held = []
    for count in (500_000, 1_500_000):
        many = np.broadcast_to(np.zeros((1, 2), np.float32), (count, 2))
        pool, classes = np.ones(count, bool), np.full(count, -1, np.int16)
        settings = {"preselected": NONE, "classes": classes, "typicality": 0, "class_balance": 0}
        tracemalloc.start()
        select_coreset_of_many(many, pool, 5, rng=np.random.default_rng(0), **settings)
        held.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert (held[1] - held[0]) / 1_000_000 < 3
