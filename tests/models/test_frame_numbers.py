import numpy as np
import pytest
import torch
from torch import nn

from tinyinspect.models.checkpoint import build, load_model, save_model
from tinyinspect.models.frame_numbers import HIGHEST, FrameNumbers, WithFrameNumbers
from tinyinspect.models.mobilenetv2_metric.settings import Model as MobileNetV2MetricSettings

MODEL = MobileNetV2MetricSettings(
    architecture="mobilenetv2_metric", input_size=32, width=0.1, last_channels=16, weights="random"
)
GREY, RED, GREEN, BLUE, YELLOW, ACROSS, DOWN, CORNERS = range(8)
NUMBERS = 19


@pytest.fixture
def network() -> WithFrameNumbers:
    torch.manual_seed(0)
    made = WithFrameNumbers(build(MODEL, 8))
    for _ in range(5):
        made(torch.rand(16, 3, 32, 32))
    return made.eval()


def frames(count: int, seed: int) -> torch.Tensor:
    """Noise of several contrasts."""
    random = torch.Generator().manual_seed(seed)
    return torch.rand(count, 1, 1, 1, generator=random) * 0.2 * torch.rand(count, 3, 32, 32, generator=random) + 0.2


def means(picture: np.ndarray, size: int = 64) -> np.ndarray:
    """The numbers of one frame before they are fitted."""
    x = torch.from_numpy(np.ascontiguousarray(np.broadcast_to(picture, (3, size, size)))).float()[None]
    return FrameNumbers(size).means(x)[0].numpy()


def colour(red: float, green: float, blue: float) -> np.ndarray:
    return np.array([red, green, blue]).reshape(3, 1, 1)


def test_numbers_follow_the_embedding_except_in_training(network):
    x = frames(4, 0)
    with torch.no_grad():
        whole = network(x)
        torch.testing.assert_close(whole[:, :8], network.head(network.backbone(x)))
        assert whole.shape == (4, 8 + NUMBERS)
        assert network.train()(x).shape == (4, 8)


@pytest.mark.parametrize(
    ("shade", "more", "less"),
    [((0.5, 0.3, 0.3), RED, GREEN), ((0.3, 0.5, 0.5), GREEN, RED), ((0.3, 0.3, 0.5), BLUE, YELLOW)],
)
def test_a_colour_has_the_number_of_its_side(shade, more, less):
    found = means(colour(*shade))
    assert found[GREY] == pytest.approx(6 * sum(shade) / 3, abs=1e-4)
    assert found[more] == pytest.approx(12 * 0.2, abs=1e-4) and found[less] == 0
    assert not found[[ACROSS, DOWN, CORNERS]].any()


def test_edges_are_counted_by_their_direction():
    stripes = np.resize([0.4, 0.4, 0.5], 64)
    across, down = means(stripes[None, None]), means(stripes[None, :, None])
    assert across[ACROSS] > 0.5 and across[DOWN] == pytest.approx(0, abs=1e-5)
    assert down[DOWN] == pytest.approx(across[ACROSS]) and down[ACROSS] == pytest.approx(0, abs=1e-5)


def test_grey_counts_above_each_level():
    found = means(np.array(0.6))[8:13]
    expected = [6 * max(0.6 - level, 0) / (1 - level) for level in (0.1, 0.25, 0.5, 0.75, 0.9)]
    assert found == pytest.approx(expected, abs=1e-4)


def test_weak_edges_tell_a_frame_with_many_of_them_from_one_with_few_strong_ones():
    many, few = np.tile([0.5, 0.52], 32), np.full(64, 0.5)
    few[::16] += 0.16  # every eighth edge, eight times as strong
    many, few = means(many[None, None]), means(few[None, None])
    assert many[ACROSS] == pytest.approx(few[ACROSS], rel=0.35)
    assert many[13] > 2 * few[13]


@pytest.mark.parametrize("size", [32, 64, 96, 100, 128, 224])
def test_the_whole_frame_counts_at_each_size(size):
    picture = np.full((1, size, size), 0.5)
    whole = means(picture, size)
    for side in (np.s_[:, : size // 8], np.s_[:, -size // 8 :], np.s_[:, :, : size // 8], np.s_[:, :, -size // 8 :]):
        covered = picture.copy()
        covered[side] = 0
        assert means(covered, size)[GREY] < 0.95 * whole[GREY]


def test_numbers_of_normal_frames_lie_around_the_middle_and_those_of_others_far_off(network):
    normal = frames(200, 0)
    network.standardize(normal)
    with torch.no_grad():
        numbers, flat = network(normal)[:, 8:], network(torch.full((1, 3, 32, 32), 0.3))[0, 8:]
    assert float(numbers.min()) >= 0 and float(numbers.max()) <= HIGHEST
    assert float(numbers[:, GREY].mean()) == pytest.approx(HIGHEST / 2, abs=0.02)
    assert float(numbers[:, ACROSS].mean()) == pytest.approx(HIGHEST / 2, abs=0.2)
    assert not flat[[ACROSS, DOWN, CORNERS]].any()


def test_the_embedding_keeps_its_direction_and_fills_the_range(network):
    normal = frames(50, 0)
    with torch.no_grad():
        before = network(normal)[:, :8]
        network.standardize(normal)
        after = network(normal)[:, :8]
    assert float(after.abs().max()) == pytest.approx(HIGHEST, abs=1e-4)
    cosines = nn.functional.cosine_similarity(before, after)
    torch.testing.assert_close(cosines, torch.ones(50))


def test_it_is_saved_and_loaded_whole(network, tmp_path):
    network.standardize(frames(50, 0))
    save_model(network, MODEL, 8, tmp_path / "model.safetensors")
    loaded, x = load_model(tmp_path / "model.safetensors"), frames(3, 1)
    with torch.no_grad():
        torch.testing.assert_close(loaded(x), network(x), rtol=0, atol=0)
