"""A folder of pictures as a recording: each picture is a frame, in the order in which a person would count them."""

from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Self

import av
from av import FFmpegError, VideoFrame
from PIL import Image, ImageOps, UnidentifiedImageError

from tinyinspect.errors import InputError
from tinyinspect.recordings.jpeg import is_plain
from tinyinspect.recordings.stream import NO_TIMES, Kind, Sample, Stream
from tinyinspect.recordings.tree import in_natural_order, is_regular

SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
# FFmpeg's readers rather than Pillow's: they reduce 16 bits and print nothing about odd files.
_OPTIONS = {"format_whitelist": "image2,bmp_pipe,jpeg_pipe,png_pipe,tiff_pipe,webp_pipe"}
_ORIENTATION, _UPRIGHT = 0x0112, 1  # the EXIF tag, and what it says of a picture that need not be turned


def is_picture(name: str) -> bool:
    """Whether a file's name is that of a picture."""
    return name.lower().endswith(SUFFIXES)


def pictures_in(folder: Path) -> list[Path]:
    """The pictures in ``folder``, not in those below it: ``2.jpg`` before ``10.jpg``, hidden ones left out."""
    names = [path.name for path in folder.iterdir() if not path.name.startswith(".") and is_picture(path.name)]
    return [path for name in in_natural_order(names) if is_regular(path := folder / name)]


def describe(folder: Path) -> Stream:
    """The size of the first picture in ``folder`` that has one.

    Raises:
        InputError: No picture has one.
    """
    for path in pictures_in(folder):
        with suppress(OSError, ValueError, Image.DecompressionBombError), Image.open(path) as picture:
            across = picture.getexif().get(_ORIENTATION, _UPRIGHT) > 4  # the second four lie on their side
            size = picture.size[::-1] if across else picture.size
            return Stream(Kind.PICTURES, (picture.format or "").lower(), *size, untimed=NO_TIMES)
    raise InputError(f"{folder} holds no picture that can be read; replace its pictures or take it out")


class PictureReader:
    """Context manager that iterates over the pictures of a folder."""

    def __init__(self, folder: Path, copies: bool, most_pixels: float):
        """Prepare to read: ``copies`` takes upright JPEG files as they are, else all pictures are decoded."""
        self._paths, self._copies, self._most_pixels = pictures_in(folder), copies, most_pixels
        self._unread: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def __iter__(self) -> Iterator[Sample]:
        for number, path in enumerate(self._paths):
            picture: bytes | VideoFrame = b""
            try:
                picture = read_picture(path.read_bytes(), self._copies, self._most_pixels)
            except (OSError, ValueError) as error:
                self._unread.append(f"{path.name}: {getattr(error, 'strerror', None) or error}")
            yield Sample(number, None, picture)

    @property
    def complaint(self) -> str:
        """What could not be read so far; empty when all went well."""
        return unread(self._unread)


def unread(reasons: list[str]) -> str:
    """One sentence on pictures that could not be read."""
    return f"{len(reasons)} of its pictures cannot be read, first {reasons[0]}" if reasons else ""


def read_picture(content: bytes, copies: bool, most_pixels: float) -> bytes | VideoFrame:
    """The content of a picture file as it is, where it is a JPEG file that can be copied, else its pixels.

    Raises:
        ValueError: It is no picture, a damaged one, or one of more than ``most_pixels``.
    """
    try:
        with Image.open(BytesIO(content)) as picture:
            width, height = picture.size
            upright = picture.getexif().get(_ORIENTATION, _UPRIGHT) == _UPRIGHT
            copied = copies and picture.format == "JPEG" and upright and is_plain(content)
            if not upright and width * height <= most_pixels:
                return VideoFrame.from_image(ImageOps.exif_transpose(picture).convert("RGB"))
    except UnidentifiedImageError:
        raise ValueError("no picture of a known format") from None
    except (OSError, Image.DecompressionBombError) as error:
        raise ValueError(str(error)) from None
    if width * height > most_pixels:
        raise ValueError(f"{width * height / 1e6:.0f} megapixels, more than extract.max_megapixels")
    return content if copied else _decoded(content)


def _decoded(content: bytes) -> VideoFrame:
    try:
        with av.open(BytesIO(content), "r", container_options=_OPTIONS, metadata_errors="replace") as container:
            return next(container.decode(video=0))
    except (FFmpegError, StopIteration, IndexError) as error:
        raise ValueError(getattr(error, "strerror", None) or "no picture in it") from None
