import numpy as np

from tinyinspect.quantization.calibration import calibration_views
from tinyinspect.selection.labelled import Labelled


def labelled(counts: list[int]) -> Labelled:
    labels = np.repeat(np.arange(len(counts)), counts)
    pictures = [np.full((20, 20, 3), 8 * (number % 32), np.uint8) for number in range(len(labels))]
    return Labelled(pictures, labels, [f"{number}.jpg" for number in range(len(labels))])


def test_classes_take_turns_until_the_rare_one_is_drawn_whole():
    frames = labelled([20, 3, 9])
    views = calibration_views(frames, 16, 13, seed=0)
    assert views.shape == (13, 16, 16, 3)
    drawn = {int(view[0, 0, 0]) >> 3 for view in views}
    assert {20, 21, 22} <= drawn  # all three of the rare class


def test_no_more_than_there_are_and_the_same_seed_draws_the_same():
    frames = labelled([4, 4])
    assert len(calibration_views(frames, 16, 100, seed=0)) == 8
    np.testing.assert_array_equal(calibration_views(frames, 16, 3, seed=1), calibration_views(frames, 16, 3, seed=1))
