from collections import Counter

import numpy as np
import pytest

from tinyinspect.camera import from_rgb565, to_rgb565
from tinyinspect.simulation.recording import Recording, Shot
from tinyinspect.simulation.sensor import jpeg
from tinyinspect.simulation.truth import Label

FRAMES = 60


@pytest.fixture(scope="module")
def shots() -> list[Shot]:
    return [shot for number in (1, 4, 6) for shot in Recording(0, number, 8).shots(FRAMES)]


def test_every_class_is_there(shots: list[Shot]):
    counts = Counter(shot.label for shot in shots)
    assert len(shots) == 3 * FRAMES
    assert min(counts[label] for label in Label) > 5


def test_frames_are_qvga_and_went_through_rgb565(shots: list[Shot]):
    assert all(shot.pixels.shape == (240, 320, 3) and shot.pixels.dtype == np.uint8 for shot in shots)
    pixels = shots[30].pixels
    assert np.array_equal(from_rgb565(to_rgb565(pixels)), pixels)


def test_a_mask_is_brighter_than_the_empty_tray(shots: list[Shot]):
    brightness = {label: np.mean([s.pixels.mean() for s in shots if s.label is label]) for label in Label}
    assert brightness[Label.GOOD] > 1.3 * brightness[Label.NO_MASK]


def test_neighbouring_frames_differ_by_noise_alone(shots: list[Shot]):
    first, second = (shot.pixels.astype(int) for shot in shots[:2])
    assert 0 < np.abs(first - second).mean() < 8


def test_the_committed_size_fits_the_embedded_store(shots: list[Shot]):
    mean = np.mean([len(jpeg(shot.pixels, quality=20)) for shot in shots])
    assert mean * 8 * 756 < 25e6


def test_recordings_differ_in_light_and_pose():
    empty = [next(Recording(0, number, 8).shots(1)).pixels.astype(float) for number in range(3)]
    assert len({round(frame.mean()) for frame in empty}) == 3
    assert all(np.corrcoef(empty[0].ravel(), other.ravel())[0, 1] < 0.7 for other in empty[1:])
