"""Photos of anything but the line: everyday photos from a folder, and those that come with installed packages.

A photo is turned upright, laid on white where it is transparent, made RGB, cut to a square and reduced with
antialiasing, as a lens would show it.
"""

import hashlib
import os
import re
import sys
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from tinyinspect.errors import InputError
from tinyinspect.recordings.tree import is_regular, named, walk

SIDE = 240  # pixels; a camera's square window is no larger
QUALITY = 95  # of the JPEG files
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"}
_MOST_PIXELS = 64_000_000  # of a photo; a larger one would fill the memory
_SHARING = 5  # pictures of a folder whose names begin alike are a source
_THREADS = 4
_NOTES = {".md", ".txt", ".dvc", ".csv", ".json"}  # that stand beside photos
_NUMBERED = re.compile(r"(?P<name>.*?)[\W_]*\d+\W*")

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class PackagedPhoto:
    """A photo in an installed package: ``file`` in ``package``, the ``licence`` it is under and its ``author``."""

    name: str
    package: str
    file: str
    licence: str
    author: str


# As the packages' own documentation states: skimage/data/_fetchers.py and sklearn/datasets/images/README.txt. Photos
# whose licence they do not state are left out.
PACKAGED = (
    PackagedPhoto("astronaut", "skimage", "data/astronaut.png", "public domain", "NASA"),
    PackagedPhoto("chelsea", "skimage", "data/chelsea.png", "CC0", "Stefan van der Walt"),
    PackagedPhoto("china", "sklearn", "datasets/images/china.jpg", "CC BY 2.0", "danielbuechele on Flickr"),
    PackagedPhoto("coffee", "skimage", "data/coffee.png", "CC0", "Rachel Michetti"),
    PackagedPhoto("flower", "sklearn", "datasets/images/flower.jpg", "CC BY 2.0", "vultilion on Flickr"),
    PackagedPhoto("hubble_deep_field", "skimage", "data/hubble_deep_field.jpg", "public domain", "NASA"),
    PackagedPhoto("retina", "skimage", "data/retina.jpg", "CC0", "Mikael Häggström"),
    PackagedPhoto("rocket", "skimage", "data/rocket.jpg", "public domain", "SpaceX"),
)


def photo_sources(folder: Path) -> dict[str, list[Path]]:
    """Group the photos below ``folder`` by where they come from.

    A source is a sub-folder, ``a/b`` being named "a-b" and ``folder`` itself "photos". Where at least five pictures of
    a folder have the same name before their number, they are a source of their own: ``a/dress_07.jpg`` is of "a-dress".

    Returns:
        Paths relative to ``folder`` by the name of their source, both sorted; hidden and other files are left out, and
        a folder is seen once, however many links lead to it.
    """
    photos = [path for path in _files(folder) if _is_photo(folder, path)]
    shared = Counter((photo.parent, _series(photo)) for photo in photos)
    sources = defaultdict(list)
    for photo in photos:
        series = _series(photo) if shared[photo.parent, _series(photo)] >= _SHARING else ""
        sources["-".join(filter(None, [*photo.parent.parts, series])) or "photos"].append(photo)
    return dict(sorted(sources.items()))


def write_photos(folder: Path, target: Path) -> str:
    """Write the photos below ``folder`` as ``target/<source>/*.jpg``, at most 240 pixels square.

    A photo that stands there under several names is written once, for the first source that has it: no photo may be
    trained on and tested on.

    Returns:
        What was skipped and ignored, "" where nothing was.

    Raises:
        InputError: There are photos, and none can be read.
    """
    sources, copies = _each_once(folder, photo_sources(folder))
    jobs = [
        (folder / photo, target / source / f"{number:05d}-{photo.stem[:60]}.jpg")
        for source, photos in sources.items()
        for number, photo in enumerate(photos)
    ]
    pool = ThreadPoolExecutor(min(_THREADS, os.cpu_count() or 1))
    with warnings.catch_warnings(), _quiet_libraries(), pool:
        warnings.simplefilter("ignore")  # Pillow's, on photos that are read or skipped all the same
        complaints = list(pool.map(lambda job: _converted(*job), jobs))
    skipped = [f"{path} ({complaint})" for (path, _), complaint in zip(jobs, complaints, strict=True) if complaint]
    if skipped and len(skipped) == len(jobs):
        raise InputError(f"{folder}: none of {len(jobs)} photos can be read, first {skipped[0]}; put others there")
    notes = _ignored(folder)
    if copies:
        notes.append(f"{folder}: {_counted(copies)} of photos that stand there under another name; each counts once")
    if skipped:
        notes.append(
            f"{folder}: skipped {len(skipped)} of {len(jobs)} photos, first {skipped[0]}; replace or remove them"
        )
    return "\n".join(notes)


def write_packaged_crops(target: Path, count: int, seed: int) -> None:
    """Write :func:`packaged_crops` as ``target/<name>/*.jpg``."""
    for number, (name, crop) in enumerate(packaged_crops(count, seed)):
        (target / name).mkdir(parents=True, exist_ok=True)
        crop.save(target / name / f"{number % count:05d}.jpg", quality=QUALITY)


def packaged_crops(count: int, seed: int) -> Iterator[tuple[str, Image.Image]]:
    """``count`` square crops of each packaged photo, at most 240 pixels square, each with the photo's name.

    They are cut at any place, from a quarter of the photo's short side up to all of it, half of them mirrored and half
    of them upside down.
    """
    for index, photo in enumerate(PACKAGED if count else ()):
        rng = np.random.default_rng([seed, index])
        with resources.files(photo.package).joinpath(photo.file).open("rb") as file, Image.open(file) as picture:
            whole = picture.convert("RGB")
        for _ in range(count):
            crop = _reduced(whole, _random_square(whole.size, rng))
            for flip in (ImageOps.mirror, ImageOps.flip):
                crop = flip(crop) if rng.random() < 0.5 else crop
            yield photo.name, crop


def read_photo(path: Path) -> Image.Image:
    """The middle square of a photo, upright, RGB, at most 240 pixels wide.

    Raises:
        ValueError: It has more than 64 million pixels.
        Exception: Whatever Pillow raises on a file that is no picture or a damaged one.
    """
    with Image.open(path) as picture:
        if picture.width * picture.height > _MOST_PIXELS:
            megapixels = picture.width * picture.height / 1e6
            raise ValueError(f"{megapixels:.0f} megapixels, more than {_MOST_PIXELS / 1e6:.0f}")
        picture.draft(None, (SIDE, SIDE))  # a JPEG file is decoded no larger than needed
        ImageOps.exif_transpose(picture, in_place=True)
        width, height = picture.size
        side = min(width, height)
        left, top = (width - side) // 2, (height - side) // 2
        return _on_white(_reduced(_continuous(picture), (left, top, left + side, top + side)))


def _files(folder: Path) -> list[Path]:
    return sorted((here / name for here, names in walk(folder) for name in names), key=Path.as_posix)


def no_photos(folder: Path) -> list[Path]:
    """Files below ``folder`` that are no photos, as paths relative to it."""
    return [path for path in _files(folder) if not _is_photo(folder, path)]


def _is_photo(folder: Path, path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and is_regular(folder / path)  # a pipe would be waited for without an end


def _ignored(folder: Path) -> list[str]:
    """One sentence on files that are no photos; none where there are only notes and DVC's own files."""
    others = [path for path in no_photos(folder) if path.suffix.lower() not in _NOTES]
    if not others:
        return []
    known = ", ".join(sorted(suffix[1:] for suffix in SUFFIXES))
    names = named([path.as_posix() for path in others])
    return [f"{folder}: ignored what is no photo: {names}; convert photos to one of {known}"]


def _each_once(folder: Path, sources: dict[str, list[Path]]) -> tuple[dict[str, list[Path]], int]:
    """The sources without photos whose content stood in an earlier place, and how many these were."""
    seen: set[bytes] = set()
    kept: dict[str, list[Path]] = {}
    copies = 0
    for source, photos in sources.items():
        for photo in photos:
            content = _content_hash(folder / photo)
            if content in seen:
                copies += 1
            else:
                seen.add(content)
                kept.setdefault(source, []).append(photo)
    return kept, copies


def _content_hash(photo: Path) -> bytes:
    try:
        with photo.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return os.fsencode(photo)  # told of where it is read


def _counted(copies: int) -> str:
    return "1 copy" if copies == 1 else f"{copies} copies"


@contextmanager
def _quiet_libraries() -> Iterator[None]:
    """Send what C libraries print on odd files (libtiff: hundreds of lines) to nowhere; errors are raised still."""
    sys.stderr.flush()
    saved, sink = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(sink, 2)
        yield
    finally:
        sys.stderr.flush()
        os.dup2(saved, 2)
        os.close(saved)
        os.close(sink)


def _series(photo: Path) -> str:
    """The name before the number of a file, "" where it has none."""
    match = _NUMBERED.fullmatch(photo.stem)
    name = match["name"] if match else ""
    return name if re.search(r"[^\W\d_]", name) else ""


def _converted(photo: Path, target: Path) -> str:
    """Store one photo; return what is wrong with it, "" where nothing is."""
    try:
        picture = read_photo(photo)
    except UnidentifiedImageError:
        return "no picture of a known format"
    except Exception as error:  # decoders raise almost anything on a damaged file
        return " ".join(str(error).split()) or type(error).__name__
    target.parent.mkdir(parents=True, exist_ok=True)
    picture.save(target, quality=QUALITY)
    return ""


def _continuous(picture: Image.Image) -> Image.Image:
    """A picture in a mode that can be reduced with antialiasing: no palette, eight bits a channel."""
    if picture.mode.startswith("I"):  # 16 bits of grey
        return Image.fromarray((np.clip(np.asarray(picture), 0, 65535) // 256).astype(np.uint8))
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture.convert("RGB")


def _reduced(picture: Image.Image, square: Box) -> Image.Image:
    side = square[2] - square[0]
    if side <= SIDE:
        return picture.crop(square)
    return picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS, square, reducing_gap=3)


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture.convert("RGB")
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture).convert("RGB")


def _random_square(size: tuple[int, int], rng: np.random.Generator) -> Box:
    width, height = size
    side = int(rng.integers(min(size) // 4, min(size) + 1))
    left, top = int(rng.integers(width - side + 1)), int(rng.integers(height - side + 1))
    return left, top, left + side, top + side
