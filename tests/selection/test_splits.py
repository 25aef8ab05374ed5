import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from tinyinspect.errors import InputError
from tinyinspect.selection.splits import (
    near_in_time,
    split_as_annotated,
    split_by_recording,
    split_by_time,
    split_validation,
)


def frames_of(fps: float = 1.0, **counts: int) -> pd.DataFrame:
    rows = [(f"{name}.avi", frame, frame / fps) for name, count in counts.items() for frame in range(count)]
    return pd.DataFrame(rows, columns=["recording", "frame", "time_s"]).assign(label="", split="")


def mask(frames: pd.DataFrame, *rows: int) -> NDArray[np.bool_]:
    return np.isin(np.arange(len(frames)), rows)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_the_annotated_split_is_kept() -> None:
    frames = frames_of(a=5)
    frames["split"] = ["train", "", "test", "test", "train"]
    pools = split_as_annotated(frames, mask(frames, 1))
    assert np.flatnonzero(pools.train).tolist() == [0, 1, 4]
    assert np.flatnonzero(pools.test).tolist() == [2, 3]
    with pytest.raises(InputError, match=r"preselected names frame 2 of 'a\.avi', which the annotations put in"):
        split_as_annotated(frames, mask(frames, 2))


@pytest.mark.parametrize(("side", "other"), [("train", "test"), ("test", "train")])
def test_half_an_annotated_split_is_refused(side: str, other: str) -> None:
    frames = frames_of(a=3).assign(split=side)
    with pytest.raises(InputError, match=f"frames have the split '{side}', but none has '{other}'"):
        split_as_annotated(frames, mask(frames))


@pytest.mark.parametrize("seed", range(5))
def test_whole_recordings_are_drawn_until_they_hold_enough(seed: int) -> None:
    frames = frames_of(a=40, b=40, c=40, d=40, e=40, f=40)
    pools = split_by_recording(frames, mask(frames), test_recordings=None, test_frames=50, rng=rng(seed))
    assert frames["recording"][pools.test].nunique() == 2
    assert not set(frames["recording"][pools.test]) & set(frames["recording"][pools.train])
    assert pools.test.sum() + pools.train.sum() == len(frames)


def test_a_quarter_of_many_recordings_is_drawn() -> None:
    frames = frames_of(**dict.fromkeys("abcdefghijkl", 40))
    pools = split_by_recording(frames, mask(frames), test_recordings=None, test_frames=10, rng=rng())
    assert frames["recording"][pools.test].nunique() == 3


def test_the_seed_draws_the_recordings() -> None:
    frames = frames_of(a=4, b=4, c=4, d=4, e=4, f=4)
    drawn = {
        tuple(split_by_recording(frames, mask(frames), test_recordings=None, test_frames=4, rng=rng(seed)).test)
        for seed in range(20)
    }
    assert len(drawn) > 3


@pytest.mark.parametrize("seed", range(5))
def test_every_class_stands_on_both_sides_where_it_can(seed: int) -> None:
    frames = frames_of(a=50, b=50, c=50, d=50)
    frames["label"] = "good"
    frames.loc[[10, 11, 160], "label"] = "defective"  # in a and d: exactly one of them must be drawn
    pools = split_by_recording(frames, mask(frames), test_recordings=None, test_frames=40, rng=rng(seed))
    assert len({"a.avi", "d.avi"} & set(frames["recording"][pools.test])) == 1


def test_a_recording_with_preselected_frames_is_not_tested_on() -> None:
    frames = frames_of(a=4, b=4)
    for seed in range(5):
        pools = split_by_recording(frames, mask(frames, 1), test_recordings=None, test_frames=9, rng=rng(seed))
        assert set(frames["recording"][pools.test]) == {"b.avi"}


def test_named_recordings() -> None:
    frames = frames_of(a=4, b=4, c=4)
    pools = split_by_recording(frames, mask(frames), test_recordings=["b.avi"], test_frames=1, rng=rng())
    assert set(frames["recording"][pools.test]) == {"b.avi"}
    assert pools.train.sum() == 8


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (["b.avi", "x.avi"], "no frames of 'x.avi'; known are a.avi, b.avi"),
        ([], "names none of the recordings"),
        (["b.avi", "a.avi"], "'a.avi' holds preselected training frames"),
    ],
)
def test_named_recordings_that_cannot_be(names: list[str], says: str) -> None:
    frames = frames_of(a=4, b=4)
    with pytest.raises(InputError, match=says):
        split_by_recording(frames, mask(frames, 0), test_recordings=names, test_frames=1, rng=rng())


def test_all_recordings_named() -> None:
    frames = frames_of(a=4, b=4)
    with pytest.raises(InputError, match="names all of the recordings"):
        split_by_recording(frames, mask(frames), test_recordings=["a.avi", "b.avi"], test_frames=1, rng=rng())


@pytest.mark.parametrize("preselected", [[], [0, 4]])
def test_no_recording_to_spare(preselected: list[int]) -> None:
    frames = frames_of(a=4, b=4) if preselected else frames_of(a=4)
    with pytest.raises(InputError, match=r"set select\.split to time_gap"):
        split_by_recording(frames, mask(frames, *preselected), test_recordings=None, test_frames=1, rng=rng())


@pytest.mark.parametrize("gap", [0.0, 0.5, 3.0, 10.0])
@pytest.mark.parametrize("seed", range(3))
def test_a_gap_in_time_parts_the_sets(gap: float, seed: int) -> None:
    frames = frames_of(fps=4, a=800, b=400)
    pools = split_by_time(frames, mask(frames, 5, 900), gap=gap, test_frames=200, rng=rng(seed))
    assert pools.train[[5, 900]].all()
    for _, recording in frames.groupby("recording"):
        train, test = (recording["time_s"][side[recording.index]].to_numpy() for side in (pools.train, pools.test))
        assert len(train)
        assert len(test)
        assert abs(train[:, None] - test).min() >= max(gap, 0.25)
    assert not (pools.train & pools.test).any()
    assert pools.test.sum() > 100


def test_a_gap_that_is_too_long() -> None:
    frames = frames_of(a=20, b=20)
    with pytest.raises(InputError, match=r"30 s apart; lower select\.time_gap"):
        split_by_time(frames, mask(frames), gap=30, test_frames=10, rng=rng())


def test_near_in_time_looks_at_one_recording() -> None:
    frames = frames_of(a=10, b=10)
    near = near_in_time(frames, mask(frames, 3, 4), 2.0)
    assert np.flatnonzero(near).tolist() == [2, 3, 4, 5]


def test_validation_rows_hold_every_class_and_no_training_row():
    labels = np.array([0] * 30 + [1] * 5 + [2] * 2)
    train, validation = split_validation(labels, 0.1, 0)
    assert sorted([*train, *validation]) == list(range(37))
    assert set(labels[train]) == set(labels[validation]) == {0, 1, 2}


def test_a_class_of_one_frame_is_trained_on():
    labels = np.array([0] * 10 + [1] * 10 + [2])
    train, validation = split_validation(labels, 0.2, 0)
    assert 20 in train and 20 not in validation
