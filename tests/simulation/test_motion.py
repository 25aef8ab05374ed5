import numpy as np

from tinyinspect.simulation.motion import timetable


def test_passages_follow_each_other_within_the_recording():
    passages = timetable(2000, np.random.default_rng(0))
    ends = [passage.start + len(passage.track) for passage in passages]
    assert len(passages) > 10
    assert all(end < following.start for end, following in zip(ends[:-1], passages[1:], strict=True))
    assert ends[-1] <= 2000


def test_mask_comes_from_outside_and_leaves():
    track = timetable(2000, np.random.default_rng(1))[0].track
    assert abs(track[0, 0]) > 200 and abs(track[-1, 0]) > 150
    assert np.abs(track[:, 0]).min() < 45


def test_both_ends_of_the_line_are_used():
    starts = [np.sign(passage.track[0, 0]) for passage in timetable(2000, np.random.default_rng(2))]
    assert set(starts) == {-1, 1}
