import io

import numpy as np
import pytest
from PIL import Image, ImageFilter
from scipy import fft, ndimage

from tinyinspect.recordings.quality import examine, grey_view, perceptual_hash, sharpness


@pytest.fixture(scope="module")
def scene() -> Image.Image:
    """320x240: smooth colours under sharp edges."""
    rows, columns = np.mgrid[:240, :320]
    waves = [127 + 80 * np.sin(columns / 37 + k) * np.cos(rows / 29) for k in range(3)]
    picture = np.stack(waves, -1).astype(np.uint8)
    picture[60:150, 90:200] = (200, 60, 30)
    picture[170:174] = 255
    return Image.fromarray(picture)


def jpeg(picture: Image.Image, quality: int = 90, **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality, **options)
    return file.getvalue()


def hash_of(picture: Image.Image) -> int:
    return examine(jpeg(picture), quality=True).quality.hash


@pytest.mark.parametrize(
    ("size", "view"),
    [((320, 240), (120, 160)), ((90, 64), (64, 90)), ((1921, 1081), (136, 241)), ((255, 193), (97, 128))],
)
def test_view_keeps_a_short_side_of_96(size, view, scene):
    assert grey_view(jpeg(scene.resize(size))).shape == view


def test_view_is_the_reduced_grey_frame(scene):
    reduced = np.asarray(scene.convert("L").reduce(2)).astype(int)
    assert np.abs(grey_view(jpeg(scene, 95)) - reduced).mean() < 2


@pytest.mark.parametrize("shape", [(120, 160), (97, 128), (3, 3), (64, 64)])
def test_sharpness_is_the_variance_of_the_laplacian(shape):
    view = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    expected = ndimage.laplace(view.astype(float))[1:-1, 1:-1].var()
    assert sharpness(view) == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_sharpness_falls_with_blur(scene):
    values = [
        examine(jpeg(scene.filter(ImageFilter.GaussianBlur(radius))), quality=True).quality.sharpness
        for radius in (0, 1, 2, 4)
    ]
    assert values == sorted(values, reverse=True)
    assert values[0] > 3 * values[2]


def test_hash_is_phash():
    view = np.random.default_rng(1).integers(0, 256, (96, 160), np.uint8)
    small = view.reshape(32, 3, 32, 5).mean((1, 3))
    lowest = fft.dctn(small)[:8, :8]
    expected = "".join("01"[int(bit)] for bit in (lowest > np.median(lowest)).ravel())
    differing = perceptual_hash(view) ^ int(expected, 2)
    assert differing.bit_count() <= 1  # one may fall on the median by rounding


def test_hash_holds_under_what_does_not_matter_and_tells_frames_apart(scene):
    original = hash_of(scene)
    assert (hash_of(scene.point(lambda value: value * 0.85)) ^ original).bit_count() <= 6
    assert (hash_of(scene.resize((640, 480))) ^ original).bit_count() <= 6
    assert (hash_of(scene.transpose(Image.Transpose.ROTATE_180)) ^ original).bit_count() > 20


def test_even_pictures_of_any_grey_share_a_hash():
    assert len({hash_of(Image.new("L", (320, 240), grey)) for grey in (10, 100, 250)}) == 1


@pytest.mark.parametrize("quality", [True, False])
def test_damaged_jpegs_are_refused(quality, scene):
    whole = jpeg(scene)
    for damaged in (whole[: len(whole) // 2], whole[:-2], whole[:100], b"", b"text", bytes(1000)):
        with pytest.raises(ValueError):
            examine(damaged, quality)


@pytest.mark.parametrize("quality", [True, False])
def test_size_and_padding(quality, scene):
    facts = examine(jpeg(scene) + bytes(37), quality)
    assert (facts.width, facts.height) == (320, 240)
    assert (facts.quality is not None) == quality


def test_motion_jpeg_without_huffman_tables_is_whole(scene):
    """Many cameras leave the standard tables out of each frame."""
    whole = jpeg(scene)  # Pillow writes the standard tables
    stripped = without_segments(whole, 0xC4)
    assert len(stripped) < len(whole) - 400
    assert examine(stripped, quality=True) == examine(whole, quality=True)
    restored, original = (np.asarray(Image.open(io.BytesIO(content))) for content in (stripped, whole))
    assert np.array_equal(restored, original)


def without_segments(content: bytes, marker: int) -> bytes:
    """A JPEG without the segments of one kind that stand before its scan."""
    kept, position = content[:2], 2
    while content[position + 1] != 0xDA:
        end = position + 2 + int.from_bytes(content[position + 2 : position + 4], "big")
        if content[position + 1] != marker:
            kept += content[position:end]
        position = end
    return kept + content[position:]
