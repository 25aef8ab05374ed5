import numpy as np
import pytest
import torch

from tinyinspect import camera
from tinyinspect.learning.augmentation import Strength, augment, rgb565

NOTHING = Strength(min_scale=1, rotation=0, colour_jitter=0, noise=0)
MUCH = Strength(min_scale=0.5, rotation=30, colour_jitter=0.4, noise=0.02)


SIZE = 16


def pictures(count: int = 4, side: int = 64) -> torch.Tensor:
    random = np.random.default_rng(0)
    return torch.from_numpy(random.integers(0, 256, (count, 3, side, side), np.uint8))


def test_the_same_seed_draws_the_same_views():
    first, second = (augment(pictures(), SIZE, MUCH, torch.Generator().manual_seed(3)) for _ in range(2))
    torch.testing.assert_close(first, second, rtol=0, atol=0)
    assert first.shape == (4, 3, 16, 16)


def test_every_picture_gets_its_own_draw():
    same = pictures(1).expand(6, -1, -1, -1)
    views = augment(same, SIZE, MUCH, torch.Generator().manual_seed(0))
    assert len({view.numpy().tobytes() for view in views}) == 6


def test_views_are_in_the_order_of_their_pictures():
    colours = torch.arange(11, dtype=torch.uint8) * 24  # a few more than are moved at once
    plain = colours.view(-1, 1, 1, 1).expand(-1, 3, 64, 64)
    views = augment(plain, SIZE, Strength(0.5, 30, 0, 0), torch.Generator().manual_seed(0))
    torch.testing.assert_close(views[:, 1].mean((1, 2)) * 255, colours.float(), rtol=0, atol=4)


def test_rgb565_equals_the_camera():
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)
    ours = rgb565(torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255)
    exact = camera.from_rgb565(camera.to_rgb565(pixels))
    np.testing.assert_allclose(ours[0].permute(1, 2, 0).numpy() * 255, exact, atol=1e-4)


def test_an_unmoved_view_is_the_camera_s(monkeypatch):
    def no_flips(*shape, generator):
        return torch.full(torch.Size(shape[0] if isinstance(shape[0], tuple) else shape), 0.25)

    monkeypatch.setattr(torch, "rand", no_flips)
    for side in (64, 60):
        seen = augment(pictures(1, side), SIZE, NOTHING, torch.Generator().manual_seed(0))[0]
        exact = camera.model_view(pictures(1, side)[0].permute(1, 2, 0).numpy(), SIZE)
        difference = np.abs(seen.permute(1, 2, 0).numpy() * 255 - exact)
        # The firmware blends in 5 and 6 bits: a few of their steps apart at most, on noise.
        assert np.median(difference) < 1 and difference.max() < 26


def test_highlights_are_kept_where_they_matter():
    ramp = torch.linspace(0, 255, 64).round().to(torch.uint8).expand(40, 3, 64, 64)
    bright = Strength(min_scale=1, rotation=0, colour_jitter=0.9, noise=0)
    free, kept = (
        augment(ramp, SIZE, bright, torch.Generator().manual_seed(0), keep_highlights=keep) for keep in (False, True)
    )
    lost = free.mean(1).gt(0.97).flatten(1).float().mean(1), kept.mean(1).gt(0.97).flatten(1).float().mean(1)
    assert lost[0].max() > 0.3 and lost[1].max() < 0.2
    darker = lost[0] == 0
    assert darker.any() and torch.equal(free[darker], kept[darker])


@pytest.mark.parametrize("strength", [NOTHING, MUCH])
def test_views_stay_pixels(strength):
    views = augment(pictures(), SIZE, strength, torch.Generator().manual_seed(1))
    assert views.dtype == torch.float32
    assert 0 <= float(views.min()) <= float(views.max()) <= 1
