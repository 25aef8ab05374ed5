import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tinyinspect.errors import InputError
from tinyinspect.recordings.photos import PACKAGED, photo_sources, read_photo, write_packaged_crops, write_photos

Draw = Callable[..., Path]
ORIENTATION = 0x0112
LEFT_IS_UP = 6  # turn a quarter clockwise to see it upright


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    """draw(name, size, mode, **options): a picture in ``photos``, red above and blue below."""

    def draw(name: str, size: tuple[int, int] = (32, 24), mode: str = "RGB", **options: object) -> Path:
        picture = Image.new("RGB", size, "red")
        picture.paste("blue", (0, size[1] // 2, *size))
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.convert(mode).save(path, **options)
        return path

    return draw


def pixel(picture: Image.Image, x: float, y: float) -> list[int]:
    """Colour at a place given in parts of the size, rounded to full or none."""
    place = int(x * picture.width), int(y * picture.height)
    return [round(value / 255) for value in picture.getpixel(place)]  # type: ignore[union-attr]


def test_a_large_photo_is_cut_to_its_middle_square_and_reduced(draw: Draw):
    for name in ("a.jpg", "a.png"):
        picture = read_photo(draw(name, (900, 500)))
        assert (picture.size, picture.mode) == ((240, 240), "RGB")
        assert pixel(picture, 0.5, 0.1) == [1, 0, 0]
        assert pixel(picture, 0.5, 0.9) == [0, 0, 1]


def test_a_small_photo_is_not_enlarged(draw: Draw):
    assert read_photo(draw("a.png", (32, 24))).size == (24, 24)


def test_reducing_does_not_alias(tmp_path: Path):
    stripes = np.tile(np.array([0, 255], np.uint8), (960, 480))
    Image.fromarray(stripes).save(tmp_path / "stripes.png")
    grey = np.asarray(read_photo(tmp_path / "stripes.png"))[8:-8, 8:-8]
    assert np.ptp(grey) <= 8
    assert abs(grey.mean() - 127.5) < 4


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif"])
def test_a_photo_is_turned_upright(draw: Draw, suffix: str):
    exif = Image.Exif()
    exif[ORIENTATION] = LEFT_IS_UP
    picture = read_photo(draw(f"a.{suffix}", (400, 400), exif=exif))
    assert pixel(picture, 0.9, 0.5) == [1, 0, 0]
    assert pixel(picture, 0.1, 0.5) == [0, 0, 1]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_parts_are_laid_on_white(tmp_path: Path, mode: str):
    picture = Image.new("RGBA", (300, 300), (0, 0, 0, 255))
    picture.paste((0, 0, 0, 0), (0, 0, 150, 300))
    picture.convert(mode).save(tmp_path / "a.png")
    seen = read_photo(tmp_path / "a.png")
    assert pixel(seen, 0.1, 0.5) == [1, 1, 1]
    assert pixel(seen, 0.9, 0.5) == [0, 0, 0]


@pytest.mark.parametrize(("mode", "suffix"), [("L", "jpg"), ("1", "png"), ("CMYK", "jpg"), ("P", "png")])
def test_other_colour_modes_become_rgb(draw: Draw, mode: str, suffix: str):
    picture = read_photo(draw(f"a.{suffix}", (300, 300), mode))
    assert (picture.mode, picture.size) == ("RGB", (240, 240))


def test_sixteen_bits_of_grey_keep_their_tones(tmp_path: Path):
    Image.fromarray(np.full((20, 20), 0x8000, np.uint16)).save(tmp_path / "a.png")
    assert read_photo(tmp_path / "a.png").getpixel((0, 0)) == (128, 128, 128)


def test_sources_are_sub_folders_and_series(tmp_path: Path):
    names = [f"dress_{number:02d}.jpg" for number in range(5)] + [f"hat-{number}.JPG" for number in range(4)]
    names += [f"coco/{number:012d}.jpg" for number in range(6)] + ["lone.png", "a/b/1.webp", "a/b/README.md"]
    names += [f"a/cup ({number}).TIFF" for number in range(5)] + ["README.md", ".gitignore", "coco.dvc", "._hat.jpg"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    sources = photo_sources(tmp_path)
    assert {name: len(photos) for name, photos in sources.items()} == {
        "a-b": 1,
        "a-cup": 5,
        "coco": 6,
        "dress": 5,
        "photos": 5,
    }
    assert sources["photos"] == [*(Path(f"hat-{number}.JPG") for number in range(4)), Path("lone.png")]


def test_a_linked_folder_is_read(tmp_path: Path, draw: Draw):
    draw("a.jpg")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "linked").symlink_to(tmp_path / "photos")
    assert photo_sources(tmp_path / "other") == {"linked": [Path("linked/a.jpg")]}


def test_photos_are_written_by_source(draw: Draw, tmp_path: Path):
    draw("kitchen/cup.png", (300, 400))
    photos = draw("b.jpg").parent
    assert write_photos(photos, tmp_path / "out") == ""
    written = sorted(path.relative_to(tmp_path / "out").as_posix() for path in tmp_path.glob("out/*/*"))
    assert written == ["kitchen/00000-cup.jpg", "photos/00000-b.jpg"]
    with Image.open(tmp_path / "out" / written[0]) as picture:
        assert (picture.format, picture.size) == ("JPEG", (240, 240))


def test_names_alike_in_several_folders_stay_apart(draw: Draw, tmp_path: Path):
    photos = draw("a/b/1.png").parents[2]
    draw("a-b/1.png", (32, 26))
    draw("a-b/1.jpg", (32, 28))
    write_photos(photos, tmp_path / "out")
    assert len(list(tmp_path.glob("out/a-b/*.jpg"))) == 3


def test_no_photos_are_no_error(tmp_path: Path):
    (tmp_path / "photos").mkdir()
    assert write_photos(tmp_path / "photos", tmp_path / "out") == ""
    assert write_photos(tmp_path / "missing", tmp_path / "out") == ""
    assert not (tmp_path / "out").exists()


def test_a_folder_linked_into_itself_is_read_once(draw: Draw, tmp_path: Path):
    photos = draw("a.jpg").parent
    draw("kitchen/b.jpg", (40, 40))
    (photos / "loop").symlink_to(photos)
    (photos / "attic").symlink_to(photos / "kitchen")
    assert photo_sources(photos) == {"kitchen": [Path("kitchen/b.jpg")], "photos": [Path("a.jpg")]}


def test_one_photo_under_several_names_counts_once(draw: Draw, tmp_path: Path):
    photo = draw("cups/a.jpg")
    for name in ("cups/b.jpg", "plates/a.jpg"):
        photo.parents[1].joinpath(name).parent.mkdir(exist_ok=True)
        shutil.copy(photo, photo.parents[1] / name)
    draw("plates/other.jpg", (40, 40))
    warning = write_photos(photo.parents[1], tmp_path / "out")
    assert sorted(str(path.relative_to(tmp_path / "out")) for path in tmp_path.glob("out/*/*")) == [
        "cups/00000-a.jpg",
        "plates/00000-other.jpg",
    ]
    assert warning.endswith("photos: 2 copies of photos that stand there under another name; each counts once")


def test_pipes_and_other_files_are_named_and_never_waited_for(draw: Draw, tmp_path: Path):
    photos = draw("a.jpg").parent
    os.mkfifo(photos / "x.jpg")
    for name in ("b.heic", "c.gif", "d.avif", "README.md", "set.dvc", ".hidden"):
        (photos / name).write_bytes(b"x")
    assert write_photos(photos, tmp_path / "out") == (
        f"{photos}: ignored what is no photo: b.heic, c.gif, d.avif and 1 more; convert photos to one of bmp, jpeg, "
        "jpg, png, tif, tiff, webp"
    )
    assert len(list(tmp_path.glob("out/*/*"))) == 1


def test_libraries_print_nothing(draw: Draw, tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    path = draw("a.tif", (300, 300), compression="tiff_lzw")
    content = bytearray(path.read_bytes())
    content[200 : len(content) // 2] = bytes(len(content) // 2 - 200)
    path.write_bytes(content)
    draw("good.jpg")
    write_photos(path.parent, tmp_path / "out")
    assert capfd.readouterr().err == ""


def truncate(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def test_what_cannot_be_read_is_skipped_and_counted(draw: Draw, tmp_path: Path):
    photos = draw("good.jpg").parent
    truncate(draw("cut.jpg", (300, 300)))
    truncate(draw("cut.png", (300, 300)))
    (photos / "bare.webp").write_text("no picture")
    warning = write_photos(photos, tmp_path / "out")
    assert warning == (
        f"{photos}: skipped 3 of 4 photos, first {photos}/bare.webp (no picture of a known format); "
        "replace or remove them"
    )
    assert [path.name for path in tmp_path.glob("out/*/*")] == ["00003-good.jpg"]


@pytest.mark.parametrize("side", [8001, 14000])
def test_a_huge_photo_is_skipped(draw: Draw, tmp_path: Path, side: int):
    photos = draw("good.jpg").parent
    Image.new("1", (side, side)).save(photos / "bomb.png")
    warning = write_photos(photos, tmp_path / "out")
    assert warning.startswith(f"{photos}: skipped 1 of 2 photos, first {photos}/bomb.png (")
    assert ("64 megapixels, more than 64" in warning) == (side == 8001)


def test_photos_that_all_are_broken_are_an_error(draw: Draw, tmp_path: Path):
    path = draw("cut.jpg", (300, 300))
    truncate(path)
    path.with_name("too.jpg").write_bytes(path.read_bytes() + b" ")
    with pytest.raises(InputError) as error:
        write_photos(path.parent, tmp_path / "out")
    assert str(error.value).startswith(f"{path.parent}: none of 2 photos can be read, first {path} (")
    assert str(error.value).endswith("; put others there")


def test_crops_of_packaged_photos(tmp_path: Path):
    write_packaged_crops(tmp_path / "a", 3, seed=1)
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == sorted(photo.name for photo in PACKAGED)
    crops = sorted(tmp_path.glob("a/*/*.jpg"))
    assert len(crops) == 3 * len(PACKAGED)
    sizes = [Image.open(path).size for path in crops]
    assert all(60 <= width == height <= 240 for width, height in sizes)
    assert len({path.read_bytes() for path in crops}) == len(crops)


def test_crops_depend_on_the_seed_alone(tmp_path: Path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_packaged_crops(tmp_path / name, 1, seed)
    first, again, other = ([path.read_bytes() for path in sorted(tmp_path.glob(f"{name}/*/*"))] for name in "abc")
    assert first == again
    assert all(one != two for one, two in zip(first, other, strict=True))


def test_no_crops(tmp_path: Path):
    write_packaged_crops(tmp_path / "a", 0, seed=1)
    assert not (tmp_path / "a").exists()
