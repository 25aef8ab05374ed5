"""The board's memory as bars: what the model takes of it."""

from dataclasses import dataclass

from tinyinspect.config.board import Board
from tinyinspect.device.device_file import DeviceFile
from tinyinspect.device.memory import PROGRAM_BYTES, copied_bytes
from tinyinspect.device.storage import Storage


@dataclass(frozen=True)
class Bar:
    """One memory of the board.

    Attributes:
        name: of it.
        total: bytes.
        parts: what takes how many bytes.
    """

    name: str
    total: int
    parts: list[tuple[str, int]]

    @property
    def used(self) -> int:
        """Bytes that are taken."""
        return sum(size for _, size in self.parts)


def bars(device: DeviceFile, board: Board) -> list[Bar]:
    """The heap, the read-only file system where the board has one, the frame memory where a model goes there.

    Args:
        device: the content of ``device.json``.
        board: the section of the parameters.
    """
    file, storage = ("model file", device.file_bytes), device.storage
    heap = [("program", PROGRAM_BYTES), ("interpreter", device.interpreter_bytes)]
    heap += [("arena", device.model_ram_bytes)] if device.model_ram_bytes is not None else []
    heap += [("model file", copied_bytes(file[1]))] if storage == Storage.DISK else []
    found = [Bar("heap", sum(board.heap_blocks), heap)]
    if board.romfs_bytes:
        found.append(Bar("ROMFS", board.romfs_bytes, [file] if storage == Storage.ROMFS else []))
    if storage in (Storage.UMA, Storage.FRAME_MEMORY):
        found.append(Bar("frame memory", board.frame_bytes, [file]))
    return found
