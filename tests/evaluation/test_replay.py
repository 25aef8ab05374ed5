"""A replay against recordings whose events are known, and against the camera's own Debounce."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyinspect.evaluation.replay import Track, replay, runs, shown_states

ROOT = Path(__file__).parents[2]
SAID = st.lists(st.sampled_from(["good", "bad", None]), max_size=40)


@pytest.fixture(scope="module")
def debounce() -> type:
    """The class of the camera's main.py itself."""
    source = (ROOT / "openmv_app" / "main.py").read_text()
    scope: dict[str, type] = {}
    exec(re.search(r"class Debounce:.*?(?=\n\ndef )", source, re.DOTALL)[0], scope)
    return scope["Debounce"]


@given(said=SAID, frames=st.integers(1, 5))
def test_it_shows_what_the_cameras_program_shows(debounce, said, frames):
    camera, shown, expected = debounce(frames), None, []
    for one in said:
        shown = one if camera.decided(one) else shown
        expected.append(shown)
    assert list(shown_states(said, frames)) == expected


@given(st.lists(st.sampled_from("ab"), max_size=20))
def test_runs_cover_every_frame_once(truth):
    covered = [index for start, end in runs(truth) for index in range(start, end + 1)]
    assert covered == list(range(len(truth)))
    assert all(len(set(truth[start : end + 1])) == 1 for start, end in runs(truth))


def track(truth: str, said: str) -> Track:
    names = {"g": "good", "b": "bad", ".": None}
    times = [0.5 * frame for frame in range(len(truth))]
    return Track("a.avi", times, [names[one] or "" for one in truth], [names[one] for one in said])


def test_appearances_found_missed_late_and_alarms():
    found = replay([track("ggggbbbbgggggggg", "gg..bbbbggggbbgg")], ["good", "bad"], 2)
    assert found.hours == pytest.approx(7.5 / 3600, abs=1e-6)
    good, bad = found.of_truth["good"], found.of_truth["bad"]
    assert (good.total, good.found, good.false_alarms) == (2, 2, 0)
    assert (bad.total, bad.found, bad.median_seconds) == (1, 1, 0.5)  # the second of its frames decides
    assert bad.false_alarms == 1 and bad.false_alarms_an_hour == pytest.approx(480, rel=1e-3)
    assert bad.false_alarms_an_hour_ci_low < 480 < bad.false_alarms_an_hour_ci_high


def test_what_is_shorter_than_the_debouncing_is_missed():
    bad = replay([track("ggggbgggg", "ggggbgggg")], ["good", "bad"], 2).of_truth["bad"]
    assert (bad.total, bad.found, bad.median_seconds, bad.false_alarms) == (1, 0, None, 0)


def test_a_change_that_comes_late_is_no_alarm():
    found = replay([track("bbbbgggg", "bbbbbggg")], ["good", "bad"], 2)
    assert found.of_truth["good"].false_alarms == found.of_truth["bad"].false_alarms == 0


def test_without_recordings_there_is_nothing_to_say():
    assert replay([], ["good"], 3).of_truth == {}
