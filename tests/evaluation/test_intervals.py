import numpy as np
import pytest
from scipy import stats

from tinyinspect.evaluation import intervals


def test_wilson_interval_equals_the_published_example():
    # Newcombe, Statistics in Medicine 17, 1998, table I: 81 of 263 and 0 of 20.
    assert intervals.proportion(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert intervals.proportion(0, 20) == pytest.approx((0, 0.1611), abs=1e-4)


def test_paired_interval_equals_the_formula_worked_by_hand():
    # 10 and 2 discordant of 98: shares 0.11 and 0.03, difference 0.08, variance (0.14 - 0.0064) / 100.
    assert intervals.paired_difference(10, 2, 98) == pytest.approx((0.08 - 0.07164, 0.08 + 0.07164), abs=1e-5)


def test_paired_interval_turns_its_sign_with_the_order():
    low, high = intervals.paired_difference(7, 1, 200)
    assert intervals.paired_difference(1, 7, 200) == pytest.approx((-high, -low))


def test_paired_interval_covers_the_truth_as_often_as_it_says():
    random = np.random.default_rng(0)
    draws = random.multinomial(300, [0.03, 0.01, 0.96], 2000)
    found = [intervals.paired_difference(a, b, 300) for a, b, _ in draws]
    assert 0.93 < np.mean([low <= 0.02 <= high for low, high in found]) < 0.99


def test_balanced_accuracy_interval_covers_the_truth_as_often_as_it_says(monkeypatch):
    monkeypatch.setattr(intervals, "DRAWS", 2000)
    random = np.random.default_rng(0)
    totals, recalls = np.array([50, 25, 180]), np.array([0.9, 0.8, 0.99])
    found = [intervals.balanced_accuracy(random.binomial(totals, recalls), totals, 0) for _ in range(500)]
    assert 0.92 < np.mean([low <= recalls.mean() <= high for low, high in found]) < 0.98


def test_balanced_accuracy_interval_repeats_and_is_honest_where_all_is_right():
    totals = np.array([50, 25, 180])
    low, high = intervals.balanced_accuracy(totals, totals, 3)
    assert (low, high) == intervals.balanced_accuracy(totals, totals, 3)
    assert 0.95 < low < 0.99 and high == 1
    low, high = intervals.balanced_accuracy(np.zeros_like(totals), totals, 3)
    assert low == 0 and 0 < high < 0.05


@pytest.mark.parametrize(
    ("first", "second", "p"), [(0, 0, 1), (1, 0, 1), (5, 0, 0.0625), (0, 5, 0.0625), (6, 2, 0.2891)]
)
def test_mcnemar_is_exact(first, second, p):
    assert intervals.mcnemar_p(first, second) == pytest.approx(p, abs=1e-4)


def test_auroc_interval_covers_the_truth_as_often_as_it_says():
    random = np.random.default_rng(0)
    truth = stats.norm.cdf(2 / np.sqrt(2))
    found = []
    for _ in range(400):
        normal, abnormal = random.normal(2, 1, 40), random.normal(0, 1, 60)
        found.append(intervals.auroc(float((normal[:, None] > abnormal).mean()), 40, 60))
    assert 0.92 < np.mean([low <= truth <= high for low, high in found]) < 0.99


def test_auroc_interval_is_honest_where_all_pairs_are_right():
    low, high = intervals.auroc(1.0, 73, 120)
    assert 0.95 < low < 0.99 and high == 1
    assert intervals.auroc(0.0, 73, 120) == pytest.approx((0, 1 - low), abs=1e-6)


def test_tpr_interval_covers_the_truth_as_often_as_it_says(monkeypatch):
    monkeypatch.setattr(intervals, "RESAMPLES", 300)
    random = np.random.default_rng(0)
    truth = stats.norm.sf(stats.norm.ppf(0.95) - 2)
    found = []
    for _ in range(200):
        normal, abnormal = (random.normal(mean, 1, 300).astype(np.float32) for mean in (2, 0))
        found.append(intervals.tpr_at_fpr(normal, abnormal, 0.05, 0))
    assert 0.9 < np.mean([low <= truth <= high for low, high in found]) <= 1


def test_tpr_interval_is_honest_where_all_are_right():
    low, high = intervals.tpr_at_fpr(np.ones(73, np.float32), np.zeros(120, np.float32), 0.01, 0)
    assert 0.93 < low < 0.98 and high > 0.999


def test_difference_of_aurocs_weighs_pictures_as_resampling_does():
    random = np.random.default_rng(0)
    normal = np.arange(90) < 40
    first = np.where(normal, 1.5, 0) + random.normal(0, 1, 90)
    second = first + random.normal(0, 1, 90)
    low, high = intervals.auroc_difference(first, second, normal, ~normal, 0)
    drawn = []
    for _ in range(2000):
        rows = np.concatenate([random.choice(np.flatnonzero(mask), mask.sum()) for mask in (normal, ~normal)])
        wins = [(s[rows[:40], None] > s[rows[40:]]).mean() for s in (first, second)]
        drawn.append(wins[0] - wins[1])
    assert (low, high) == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.01)
    assert intervals.auroc_difference(first, first, normal, ~normal, 0) == (0, 0)
