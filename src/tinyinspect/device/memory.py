"""Where a model and its arena find room on a board."""

from dataclasses import dataclass
from enum import StrEnum

from tinyinspect.config import Board
from tinyinspect.device.boards import firmware_of

_FRAME_BYTES = 320 * 240 * 2  # one RGB565 picture, which needs the frame memory too


class Storage(StrEnum):
    """Where the camera keeps the model while it runs."""

    ROMFS = "romfs"  # used in place
    DISK = "disk"  # SD card or flash disk: copied into the heap, beside the arena
    FRAME_MEMORY = "frame_memory"  # copied there by load_to_fb, before firmware 5.0.0


@dataclass(frozen=True)
class Room:
    """Whether a model can run from one storage; ``obstacle`` says why not."""

    storage: Storage
    obstacle: str

    @property
    def fits(self) -> bool:
        """Whether nothing stands against it."""
        return not self.obstacle


def rooms(board: Board, arena_bytes: int, file_bytes: int) -> list[Room]:
    """Every storage that the board and its firmware offer, the best first.

    Raises:
        InputError: The board's firmware is outside the known range.
    """
    firmware = firmware_of(board.firmware)
    offered = [Room(Storage.DISK, _disk_obstacle(board, arena_bytes, file_bytes))]
    if firmware.romfs:
        offered.insert(0, Room(Storage.ROMFS, _romfs_obstacle(board, arena_bytes, file_bytes)))
    if firmware.load_to_fb:
        offered.append(Room(Storage.FRAME_MEMORY, _frame_memory_obstacle(board, arena_bytes, file_bytes)))
    return offered


def _arena_obstacle(board: Board, arena_bytes: int) -> str:
    largest = max(board.heap_blocks)
    if arena_bytes <= largest:
        return ""
    return f"arena of {arena_bytes} bytes, largest heap block {largest}"


def _romfs_obstacle(board: Board, arena_bytes: int, file_bytes: int) -> str:
    if file_bytes > board.romfs_bytes:
        return f"file of {file_bytes} bytes, ROMFS {board.romfs_bytes}"
    return _arena_obstacle(board, arena_bytes)


def _disk_obstacle(board: Board, arena_bytes: int, file_bytes: int) -> str:
    largest, others = max(board.heap_blocks), sorted(board.heap_blocks)[:-1]
    beside = any(
        arena_bytes <= block and (file_bytes <= block - arena_bytes or _fits_elsewhere(board, file_bytes, index))
        for index, block in enumerate(board.heap_blocks)
    )
    if beside:
        return ""
    blocks = " + ".join(str(block) for block in [largest, *others])
    return f"arena of {arena_bytes} and file of {file_bytes} bytes, heap {blocks}"


def _fits_elsewhere(board: Board, file_bytes: int, taken: int) -> bool:
    return any(file_bytes <= block for index, block in enumerate(board.heap_blocks) if index != taken)


def _frame_memory_obstacle(board: Board, arena_bytes: int, file_bytes: int) -> str:
    free = board.frame_bytes - _FRAME_BYTES
    if file_bytes > free:
        return f"file of {file_bytes} bytes, frame memory {free} beside a picture"
    return _arena_obstacle(board, arena_bytes)
