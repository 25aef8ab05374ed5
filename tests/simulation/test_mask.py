import dataclasses

import numpy as np
import pytest

from tinyinspect.simulation.defects import Defect
from tinyinspect.simulation.mask import BODY, COLOUR, COVERAGE, EVIDENCE, Mask

PIXELS_PER_TEXEL = 4 / 9  # the camera sees 2 pixels a millimetre, a texture has 3


def texture(mask: Mask) -> np.ndarray:
    return mask.texture(np.random.default_rng(5), blur=0.6)[0].numpy()


@pytest.fixture(scope="module")
def good() -> Mask:
    return Mask.drawn(np.random.default_rng(1), defective=False)


@pytest.fixture(scope="module")
def good_texture(good: Mask) -> np.ndarray:
    return texture(good)


def test_good_mask_shows_no_evidence_and_has_loops(good: Mask, good_texture: np.ndarray):
    assert not good.defects and not good.lost_loop
    assert good_texture[EVIDENCE].max() == 0
    body = good.fabric.length * good.fabric.height * 9
    assert good_texture[BODY].sum() == pytest.approx(body, rel=0.02)
    cords = (good_texture[COVERAGE] - good_texture[BODY]).sum() / 9
    assert cords > 2 * 100 * 2  # two cords, at least as long as the mask is high, 2 mm thick


@pytest.mark.parametrize("kind", list(Defect))
def test_defect_changes_the_picture_where_its_evidence_is(good: Mask, good_texture: np.ndarray, kind: Defect):
    for seed in range(2):
        bad = texture(dataclasses.replace(good, defects=(kind,), seed=seed))
        # A defect at the very edge may stand out of the cloth a little.
        assert bad[EVIDENCE].sum() * PIXELS_PER_TEXEL > 0.8
        changed = np.abs(bad[COLOUR] - good_texture[COLOUR]).max(axis=0)
        assert np.average(changed, weights=bad[EVIDENCE]) > 0.1


@pytest.mark.parametrize("side", [-1, 1])
def test_lost_loop_leaves_its_side_bare(good: Mask, side: int):
    bad = texture(dataclasses.replace(good, lost_loop=side))
    cord = (bad[COVERAGE] - bad[BODY])[:, ::side]
    middle = cord.shape[1] // 2
    assert cord[:, middle:].sum() < 1 < cord[:, :middle].sum()
    room = bad[EVIDENCE][:, ::side][:, middle:]
    assert room.sum() * PIXELS_PER_TEXEL == pytest.approx(1, rel=0.15)  # the bent edge moves


def test_mask_keeps_its_defects_from_pass_to_pass():
    mask = Mask.drawn(np.random.default_rng(3), defective=True)
    first, second = (mask.texture(np.random.default_rng(seed), 0.6)[0, EVIDENCE].numpy() for seed in (1, 2))
    # The cloth lies differently, by a millimetre or two, not elsewhere.
    centres = [np.array([np.average(axis, weights=e) for axis in np.indices(e.shape)]) for e in (first, second)]
    assert np.abs(centres[0] - centres[1]).max() < 3 * 3
