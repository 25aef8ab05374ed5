from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from tinyinspect.config.select import Method, Select
from tinyinspect.errors import InputError
from tinyinspect.selection import frame_selection
from tinyinspect.selection.annotations import BAD_FRAME
from tinyinspect.selection.frame_selection import FrameSelection, Limits, select_frames
from tinyinspect.selection.test_set import TestSet

SETTINGS = {
    "train_frames": 20,
    "test_frames": 15,
    "method": "coreset",
    "min_gap": 0.0,
    "split": "recording",
    "honour_annotated_split": True,
    "test_recordings": None,
    "time_gap": 2.0,
    "near_duplicate_bits": 3,
    "typicality": 0.0,
    "class_balance": 0.0,
    "preselected": None,
}
COUNT = 160
NO_LIMITS = Limits()
EMBEDDINGS = np.random.default_rng(5).normal(size=(COUNT, 4)).astype(np.float32)


@pytest.fixture
def frames() -> pd.DataFrame:
    """Four recordings of 40 frames, hashes far apart but for what a test changes."""
    hashes = np.random.default_rng(3).integers(0, 2**64, COUNT, np.uint64)
    return pd.DataFrame(
        {
            "recording": np.repeat(["a.avi", "b.avi", "c.avi", "d.avi"], 40),
            "frame": np.tile(np.arange(40), 4),
            "time_s": np.tile(np.arange(40) / 2, 4),
            "hash": [f"{one:016x}" for one in hashes],
            "label": "",
            "split": "",
        }
    )


def near(digits: str, *bits: int) -> str:
    return f"{int(digits, 16) ^ sum(1 << bit for bit in bits):016x}"


def select(
    frames: pd.DataFrame,
    preselected: list[int] | None = None,
    seed: int = 0,
    embeddings: NDArray[np.float32] = EMBEDDINGS,
    jpeg: Callable[[int], bytes] = lambda row: str(row).encode(),
    limits: Limits = NO_LIMITS,
    test_set: TestSet | None = None,
    **settings: Any,
) -> FrameSelection:
    section = Select.model_validate(SETTINGS | settings)
    rows = np.array(preselected or [], np.int64)
    return select_frames(
        frames, embeddings, section, limits=limits, test_set=test_set, preselected=rows, seed=seed, jpeg=jpeg
    )


def rows(selection: FrameSelection, split: str) -> list[int]:
    return selection.table["row"][selection.table["split"] == split].tolist()


@pytest.mark.parametrize(
    "settings", [{}, {"method": "random"}, {"method": "typical"}, {"split": "time_gap"}, {"typicality": 1.0}]
)
def test_both_sets_are_drawn(frames: pd.DataFrame, settings: dict) -> None:
    selection = select(frames, **settings)
    train, test = rows(selection, "train"), rows(selection, "test")
    assert (len(set(train)), len(set(test))) == (20, 15)
    assert not set(train) & set(test)
    table = selection.table
    assert frames.loc[table["row"], ["recording", "frame"]].reset_index(drop=True).equals(table[["recording", "frame"]])
    if "split" not in settings:
        assert not set(frames["recording"][train]) & set(frames["recording"][test])


@pytest.mark.parametrize("split", ["recording", "time_gap", "annotated"])
def test_frames_without_a_label_that_may_train_are_named(frames: pd.DataFrame, split: str, monkeypatch) -> None:
    frames.loc[:9, "label"] = "good"
    frames.loc[3, "split"] = BAD_FRAME
    if split == "annotated":
        frames.loc[:9, "split"] = ["train"] * 3 + [BAD_FRAME] + ["train"] * 6
        frames.loc[120:129, ["label", "split"]] = "good", "test"
    frames.loc[20, "hash"] = near(frames.loc[120, "hash"], 1)
    selection = select(frames, **({} if split == "annotated" else {"split": split, "test_recordings": None}))
    named, test = selection.unlabelled, rows(selection, "test")
    assert list(named.columns) == ["recording", "frame", "row"]
    assert frames.loc[named["row"], ["recording", "frame"]].equals(named[["recording", "frame"]])
    assert not set(named["row"]) & {*test, 3}
    labelled = set(rows(selection, "train")) & set(range(10))
    assert len(named) > 15 and not set(named["row"]) & labelled
    if split != "time_gap":  # a recording that is tested on teaches nothing
        assert not set(frames["recording"][named["row"]]) & set(frames["recording"][test])
    monkeypatch.setattr(frame_selection, "MOST_UNLABELLED", 7)
    few = select(frames, **({} if split == "annotated" else {"split": split, "test_recordings": None})).unlabelled
    assert len(few) == 7 and set(few["row"]) <= set(named["row"])


@pytest.mark.parametrize("method", Method)
def test_the_seed_decides(frames: pd.DataFrame, method: Method) -> None:
    assert select(frames, seed=4, method=method).table.equals(select(frames, seed=4, method=method).table)
    assert rows(select(frames, seed=4, method=method), "train") != rows(select(frames, seed=5, method=method), "train")


def test_the_test_set_does_not_depend_on_how_training_frames_are_chosen(frames: pd.DataFrame) -> None:
    tests = [rows(select(frames, **one), "test") for one in ({}, {"method": "random"}, {"train_frames": 5})]
    assert tests[0] == tests[1] == tests[2]


def test_the_coreset_covers_more_than_a_random_draw(frames: pd.DataFrame) -> None:
    def farthest(selection: FrameSelection) -> float:
        train = EMBEDDINGS[rows(selection, "train")]
        pool = EMBEDDINGS[(frames["recording"] != "b.avi").to_numpy()]
        return float(np.linalg.norm(pool[:, None] - train, axis=-1).min(axis=1).max())

    kept = {"test_recordings": ["b.avi"]}
    randoms = [farthest(select(frames, seed=seed, method="random", **kept)) for seed in range(5)]
    assert farthest(select(frames, **kept)) < min(randoms)


def gaps(frames: pd.DataFrame, train: list[int]) -> list[float]:
    """Seconds from each training frame to the one before it in its recording."""
    return frames.loc[train].groupby("recording")["time_s"].diff().dropna().tolist()


@pytest.mark.parametrize("method", Method)
def test_training_frames_are_apart_in_time(frames: pd.DataFrame, method: Method) -> None:
    selection = select(frames, method=method, min_gap=1.5, test_recordings=["b.avi"])
    train = rows(selection, "train")
    assert len(train) == 20 and min(gaps(frames, train)) >= 1.5
    assert not any("select.min_gap" in note for note in selection.notes)
    assert min(gaps(frames, rows(select(frames, method=method, test_recordings=["b.avi"]), "train"))) < 1.5


def test_chosen_frames_are_apart_from_labelled_ones_too(frames: pd.DataFrame) -> None:
    frames.loc[[5, 6], "label"] = "good"  # whoever labelled two neighbours, both train
    train = rows(select(frames, min_gap=1.5, test_recordings=["b.avi"]), "train")
    assert {5, 6} <= set(train)
    assert not {3, 4, 7, 8} & set(train) and len(train) == 20


def test_where_recordings_are_too_short_for_the_gap_frames_come_closer(frames: pd.DataFrame) -> None:
    selection = select(frames, min_gap=5.0, test_recordings=["b.avi"])
    assert len(set(rows(selection, "train"))) == 20
    assert min(gaps(frames, rows(selection, "train"))) >= 1.25  # as far as they can be, in halves of the gap
    said = [note for note in selection.notes if "less than 5 s from another one (select.min_gap)" in note]
    assert len(said) == 1 and 8 <= int(said[0].split()[0]) <= 14


def test_weights_of_the_coreset_that_have_no_effect_are_told(frames: pd.DataFrame) -> None:
    said = "select.class_balance has no effect with select.method=typical; try select=coreset"
    assert said in select(frames, method="typical", class_balance=1.0).notes
    assert not any("has no effect" in note for note in select(frames, class_balance=1.0).notes)


@pytest.mark.parametrize(
    ("method", "reason"),
    [
        ("typical", r"typical of \d+ similar frames|unlike all other frames"),
        ("coreset", "unlike the frames chosen before it"),
        ("random", "drawn at random"),
    ],
)
def test_each_frame_that_was_drawn_says_why(frames: pd.DataFrame, method: str, reason: str) -> None:
    frames.loc[[0, 41], "label"] = "good"
    table = select(frames, method=method, preselected=[100], test_recordings=["b.avi"]).table.set_index("row")
    assert table["reason"][0] == table["reason"][41] == ""
    assert table["reason"][100] == "named in select.preselected"
    test = table["split"] == "test"
    assert set(table["reason"][test].drop(41)) == {"a random test frame"}
    assert table["reason"][~test].drop([0, 100]).str.fullmatch(reason).all()


def test_near_duplicates_of_test_frames_are_refused(frames: pd.DataFrame) -> None:
    # Frame 50 of b is shown again, but for 3 bits, in a; frame 51 but for 4.
    frames.loc[0, "hash"] = near(frames.at[50, "hash"], 1, 30, 60)
    frames.loc[1, "hash"] = near(frames.at[51, "hash"], 1, 30, 59, 60)
    selection = select(frames, test_recordings=["b.avi"], train_frames=COUNT, test_frames=40)
    assert set(range(120)) - {0} - set(range(40, 80)) <= set(rows(selection, "train"))
    assert 0 not in rows(selection, "train")
    assert 50 in rows(selection, "test")
    note = "left out as near-duplicates (at most 3 of 64 hash bits apart) of the other set: 1 frames"
    assert note in selection.notes
    assert "only 119 of 160 training frames could be drawn" in selection.notes


def test_a_preselected_frame_stays_and_its_near_duplicates_are_not_tested_on(frames: pd.DataFrame) -> None:
    frames.loc[0, "hash"] = frames.at[50, "hash"]
    selection = select(frames, preselected=[0], test_recordings=["b.avi"], test_frames=40)
    assert 0 in rows(selection, "train")
    assert rows(selection, "test") == [row for row in range(40, 80) if row != 50]


def test_nothing_is_left(frames: pd.DataFrame) -> None:
    frames["hash"] = frames.at[0, "hash"]
    with pytest.raises(InputError, match="no training frame is left that is no near-duplicate of the other set"):
        select(frames)
    with pytest.raises(InputError, match="no test frame is left that is no near-duplicate of the other set"):
        select(frames, preselected=[0])


def test_annotated_frames_are_taken_before_others(frames: pd.DataFrame) -> None:
    labelled = [*range(0, 12), *range(40, 46)]
    frames.loc[labelled, "label"] = "good"
    selection = select(frames, test_recordings=["b.avi"])
    assert set(range(12)) <= set(rows(selection, "train"))
    assert len(rows(selection, "train")) == 20
    assert set(range(40, 46)) <= set(rows(selection, "test"))
    assert len(rows(selection, "test")) == 15


@pytest.mark.parametrize("method", Method)
def test_of_enough_annotated_frames_all_are_taken_and_no_other(frames: pd.DataFrame, method: Method) -> None:
    frames.loc[:34, "label"] = "good"
    selection = select(frames, test_recordings=["b.avi"], method=method, preselected=[100])
    assert rows(selection, "train") == [*range(35), 100]
    assert not any("are not used" in note for note in selection.notes)


@pytest.mark.parametrize("method", Method)
def test_a_limit_on_labelled_frames_is_kept_and_told(frames: pd.DataFrame, method: Method) -> None:
    frames.loc[:34, "label"] = frames.loc[40:79, "label"] = "good"
    limits = Limits(20, 10)
    selection = select(frames, test_recordings=["b.avi"], method=method, preselected=[100], limits=limits)
    train, test = rows(selection, "train"), rows(selection, "test")
    assert (len(train), len(test)) == (20, 10)
    assert max(row for row in train if row != 100) <= 34
    assert 100 in train
    note = "46 labelled frames are not used: 46 beyond data.train_labels and data.test_labels"
    assert note in selection.notes


def test_an_annotated_split_is_honoured_and_its_near_duplicates_counted(frames: pd.DataFrame) -> None:
    frames.loc[:9, ["label", "split"]] = ["good", "train"]
    frames.loc[10:29, ["label", "split"]] = ["good", "test"]
    frames.loc[10, "hash"] = near(frames.at[0, "hash"], 5)
    frames.loc[[11, 12], "hash"] = frames.at[1, "hash"]  # 12 is the same file too

    def jpeg(row: int) -> bytes:
        return b"same" if row in (1, 12) else str(row).encode()

    selection = select(frames, jpeg=jpeg)
    train = rows(selection, "train")
    assert train[:10] == list(range(10)) and len(train) == 20 and min(train[10:]) >= 30
    assert rows(selection, "test") == list(range(10, 30))
    assert any(
        note.startswith("3 of 20 frames annotated 'test' are near-duplicates") and ", 1 of them the same file" in note
        for note in selection.notes
    )


def test_frames_without_a_split_are_proposed_but_for_those_near_the_test(frames: pd.DataFrame) -> None:
    frames.loc[:9, ["label", "split"]] = ["good", "train"]
    frames.loc[10:19, ["label", "split"]] = ["good", "test"]
    frames.loc[40:44, ["label", "split"]] = ["good", "test"]  # b.avi tests alone
    frames.loc[[20, 90], "hash"] = near(frames.at[10, "hash"], 1)
    frames.loc[100, "label"] = "good"  # labelled without a split where others have one
    frames.loc[101, "split"] = BAD_FRAME
    selection = select(frames, train_frames=COUNT)
    assert rows(selection, "train") == [
        row for row in [*range(10), *range(20, 40), *range(80, 160)] if row not in (20, 90, 100, 101)
    ]
    assert "the annotations give a split, so frames without one are not used: 39 frames" in selection.notes
    frames["hash"] = ""
    assert rows(select(frames, train_frames=COUNT), "train")[:12] == [*range(10), 80, 81]


def test_an_annotated_split_can_be_set_aside(frames: pd.DataFrame) -> None:
    frames.loc[:9, ["label", "split"]] = ["good", "train"]
    frames.loc[10:29, ["label", "split"]] = ["good", "test"]
    selection = select(frames, honour_annotated_split=False)
    assert len(rows(selection, "train")) == 30


def test_frames_without_hashes(frames: pd.DataFrame) -> None:
    frames["hash"] = ""
    with pytest.raises(InputError, match=r"set extract\.quality to true"):
        select(frames)
    frames["split"] = ["train", "test"] * 80
    assert any("not counted without hashes" in note for note in select(frames).notes)


def test_embeddings_of_other_frames(frames: pd.DataFrame) -> None:
    with pytest.raises(InputError, match=r"has 10 rows, frames/index\.csv 160; run `dvc repro embed`"):
        select(frames, embeddings=EMBEDDINGS[:10])


@pytest.mark.parametrize("split", ["recording", "time_gap"])
def test_bad_frames_are_never_drawn_and_give_no_split(frames, split):
    bad = np.arange(0, COUNT, 2)
    frames.loc[bad, "split"] = BAD_FRAME
    selection = select(frames, split=split, train_frames=COUNT, test_frames=COUNT)
    assert len(selection.table) and not np.isin(selection.table["row"], bad).any()
    assert "left out as annotated '!bad': 80 frames" in selection.notes


def test_bad_frame_stays_out_of_an_annotated_split(frames):
    frames.loc[:9, "split"], frames.loc[40:49, "split"] = "train", "test"
    frames.loc[[3, 44], "split"] = BAD_FRAME
    selection = select(frames)
    assert len(selection.table) == 18 and not np.isin(selection.table["row"], [3, 44]).any()


def drawn(frames: pd.DataFrame, numbers: list[int], *recordings: str) -> TestSet:
    table = frames.iloc[numbers]
    return TestSet(frozenset(zip(table["recording"], table["frame"], strict=True)), frozenset(recordings))


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("split", ["recording", "time_gap"])
def test_a_drawn_test_set_stays_whatever_the_seed_and_never_trains(frames, seed, split):
    frames["label"] = "good"
    kept = {"recording": ("b.avi",), "time_gap": ()}[split]
    selection = select(frames, test_set=drawn(frames, [40, 45, 50], *kept), seed=seed, split=split, test_frames=1)
    expected = list(range(40, 80)) if split == "recording" else [40, 45, 50]
    assert rows(selection, "test") == expected
    # In 2 s of a test frame stand 3 frames on either side, at two a second.
    train = [row for row in range(COUNT) if (row not in range(40, 80) if kept else row not in range(40, 54))]
    assert rows(selection, "train") == train


def test_a_frame_of_the_test_set_without_a_label_is_listed_and_a_bad_one_is_not(frames):
    frames.loc[:20, "label"] = "good"
    frames.loc[41, "split"] = BAD_FRAME
    selection = select(frames, test_set=drawn(frames, [40, 41], "b.avi"), test_frames=1)
    assert rows(selection, "test") == [40]


def test_a_near_duplicate_of_the_test_set_does_not_train(frames):
    frames["label"] = "good"
    frames.loc[0, "hash"] = near(frames.at[50, "hash"], 1)
    selection = select(frames, test_set=drawn(frames, [50], "b.avi"))
    assert 0 not in rows(selection, "train") and 50 in rows(selection, "test")
    assert "1 labelled frames are not used: 1 too near to the other set, or without" in " ".join(selection.notes)


def test_a_preselected_frame_of_the_test_set_is_refused(frames):
    with pytest.raises(InputError, match=r"frame 3 of 'b\.avi', which annotations/test_set\.csv keeps for testing"):
        select(frames, test_set=drawn(frames, [], "b.avi"), preselected=[43])


def test_frames_of_the_test_set_that_are_gone_and_settings_without_effect_are_told(frames):
    gone = TestSet(frozenset({("gone.avi", 1), ("b.avi", 3)}), frozenset({"b.avi"}))
    notes = select(frames, test_set=gone, test_recordings=["a.avi"]).notes
    assert "1 frames of annotations/test_set.csv are not there, so the test is smaller" in notes
    assert any(note.startswith("select.test_recordings has no effect") for note in notes)
