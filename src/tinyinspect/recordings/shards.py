"""Write the frames of a recording into WebDataset tar shards, and where each one lies into a table.

A sample's key is ``<recording>/<frame>``, its only part ``jpg``; :mod:`tinyinspect.recordings.store` reads single
frames back. The bytes depend on the frames alone: no clock, no user, no host goes into the archive.
"""

import csv
import hashlib
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Self
from urllib.parse import quote

from tinyinspect.recordings.quality import Facts, Quality
from tinyinspect.recordings.stream import Frame

_SHARD_FRAMES = 1000
_SHARD_BYTES = 100_000_000
_BUFFER_BYTES = 1 << 20
_LONGEST_STEM = 80  # with the frame number it fits into the 100 bytes of a plain tar header


def shard_stem(recording: str) -> str:
    """A name for the shards of ``recording``, a path relative to the recordings' folder; no two share one."""
    stem = quote(recording, safe=" ")
    if len(stem) <= _LONGEST_STEM:
        return stem
    return f"{stem[: _LONGEST_STEM - 17]}-{hashlib.sha256(recording.encode()).hexdigest()[:16]}"


def table_of(folder: Path, recording: str) -> Path:
    """Where :class:`ShardWriter` writes the rows of the index, without their header."""
    return folder / f".{shard_stem(recording)}.csv"


def read_back(folder: Path, recording: str) -> Iterator[tuple[Frame, Facts]]:
    """The frames that :class:`ShardWriter` has written, in turn; times and sharpness are as exact as in the table."""
    with ExitStack() as opened, table_of(folder, recording).open(newline="", encoding="utf-8") as table:
        name, shard = "", None
        for _, number, time, width, height, sharpness, bits, own, offset, size in csv.reader(table):
            if own != name or shard is None:
                opened.pop_all().close()
                name, shard = own, opened.enter_context((folder / own).open("rb", buffering=_BUFFER_BYTES))
            shard.seek(int(offset))
            quality = Quality(float(sharpness), int(bits, 16)) if bits else None
            yield Frame(int(number), float(time), shard.read(int(size))), Facts(int(width), int(height), quality)


class ShardWriter:
    """Context manager that writes one recording; nothing of it stays when the block ends with an error."""

    def __init__(self, folder: Path, recording: str):
        self._table = table_of(folder, recording)
        self._folder, self._recording = folder, recording
        self._stem = shard_stem(recording)
        self._shards: list[Path] = []
        self._frames = self._offset = 0  # of the open shard
        # Built once: frames differ in name, size and checksum alone, and tarfile takes 10 times as long to build each.
        self._header = bytearray(tarfile.TarInfo().tobuf(tarfile.USTAR_FORMAT))

    def __enter__(self) -> Self:
        self._rows_file = self._table.open("w", newline="", encoding="utf-8")
        self._rows = csv.writer(self._rows_file, lineterminator="\n")
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        self._close_shard()
        self._rows_file.close()
        if kind is not None:
            for path in (*self._shards, self._table):
                path.unlink()

    def add(self, frame: Frame, facts: Facts) -> None:
        """Append a frame; calls must come in the order of the recording."""
        header = self._header_of(frame)
        padding = bytes(-len(frame.jpeg) % tarfile.BLOCKSIZE)
        end = self._offset + len(header) + len(frame.jpeg) + len(padding)
        if not self._shards or self._frames == _SHARD_FRAMES or end > _SHARD_BYTES:
            self._next_shard()
        self._shard.write(header)
        self._shard.write(frame.jpeg)
        self._shard.write(padding)
        self._rows.writerow(
            (
                self._recording,
                frame.number,
                f"{frame.time:.6f}",
                facts.width,
                facts.height,
                "" if facts.quality is None else f"{facts.quality.sharpness:.3f}",
                "" if facts.quality is None else f"{facts.quality.hash:016x}",
                self._shards[-1].name,
                self._offset + len(header),
                len(frame.jpeg),
            )
        )
        self._frames += 1
        self._offset += len(header) + len(frame.jpeg) + len(padding)

    def _header_of(self, frame: Frame) -> bytearray:
        header = self._header
        header[:100] = f"{self._stem}/{frame.number:06d}.jpg".encode().ljust(100, b"\0")
        header[124:136] = b"%011o\0" % len(frame.jpeg)
        header[148:156] = b" " * 8  # the checksum counts its own field as blanks
        header[148:156] = b"%06o\0 " % sum(header)
        return header

    def _next_shard(self) -> None:
        self._close_shard()
        self._shards.append(self._folder / f"{self._stem}-{len(self._shards):06d}.tar")
        self._shard = self._shards[-1].open("wb", buffering=_BUFFER_BYTES)
        self._frames = self._offset = 0

    def _close_shard(self) -> None:
        if self._shards:
            self._shard.write(bytes(2 * tarfile.BLOCKSIZE))
            self._shard.close()
