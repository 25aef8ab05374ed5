"""Streams of OpenMV's image.ImageIO, which the camera writes as .bin files.

A stream is a header of 16 bytes, then frame by frame the milliseconds since the one before, width, height, pixel format
and, since version 2.0, the size in bytes, then the pixels, filled up to 16 bytes. Source: openmv/openmv,
src/omv/modules/py_imageio.c and src/omv/imlib/imlib.h.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import count
from pathlib import Path
from struct import Struct
from typing import BinaryIO, Self

import av
import numpy as np
from av import VideoFrame
from av.video.reformatter import ColorRange

from tinyinspect.errors import InputError
from tinyinspect.recordings.pictures import read_picture, unread
from tinyinspect.recordings.stream import Kind, Sample, Stream

_MAGIC = b"OMV IMG STR V"
_MAGIC_BYTES = 16
_VERSIONS = {b"1.0", b"1.1", b"2.0"}
_ALIGNED = 16
_OLD_HEADER, _HEADER = Struct("<4I"), Struct("<5I12x")
_LONGEST_SIDE = 32767  # pixels; a longer one is no frame header
_MOST_BYTES = 1 << 28  # of a frame; more is no frame header


class _Pixels(IntEnum):
    """Pixel formats, by the number that stands in bits 16 to 23 of the field."""

    BINARY = 1
    GREY = 2
    RGB565 = 3
    BAYER = 4
    YUV422 = 5
    JPEG = 6
    PNG = 7


# In a stream before 2.0 the field is a number of bytes: 0 to 3 stand for these, more is the size of a JPEG file.
_OLD_PIXELS = (_Pixels.BINARY, _Pixels.GREY, _Pixels.RGB565, _Pixels.BAYER)
_BAYER = ("bayer_bggr8", "bayer_gbrg8", "bayer_grbg8", "bayer_rggb8")
_YUV = ("yuyv422", "yvyu422")
_GREY = ("gray", "gray16le")


@dataclass(frozen=True, slots=True)
class _Header:
    elapsed: int  # ms since the frame before
    width: int  # pixels
    height: int
    pixels: _Pixels
    variant: int  # of the pixel format: the order of its channels, or its depth
    size: int  # bytes


def describe(path: Path) -> Stream:
    """The size of the first frame of the stream at ``path``.

    Raises:
        InputError: It is no such stream, or holds no frame.
    """
    with path.open("rb") as file:
        version = _version(file, path)
        header = _header(file, version)
    if header is None:
        raise InputError(f"{path} holds no frame; record it anew or take it out of the folder")
    return Stream(Kind.IMAGEIO, header.pixels.name.lower(), header.width, header.height)


class ImageIOReader:
    """Context manager that iterates over the pictures of a stream."""

    def __init__(self, path: Path, copies: bool, most_pixels: float):
        """Prepare to read: ``copies`` takes JPEG files as they are, else all pictures are decoded."""
        self._path, self._copies, self._most_pixels = path, copies, most_pixels
        self._unread: list[str] = []
        self._end = ""

    def __enter__(self) -> Self:
        try:
            self._file = self._path.open("rb")
        except OSError as error:
            raise InputError(f"{self._path} cannot be opened ({error.strerror}); check its permissions") from None
        self._version = _version(self._file, self._path)
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    @property
    def complaint(self) -> str:
        """What was wrong with what was read so far; empty when all went well."""
        return ", ".join(filter(None, [unread(self._unread), self._end]))

    def __iter__(self) -> Iterator[Sample]:
        milliseconds, size = 0, self._path.stat().st_size
        for number in count():
            if self._file.tell() >= size:
                return
            header = _header(self._file, self._version)
            content = self._file.read(header.size) if header else b""
            if header is None or len(content) < header.size:
                self._end = f"it ends in the middle of frame {number}" if header else f"frame {number} has no header"
                return
            self._file.seek(-header.size % _ALIGNED, os.SEEK_CUR)
            milliseconds += header.elapsed
            yield Sample(number, milliseconds / 1000, self._picture(number, header, content))

    def _picture(self, number: int, header: _Header, content: bytes) -> bytes | VideoFrame:
        try:
            if header.pixels in (_Pixels.JPEG, _Pixels.PNG):
                return read_picture(content, self._copies, self._most_pixels)
            return _raw(header, content, self._version, self._most_pixels)
        except ValueError as error:
            self._unread.append(f"frame {number}: {error}")
            return b""


def _version(file: BinaryIO, path: Path) -> bytes:
    magic = file.read(_MAGIC_BYTES)
    version = magic.removeprefix(_MAGIC)
    if magic == version or version not in _VERSIONS:
        raise InputError(f"{path} is no stream of OpenMV's ImageIO, version 1.0, 1.1 or 2.0; take it out of the folder")
    return version


def _header(file: BinaryIO, version: bytes) -> _Header | None:
    """The header of the next frame, None where there is none that makes sense."""
    layout = _HEADER if version == b"2.0" else _OLD_HEADER
    content = file.read(layout.size)
    if len(content) < layout.size:
        return None
    elapsed, width, height, pixels, *size = layout.unpack(content)
    if not 0 < width <= _LONGEST_SIDE or not 0 < height <= _LONGEST_SIDE:
        return None
    if size:
        kind, variant, stored = pixels >> 16 & 0xFF, pixels >> 8 & 0xFF, size[0]
        if kind not in set(_Pixels):
            return None
        kind = _Pixels(kind)
    else:
        kind, variant, stored = (_OLD_PIXELS[pixels] if pixels < len(_OLD_PIXELS) else _Pixels.JPEG), 0, pixels
    length = _length(kind, variant, width, height, stored)
    return _Header(elapsed, width, height, kind, variant, length) if length <= _MOST_BYTES else None


def _length(kind: _Pixels, variant: int, width: int, height: int, stored: int) -> int:
    match kind:
        case _Pixels.JPEG | _Pixels.PNG:
            return stored
        case _Pixels.BINARY:
            return (width + 31) // 32 * 4 * height  # a row fills whole words
        case _Pixels.GREY:
            return width * height * (2 if variant else 1)
        case _Pixels.BAYER:
            return width * height
        case _:
            return 2 * width * height


def _raw(header: _Header, content: bytes, version: bytes, most_pixels: float) -> VideoFrame:
    """Pixels as the camera holds them in its memory."""
    if header.width * header.height > most_pixels:
        raise ValueError(f"{header.width}x{header.height} pixels, more than extract.max_megapixels")
    if header.pixels is _Pixels.BINARY:
        rows = np.frombuffer(content, np.uint8).reshape(header.height, -1)
        content = (np.unpackbits(rows, axis=1, bitorder="little")[:, : header.width] * np.uint8(255)).tobytes()
    if header.pixels is _Pixels.RGB565:
        return _from_rgb565(header, content, version)
    decoder = av.CodecContext.create("rawvideo", "r")
    decoder.width, decoder.height, decoder.pix_fmt = header.width, header.height, _layout(header)
    [frame] = decoder.decode(av.Packet(content))
    frame.color_range = ColorRange.JPEG
    # FFmpeg's direct way from a Bayer pattern to JPEG colours knows the range of video alone.
    return frame.reformat(format="rgb24") if header.pixels is _Pixels.BAYER else frame


def _from_rgb565(header: _Header, content: bytes, version: bytes) -> VideoFrame:
    """With full white at 255, as the camera expands it; FFmpeg stops at 248."""
    order = ">u2" if version == b"1.0" else "<u2"  # 1.0 swapped the bytes
    pixels = np.frombuffer(content, order).reshape(header.height, header.width)
    red, green, blue = pixels >> 11, pixels >> 5 & 0x3F, pixels & 0x1F
    channels = [red << 3 | red >> 2, green << 2 | green >> 4, blue << 3 | blue >> 2]
    return VideoFrame.from_ndarray(np.stack(channels, axis=-1).astype(np.uint8), "rgb24")


def _layout(header: _Header) -> str:
    """FFmpeg's name of the pixel format."""
    match header.pixels:
        case _Pixels.BINARY:
            return "gray"
        case _Pixels.GREY:
            return _GREY[bool(header.variant)]
        case _Pixels.BAYER:
            return _BAYER[header.variant % len(_BAYER)]
        case _:
            return _YUV[header.variant % len(_YUV)]
