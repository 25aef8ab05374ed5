from collections import defaultdict

import numpy as np
import pytest

from tinyinspect.camera import Pixels, from_rgb565, to_rgb565
from tinyinspect.simulation.foreign import foreign_objects
from tinyinspect.simulation.solid import Solid
from tinyinspect.simulation.things import Kind, draw

ABOVE = np.array([0.0, 0.0, 1.0])
FROM_THE_LEFT = np.array([-0.6, 0.0, 0.8])


@pytest.fixture(scope="module")
def pictures() -> dict[Kind, list[Pixels]]:
    pictures = defaultdict(list)
    for kind, pixels in foreign_objects(3, seed=0):
        pictures[kind].append(pixels)
    return pictures


def test_every_kind_has_its_pictures(pictures: dict[Kind, list[Pixels]]):
    assert len(pictures) == len(Kind) >= 8
    assert {len(of_kind) for of_kind in pictures.values()} == {3}
    for pixels in (pixels for of_kind in pictures.values() for pixels in of_kind):
        assert (pixels.shape, pixels.dtype) == ((240, 320, 3), np.uint8)
        assert np.array_equal(from_rgb565(to_rgb565(pixels)), pixels)


def test_no_two_pictures_are_alike(pictures: dict[Kind, list[Pixels]]):
    flat = [pixels.astype(float).ravel() for of_kind in pictures.values() for pixels in of_kind]
    likeness = np.corrcoef(flat) - np.eye(len(flat))
    assert likeness.max() < 0.98


def test_the_seed_decides_and_the_count_does_not(pictures: dict[Kind, list[Pixels]]):
    again, other = (dict(foreign_objects(1, seed)) for seed in (0, 1))
    assert all(np.array_equal(again[kind], pictures[kind][0]) for kind in Kind)
    assert not any(np.array_equal(other[kind], pictures[kind][0]) for kind in Kind)


@pytest.mark.parametrize("kind", Kind)
def test_objects_fill_their_plane(kind: Kind):
    for seed in range(3):
        solid = Solid(45, 0.7, FROM_THE_LEFT)
        draw(kind, solid, np.random.default_rng(seed))
        across = solid.u[solid.coverage > 0.2]
        assert 1.2 < np.ptp(across) < 2.7
        assert 0 <= solid.coverage.min() <= solid.coverage.max() <= 1
        assert solid.colour.min() >= 0


def test_a_ball_is_lit_from_the_lamps_side():
    solid = Solid(40, 0, FROM_THE_LEFT)
    solid.lay(solid.disc(0, 0, 1), (0.5, 0.5, 0.5), bulge=1, gloss=0)
    left, right = (solid.colour[np.hypot(solid.u - at, solid.v) < 0.2].mean() for at in (-0.6, 0.6))
    assert left > 1.3 * right


def test_a_part_hides_what_lies_below_and_a_hole_shows_the_tray():
    solid = Solid(40, 0, ABOVE)
    solid.lay(solid.disc(0, 0, 1), (1, 0, 0))
    solid.lay(solid.box(-0.5, -0.5, 0.5, 0.5), (0, 0, 1), gloss=0)
    solid.cut(solid.disc(0.8, 0, 0.1))
    middle = solid.colour.shape[0] // 2
    assert solid.colour[middle, middle] == pytest.approx([0, 0, 1], abs=0.02)
    assert solid.coverage[middle, middle + round(0.8 * 40 * 3)] == 0
