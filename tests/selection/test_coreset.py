from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyinspect.selection.coreset import select_coreset

POINTS = np.random.default_rng(0).normal(size=(200, 8)).astype(np.float32)


def chosen(points: NDArray = POINTS, size: int = 20, seed: int = 0, **settings: Any) -> NDArray[np.int64]:
    given = {"preselected": np.zeros(0, np.int64), "classes": np.full(len(points), -1), "typicality": 0.0}
    given |= {"class_balance": 0.0} | settings
    return select_coreset(points, size, rng=np.random.default_rng(seed), **given)


def greedy_k_center(points: NDArray, start: list[int], size: int) -> list[int]:
    centers = list(start)
    while len(centers) < size:
        nearest = np.linalg.norm(points[:, None] - points[centers], axis=-1).min(axis=1)
        centers.append(int(nearest.argmax()))
    return centers


def test_it_is_greedy_k_center() -> None:
    rows = chosen()
    assert rows.tolist() == greedy_k_center(POINTS, [rows[0]], 20)


def test_preselected_frames_come_first_and_count() -> None:
    rows = chosen(preselected=np.array([7, 150]))
    assert rows.tolist() == greedy_k_center(POINTS, [7, 150], 20)
    assert chosen(size=1, preselected=np.array([7, 150])).tolist() == [7, 150]


def test_the_seed_draws_it() -> None:
    assert chosen(seed=1).tolist() == chosen(seed=1).tolist()
    assert chosen(seed=1).tolist() != chosen(seed=2).tolist()


def test_no_more_than_there_are() -> None:
    assert sorted(chosen(POINTS[:5], size=9)) == [0, 1, 2, 3, 4]
    assert chosen(POINTS[:1], typicality=1.0).tolist() == [0]


def test_equal_embeddings_are_chosen_once_each() -> None:
    assert sorted(chosen(np.zeros((6, 3), np.float32), size=6)) == [0, 1, 2, 3, 4, 5]


def test_typicality_draws_towards_the_crowd() -> None:
    crowd = np.concatenate([POINTS[:180] * 0.1, POINTS[180:] * 5])
    outliers = [int((chosen(crowd, typicality=weight) >= 180).sum()) for weight in (0.0, 20.0)]
    assert outliers[1] < outliers[0] / 2


def test_class_balance_evens_the_classes() -> None:
    classes = (np.arange(200) % 20 == 0).astype(np.int64)
    counts = [
        np.bincount(classes[chosen(classes=classes, class_balance=weight)], minlength=2) for weight in (0.0, 20.0)
    ]
    assert counts[0][1] <= 3
    assert counts[1].tolist() == [10, 10]


def test_class_balance_guesses_unknown_classes_from_neighbours() -> None:
    truth = (np.arange(200) % 20 == 0).astype(np.int64)
    clusters = POINTS + 20 * truth[:, None].astype(np.float32)
    classes = np.where(np.isin(np.arange(200), [0, 1, 2]), truth, -1)
    rows = chosen(clusters, classes=classes, preselected=np.array([0, 1, 2]), class_balance=20.0, size=12)
    assert np.bincount(truth[rows]).tolist() == [6, 6]


def test_class_balance_without_a_known_class() -> None:
    assert chosen(class_balance=1.0).tolist() == chosen().tolist()
