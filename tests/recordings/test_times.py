import pytest

from tinyinspect.recordings.times import Clock

RATE = 10.0


def times(*own: float | None) -> tuple[list[float], int | None]:
    clock = Clock(RATE)
    return [round(clock.time_of(time), 6) for time in own], clock.repaired_from


@pytest.mark.parametrize(
    ("own", "expected", "repaired_from"),
    [
        pytest.param((0.0, 0.1, 0.2), [0, 0.1, 0.2], None, id="as they are"),
        pytest.param((5.0, 5.1, 9.0), [0, 0.1, 4.0], None, id="from the first frame on; a gap is a gap"),
        pytest.param((-0.2, -0.1, 0.0), [0, 0.1, 0.2], None, id="negative"),
        pytest.param((None, None, None), [0, 0.1, 0.2], 0, id="none at all"),
        pytest.param((None, None, 7.0, 7.3), [0, 0.1, 0.2, 0.5], 0, id="only later"),
        pytest.param((0.0, 0.1, None, 0.3), [0, 0.1, 0.2, 0.3], 2, id="one missing"),
        pytest.param((0.0, 0.0, 0.0), [0, 0.1, 0.2], 1, id="all equal"),
        pytest.param((0.0, 0.1, 0.3, 0.2, 0.4), [0, 0.1, 0.3, 0.4, 0.5], 3, id="out of order, then as they are"),
        pytest.param((0.0, 5.0, 0.0, 0.3), [0, 5.0, 5.1, 5.4], 2, id="clock set back: it keeps its pace"),
    ],
)
def test_times(own, expected, repaired_from):
    assert times(*own) == (pytest.approx(expected), repaired_from)
