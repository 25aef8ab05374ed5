from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.tasks.gate.test_abnormals import task
from tinyinspect.selection.labelled import frames_folder
from tinyinspect.simulation.faults import STEPS, Fault, fault
from tinyinspect.simulation.faults.kinds import SAME
from tinyinspect.tasks.gate.dataset.made import write_made
from tinyinspect.tasks.gate.pictures import abnormal_folder, step_of

ROWS, COLUMNS = np.mgrid[0:96, 0:128]
CHECKS = 120 * ((ROWS // 12 + COLUMNS // 12) % 2)[..., None]  # detail to lose
FRAME = (CHECKS + np.stack([ROWS, 40 + 0 * ROWS, 128 - COLUMNS], 2)).clip(0, 255).astype(np.uint8)
GREY = np.repeat(FRAME[..., :1], 3, 2)


@pytest.mark.parametrize("kind", Fault)
def test_every_step_is_drawn_from_the_seed_alone_and_the_last_changes_the_frame(kind: Fault):
    for step in range(STEPS[kind]):
        first, again = (fault(kind, step, FRAME, np.random.default_rng(step)) for _ in range(2))
        assert first.shape == FRAME.shape and first.dtype == np.uint8
        np.testing.assert_array_equal(first, again)
    assert np.abs(first.astype(int) - FRAME).mean() >= SAME


@pytest.mark.parametrize("kind", [Fault.DEFOCUSED, Fault.MOTION_BLUR, Fault.FOGGED])
def test_a_later_step_leaves_less_to_see(kind: Fault):
    def detail(step: int) -> float:
        made = fault(kind, step, FRAME, np.random.default_rng(0)).astype(float)
        return float(np.abs(np.diff(made, axis=1)).mean())

    assert detail(0) > detail(STEPS[kind] - 1)


def dataset_of(folder: Path, frame: np.ndarray) -> Path:
    for number, split in enumerate(("train", "validation", "test")):
        place = frames_folder(folder, split) / "good"
        place.mkdir(parents=True)
        for shift in range(3):
            Image.fromarray(np.roll(frame, 3 * number + shift, 1)).save(place / f"{shift}.jpg", quality=95)
    return folder


def kinds(dataset: Path, split: str) -> set[str]:
    return {path.name for path in abnormal_folder(dataset, split).glob("camera_fault/*")}


def test_each_split_is_made_of_its_own_frames_and_a_kind_to_test_on_is_not_trained_on(tmp_path):
    dataset = dataset_of(tmp_path, FRAME)
    settings = task(normal_classes=["good"], camera_faults=4)
    assert write_made(dataset, {"camera_fault/dark"}, settings, 0) == []
    everything = {kind.value for kind in Fault}
    assert kinds(dataset, "train") == kinds(dataset, "validation") == kinds(dataset, "seen") == everything - {"dark"}
    assert kinds(dataset, "test") == {"dark"}
    names = [path.name for path in abnormal_folder(dataset, "train").glob("camera_fault/covered/*")]
    assert sorted(map(step_of, names)) == [0, 1, 2, 3]


def test_a_kind_that_leaves_the_frames_as_they_were_is_left_out_and_said(tmp_path):
    dataset = dataset_of(tmp_path, GREY)
    notes = write_made(dataset, set(), task(normal_classes=["good"], camera_faults=4), 0)
    assert notes == ["camera_fault/red_blue_swapped is left out, for it leaves most of these frames as they were"]
    assert "red_blue_swapped" not in kinds(dataset, "train")


def test_what_is_pasted_needs_photos(tmp_path):
    dataset = dataset_of(tmp_path, FRAME)
    notes = write_made(dataset, set(), task(normal_classes=["good"], hard_negatives=3), 0)
    assert [note for note in notes if "photo to paste" in note] == [
        f"hard_negative/{kind} is left out, for a split has no photo to paste; add some to photos/"
        for kind in ("in_photo", "photo_on_top")
    ]
    made = {path.name for path in abnormal_folder(dataset, "train").glob("hard_negative/*")}
    assert made >= {"shuffled", "tray_alone"} and not made & {"in_photo", "photo_on_top"}
