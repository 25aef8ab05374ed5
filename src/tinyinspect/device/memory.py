"""Where models and their arenas find room on a board."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

from tinyinspect.config.board import Board
from tinyinspect.device.boards import firmware_of

# One RGB565 picture, which needs the frame memory too; what its square window leaves is the firmware's to work in.
_FRAME_BYTES = 320 * 240 * 2
_ARENA_PLANNED_IN_HEAP = (4, 5, 9)  # since this firmware; before, an arena is planned in the frame memory
# Measured in MicroPython 1.27: the program compiled takes 18 kB, settings with a centroid of 512 numbers 12 kB.
PROGRAM_BYTES = 32 * 1024


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


@dataclass(frozen=True)
class Need:
    """What a model takes, in bytes: its arena, and its file where that is not used in place."""

    arena_bytes: int
    file_bytes: int


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


def rooms_together(board: Board, needs: Sequence[Need]) -> tuple[Storage, ...] | None:
    """Where several models are kept to run side by side in one program, or None where they cannot.

    Args:
        board: with its firmware.
        needs: of the models, in the order in which the program loads them.

    Returns:
        A storage for each model, as few of them in ROMFS as will do: the program's drive needs no preparing.

    Raises:
        InputError: The board's firmware is outside the known range.
    """
    storages = (Storage.DISK, Storage.ROMFS) if firmware_of(board.firmware).romfs else (Storage.DISK,)
    choices = sorted(product(storages, repeat=len(needs)), key=lambda choice: choice.count(Storage.ROMFS))
    return next((choice for choice in choices if _fit_together(board, needs, choice)), None)


def _fit_together(board: Board, needs: Sequence[Need], choice: tuple[Storage, ...]) -> bool:
    kept = list(zip(needs, choice, strict=True))
    in_romfs = sum(need.file_bytes for need, storage in kept if storage is Storage.ROMFS)
    asked = [PROGRAM_BYTES] + [
        size
        for need, storage in kept
        for size in ([need.arena_bytes] if storage is Storage.ROMFS else [need.file_bytes, need.arena_bytes])
    ]
    return in_romfs <= board.romfs_bytes and _fit_heap(board, asked)


def _fit_heap(board: Board, sizes: list[int]) -> bool:
    """Whether sizes asked for in this order find room, as MicroPython's allocator looks for it.

    The first block with room takes the size, and nothing moves later; every board's first block is its smaller one.
    """
    free = sorted(board.heap_blocks)
    for size in sizes:
        block = next((number for number, left in enumerate(free) if size <= left), None)
        if block is None:
            return False
        free[block] -= size
    return True


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
    if _fit_heap(board, [file_bytes, arena_bytes]):
        return ""
    return f"arena of {arena_bytes} and file of {file_bytes} bytes, heap {heap_text(board)}"


def heap_text(board: Board) -> str:
    """The heap's blocks in bytes, the largest first."""
    return " + ".join(str(block) for block in sorted(board.heap_blocks, reverse=True))


def _frame_memory_obstacle(board: Board, arena_bytes: int, file_bytes: int) -> str:
    free = board.frame_bytes - _FRAME_BYTES
    if file_bytes > free:
        return f"file of {file_bytes} bytes, frame memory {free} beside a picture"
    planned_there = tuple(int(part) for part in board.firmware.split(".")) < _ARENA_PLANNED_IN_HEAP
    if planned_there and file_bytes + arena_bytes > free:
        return f"file of {file_bytes} and arena of {arena_bytes} bytes, frame memory {free} beside a picture"
    return _arena_obstacle(board, arena_bytes)
