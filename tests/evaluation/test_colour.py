from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tinyinspect import camera
from tinyinspect.evaluation.colour import grey_notes, is_grey

GREY = np.repeat(np.random.default_rng(0).integers(0, 256, (60, 80, 1), np.uint8), 3, axis=2)


def spotted() -> camera.Pixels:
    """Grey with a small red spot."""
    picture = GREY.copy()
    picture[10:14, 10:14] = 200, 40, 40
    return picture


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    for name in ("good", "bad"):
        (tmp_path / "train" / "frames" / name).mkdir(parents=True)
        save(tmp_path, name, GREY)
    return tmp_path


def save(dataset: Path, name: str, picture: camera.Pixels, number: int = 0) -> None:
    smooth = Image.fromarray(picture).resize((160, 120))
    smooth.save(dataset / "train" / "frames" / name / f"a.avi-{number:06d}.jpg", quality=60)


def test_grey_is_told_from_colour() -> None:
    assert is_grey(GREY) and not is_grey(spotted())
    # What RGB565 makes of grey, in which green has a bit more.
    assert is_grey(camera.from_rgb565(camera.to_rgb565(GREY)))


def test_grey_recordings_are_said(dataset: Path) -> None:
    assert len(grey_notes(dataset)) == 1


def test_one_coloured_frame_is_enough_for_colour(dataset: Path) -> None:
    save(dataset, "bad", spotted(), 1)
    assert grey_notes(dataset) == []


def test_without_frames_nothing_is_said(tmp_path: Path) -> None:
    assert grey_notes(tmp_path) == []
