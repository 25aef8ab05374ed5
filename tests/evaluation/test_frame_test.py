import numpy as np
import pytest

from tinyinspect.errors import InputError
from tinyinspect.evaluation.frame_test import COPIES, LIGHT, fit, in_other_light


def numbers(count: int, seed: int, light: float = 0) -> np.ndarray:
    """Three numbers that go together, more or less as the light is, and one that is always alike."""
    random = np.random.default_rng(seed)
    common = 3 * np.exp(random.normal(0, 0.1, (count, 1)) + random.uniform(-light, light, (count, 1)))
    moving = common * np.exp(random.normal(0, 0.01, (count, 3)))
    return np.hstack([moving, np.full((count, 1), 3.0)]).astype(np.float32)


def fitted(count: int, light: float = 0):
    return fit(numbers(count, 0), np.concatenate([numbers(count, 10 + copy, light) for copy in range(COPIES)]))


def test_nearly_all_normal_frames_lie_within_the_limit():
    test, excess = fitted(300)
    assert (excess > 0).mean() == pytest.approx(0.02, abs=0.004)
    assert (test.excess(numbers(1000, 1)) > 0).mean() == pytest.approx(0.02, abs=0.015)


def test_numbers_that_never_go_together_so_lie_beyond_it():
    test, _ = fitted(300)
    ordinary, torn = np.array([[3.4, 3.4, 3.4, 3]], np.float32), np.array([[3.4, 3.4, 2, 3]], np.float32)
    assert test.excess(ordinary)[0] == 0 and test.excess(torn)[0] > 1
    assert test.excess(np.array([[3, 3, 3, 2]], np.float32))[0] > 0.1  # what is always alike, is not


def test_a_frame_in_another_light_than_the_recordings_know_lies_within_it():
    dim = np.array([[2.3, 2.3, 2.3, 3.0]], np.float32)
    assert fitted(300)[0].excess(dim)[0] > 0 and fitted(300, light=0.4)[0].excess(dim)[0] == 0


def test_a_number_may_move_by_a_step_of_int8_where_all_normal_frames_have_none_of_it():
    nothing = np.zeros((8, 3), np.float32)
    test, excess = fit(nothing, np.zeros((8 * COPIES, 3), np.float32))
    assert not excess.any() and test.excess(nothing)[0] == 0
    assert test.excess(np.full((1, 3), 12 / 255, np.float32))[0] < 0.2
    assert test.excess(np.full((1, 3), 3, np.float32))[0] > 1


def test_other_light_is_brighter_and_darker_and_of_more_and_less_contrast():
    views = np.zeros((200, 4, 4, 3), np.uint8)
    views[:, :2], views[:, 2:] = 80, 120
    changed = in_other_light(views).astype(float)
    assert changed.shape == (200 * COPIES, 4, 4, 3)
    brightness = changed.mean((1, 2, 3)) / 100
    contrast = (changed[:, 2:].mean((1, 2, 3)) - changed[:, :2].mean((1, 2, 3))) / 40 / brightness
    for found in (brightness, contrast):
        assert found.min() == pytest.approx(1 - LIGHT, abs=0.03) and found.max() == pytest.approx(1 + LIGHT, abs=0.03)
    assert abs(np.corrcoef(brightness, contrast)[0, 1]) < 0.2
    np.testing.assert_array_equal(in_other_light(views), changed)


def test_too_few_frames_are_one_sentence():
    few = np.eye(4, dtype=np.float32)
    with pytest.raises(InputError, match=r"task\.frame_test needs 5 normal frames .* there are 4; label more"):
        fit(few, np.tile(few, (COPIES, 1)))
