from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tinyinspect.selection import composable_coreset
from tinyinspect.selection.composable_coreset import select_coreset_of_many
from tinyinspect.selection.coreset import select_coreset

NONE = np.zeros(0, np.int64)
POINTS = np.random.default_rng(0).normal(size=(3000, 8)).astype(np.float32)
ROWS = np.arange(0, 3000, 2)


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts so small that their coresets need parts too."""
    monkeypatch.setattr(composable_coreset, "EXACT", 100)
    monkeypatch.setattr(composable_coreset, "PART", 80)


def chosen(points: NDArray = POINTS, rows: NDArray = ROWS, size: int = 20, **settings: Any) -> NDArray[np.int64]:
    given = {"preselected": NONE, "classes": np.full(len(rows), -1), "typicality": 0.0, "class_balance": 0.0}
    return select_coreset_of_many(points, rows, size, rng=np.random.default_rng(0), **given | settings)


def radius(points: NDArray, centers: NDArray) -> float:
    return float(np.linalg.norm(points[:, None] - centers, axis=-1).min(axis=1).max())


def test_up_to_a_size_it_is_one_greedy_run() -> None:
    settings = {"preselected": np.array([3, 70]), "classes": np.arange(1500) % 3 - 1}
    weights = {"typicality": 0.5, "class_balance": 0.5}
    exact = select_coreset(POINTS[ROWS], 20, rng=np.random.default_rng(0), **settings, **weights)
    assert chosen(**settings, **weights).tolist() == exact.tolist()


@pytest.mark.usefixtures("parts")
def test_parts_cover_nearly_as_well() -> None:
    exact = select_coreset(
        POINTS[ROWS],
        20,
        preselected=NONE,
        classes=np.full(1500, -1),
        typicality=0,
        class_balance=0,
        rng=np.random.default_rng(0),
    )
    places = chosen()
    assert len(set(places.tolist())) == 20
    all_points = POINTS[ROWS]
    assert radius(all_points, all_points[places]) <= 1.15 * radius(all_points, all_points[exact])


@pytest.mark.usefixtures("parts")
def test_preselected_frames_come_first_and_count() -> None:
    places = chosen(preselected=np.array([7, 700]))
    assert places[:2].tolist() == [7, 700]
    assert len(set(places.tolist())) == 20
    assert chosen(preselected=np.array([7, 700]), size=1).tolist() == [7, 700]


@pytest.mark.usefixtures("parts")
def test_a_mapped_file_gives_the_same(tmp_path: Path) -> None:
    np.save(tmp_path / "e.npy", POINTS)
    mapped = np.load(tmp_path / "e.npy", mmap_mode="r")
    assert chosen(mapped).tolist() == chosen().tolist()


@pytest.mark.usefixtures("parts")
def test_more_than_fit_into_a_part() -> None:
    assert len(set(chosen(size=400).tolist())) == 400
    assert sorted(chosen(size=5000).tolist()) == list(range(1500))


@pytest.mark.usefixtures("parts")
def test_typicality_draws_towards_the_crowd() -> None:
    outlying = np.arange(3000) % 150 == 0
    crowd = np.where(outlying[:, None], POINTS * 5, POINTS * 0.1)
    outliers = [int(outlying[ROWS[chosen(crowd, typicality=weight)]].sum()) for weight in (0.0, 20.0)]
    assert outliers[1] < outliers[0] / 2


@pytest.mark.usefixtures("parts")
def test_class_balance_evens_the_classes() -> None:
    classes = (np.arange(1500) % 20 == 0).astype(np.int64)
    places = chosen(classes=classes, class_balance=20.0)
    assert np.bincount(classes[places]).tolist() == [10, 10]
