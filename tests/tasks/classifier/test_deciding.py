from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax

from tinyinspect.errors import InputError
from tinyinspect.files import write_json
from tinyinspect.tasks.classifier.deciding.score_limits import decide, limits_of, temperature_of
from tinyinspect.tasks.classifier.decision import ScoreLimits, read
from tinyinspect.tasks.classifier.settings import Decide

CLASSES = ["good", "defective", "no_mask"]


def drawn(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Logits, and labels that are drawn by their softmax: at temperature 1 they say how often they are right."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 3, (count, 3)).astype(np.float32)
    chances = softmax(logits, axis=1).cumsum(1)
    return (random.random((count, 1)) > chances).sum(1), logits


def rates(max_error_rate: float = 0.05, unsure_rate: float = 0.1) -> Decide:
    return Decide(max_error_rate=max_error_rate, unsure_rate=unsure_rate)


@pytest.mark.parametrize("temperature", [0.3, 1, 2.5, 8])
def test_the_temperature_is_the_one_that_made_the_logits_too_sure_or_unsure(temperature):
    labels, logits = drawn(20_000, 0)
    assert temperature_of(labels, logits * temperature) == pytest.approx(temperature, rel=0.05)


@pytest.mark.parametrize("shift", [-1000, 1000])
def test_logits_of_any_size_have_a_temperature(shift):
    labels, logits = drawn(2000, 1)
    assert temperature_of(labels, logits + shift) == pytest.approx(temperature_of(labels, logits), rel=0.02)


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.2])
@pytest.mark.parametrize("seed", range(5))
def test_the_lowest_limit_that_keeps_the_error_rate_is_chosen(rate, seed):
    labels, logits = drawn(500, seed)
    limits = limits_of(labels, logits, rates(rate))
    scores = softmax(logits / limits.temperature, axis=1)
    best, right = scores.max(1), scores.argmax(1) == labels
    counts = best >= limits.min_score
    assert (limits.held_out, limits.error_rate, limits.counted) == (
        500,
        pytest.approx((~right[counts]).mean(), abs=1e-6),
        pytest.approx(counts.mean(), abs=1e-6),
    )
    half = [score for score in best if (best >= score).mean() >= 0.5]
    shares = {score: float((~right[best >= score]).mean()) for score in half}
    if min(shares.values()) > rate:  # the surer half is wrong more often: the best there is
        assert limits.error_rate == pytest.approx(min(shares.values()), abs=1e-6)
    else:
        assert counts.any() and limits.error_rate <= rate
        assert all(share > rate for score, share in shares.items() if score < limits.min_score)


def test_frames_of_one_score_count_together():
    """A limit cannot keep a right answer and leave out a wrong one of the same score."""
    logits = np.array([[9, 0, 0]] * 12 + [[5, 0, 0]] * 5 + [[1, 0, 0]] * 5, np.float32)
    labels = np.array([0] * 12 + [0] * 4 + [1] + [0] * 2 + [1] * 3)
    limits = limits_of(labels, logits, rates(0.05))
    best = softmax(logits / limits.temperature, axis=1).max(1)
    assert limits.error_rate == 0 and limits.counted == pytest.approx(12 / 22, abs=1e-6)
    assert ((best >= limits.min_score) == (logits[:, 0] == 9)).all()


@pytest.mark.parametrize("rate", [0.05, 0.3])
def test_the_unsure_frames_are_the_share_with_the_lowest_scores(rate):
    labels, logits = drawn(1000, 3)
    limits = limits_of(labels, logits, rates(unsure_rate=rate))
    best = softmax(logits / limits.temperature, axis=1).max(1)
    assert (best < limits.unsure_below).mean() == pytest.approx(rate, abs=0.003)


def test_half_of_the_frames_count_whatever_the_rate():
    """One confident wrong answer in front of many right ones must not silence the camera."""
    logits = np.zeros((100, 3), np.float32)
    logits[:, 0] = np.linspace(9, 1, 100)
    labels = np.zeros(100, int)
    labels[[3, 70]] = 1
    limits = limits_of(labels, logits, rates(0.001))
    assert (limits.counted, limits.error_rate) == (0.7, pytest.approx(1 / 70, abs=1e-6))


def test_where_all_is_right_every_frame_counts():
    labels = np.arange(30) % 3
    limits = limits_of(labels, 4 * np.eye(3, dtype=np.float32)[labels], rates())
    assert (limits.error_rate, limits.counted) == (0, 1)


def write_held_out(folder: Path, labels: np.ndarray, logits: np.ndarray) -> None:
    """As the stage `train` does."""
    columns = [f"output_{number}" for number in range(logits.shape[1])]
    pd.DataFrame(logits, columns=columns).assign(label=labels).to_csv(folder / "held_out.csv", index=False)


def decided(folder: Path, decide_settings: Decide, classes: list[str] = CLASSES) -> tuple[ScoreLimits, str]:
    return decide(folder, folder / "dataset", classes=classes, task=None, decide=decide_settings)


def test_the_decision_is_of_the_held_out_logits_and_says_so(tmp_path):
    labels, logits = drawn(400, 4)
    write_held_out(tmp_path, labels, logits)
    limits, sentence = decided(tmp_path, rates(0.1))
    expected = limits_of(labels, logits, rates(0.1))
    assert limits.model_dump() == pytest.approx(expected.model_dump(), abs=1e-3)
    assert sentence.startswith(f"temperature {limits.temperature:.2f}; a score of {limits.min_score:.2f} counts: ")
    assert f"of 400 held-out frames, {100 * limits.error_rate:.1f} % of them wrong; unsure below" in sentence
    assert "no limit" not in sentence
    write_json(limits, tmp_path / "decision.json")
    assert read(tmp_path / "decision.json") == limits


def test_a_rate_that_no_limit_reaches_is_said_with_the_best_there_is(tmp_path):
    labels = np.repeat([0, 1], [30, 10])
    logits = np.tile(np.array([3, 1, 0], np.float32), (40, 1))
    write_held_out(tmp_path, labels, logits)
    limits, sentence = decided(tmp_path, rates(0.01))
    assert (limits.error_rate, limits.counted) == (0.25, 1)
    assert sentence.endswith(
        "; no limit that leaves half of the frames reaches decide.max_error_rate 0.01, this one is the best there is"
    )


@pytest.mark.parametrize("content", [None, "", "a,b\n1,2\n", "output_0,label\nx,0\n"])
def test_a_file_without_logits_is_one_sentence(tmp_path, content):
    if content is not None:
        (tmp_path / "held_out.csv").write_text(content)
    with pytest.raises(InputError, match=r"held_out\.csv is missing or holds no logits; run `dvc repro train`$"):
        decided(tmp_path, rates())


@pytest.mark.parametrize("count", [0, 5])
def test_logits_of_other_classes_or_none_are_one_sentence(tmp_path, count):
    write_held_out(tmp_path, np.zeros(count, int), np.zeros((count, 8)))
    with pytest.raises(InputError, match=r"held_out\.csv holds logits of 8 classes, not 3; run `dvc repro train`$"):
        decided(tmp_path, rates())


def test_a_gates_decision_is_no_classifiers(tmp_path):
    (tmp_path / "decision.json").write_text('{"of_float": {}, "of_int8": {}, "normal": 1, "abnormal": 1}')
    with pytest.raises(InputError, match=r"of another version or damaged .*; run `dvc repro decide`$"):
        read(tmp_path / "decision.json")
    with pytest.raises(InputError, match=r"decision\.json is missing; run `dvc repro decide`$"):
        read(tmp_path / "none" / "decision.json")
