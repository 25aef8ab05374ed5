"""The vectorised preprocessing against a pixel-by-pixel reading of the firmware's arithmetic."""

import hashlib

import numpy as np
import pytest

from tinyinspect import camera
from tinyinspect.camera import Fit


def picture(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def firmware_pixel(frame: np.ndarray, y: int, x: int, channel: int, target: int, fit: Fit) -> int:
    """One output pixel as the firmware computes it, in plain integers."""
    bits = (5, 6, 5)[channel]
    scales = [np.float32(target) / np.float32(size) for size in frame.shape[:2]]
    if fit is Fit.CROP:
        scales = [max(scales)] * 2

    def tap(place: int, size: int, scale: np.float32) -> tuple[int, int, int]:
        if scale == 1:
            place += (size - target) // 2
            return place, place, 0
        step = int(np.float32(65536) / scale)
        position = (int(np.float32(size) * scale) - target) // 2 * step - 0x8000 + place * step
        index = position >> 16
        if index < 0:
            return 0, 0, 0
        if index >= size - 1:
            return size - 1, size - 1, 0
        return index, index + 1, (position >> 11) & 31

    top, bottom, down = tap(y, frame.shape[0], scales[0])
    left, right, across = tap(x, frame.shape[1], scales[1])

    def column(place: int) -> int:
        upper, lower = (int(frame[row, place, channel]) >> (8 - bits) for row in (top, bottom))
        return (upper * (32 - down) + lower * down + 16) >> 5

    value = (column(left) * (32 - across) + column(right) * across + 16) >> 5
    return (value << (8 - bits)) | (value >> (2 * bits - 8))


@pytest.mark.parametrize("fit", list(Fit))
@pytest.mark.parametrize("size", [(256, 256), (240, 320), (120, 160), (64, 64), (64, 100), (97, 61), (40, 50)])
def test_resize_equals_the_firmware_pixel_by_pixel(size: tuple[int, int], fit: Fit) -> None:
    frame = picture(*size)
    seen = camera.resize(frame, 64, 64, fit)
    places = np.random.default_rng(1).integers(0, 64, (60, 2)).tolist()
    for y, x in [*places, (0, 0), (63, 63), (0, 63)]:
        for channel in range(3):
            assert seen[y, x, channel] == firmware_pixel(frame, y, x, channel, 64, fit), (y, x, channel)


def test_resize_gives_the_bytes_that_were_checked_against_tensors_from_the_firmware() -> None:
    digest = hashlib.sha256()
    for seed, size in enumerate([(256, 256), (240, 320), (64, 64), (240, 240), (128, 128), (120, 160)]):
        digest.update(camera.resize(picture(*size, seed), 64, 64).tobytes())
    assert digest.hexdigest() == "92b9f6b282711ee4075a419599af89b01e679531fc8ee04d984449bb0357c801"


def test_crop_and_stretch_agree_on_the_square_window() -> None:
    window = camera.square_window(picture(240, 320))
    assert window.shape == (240, 240, 3)
    np.testing.assert_array_equal(camera.resize(window, 64, 64, Fit.CROP), camera.resize(window, 64, 64, Fit.STRETCH))


def test_rgb565_keeps_the_high_bits_and_reaches_black_and_white() -> None:
    pixels = np.array([[0, 0, 0], [255, 255, 255], [7, 3, 7], [8, 4, 8]], np.uint8)
    widened = camera.from_rgb565(camera.to_rgb565(pixels))
    assert widened.tolist() == [[0, 0, 0], [255, 255, 255], [0, 0, 0], [8, 4, 8]]
