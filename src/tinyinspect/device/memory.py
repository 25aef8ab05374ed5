"""Where models and their arenas find room on a board.

A model takes heap for its interpreter, and a file that is not used in place is copied, into the heap first. What the
firmware does then is told at each step, with the file of OpenMV's source that it comes from.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from tinyinspect.config.board import Board, Npu
from tinyinspect.device.boards import firmware_of
from tinyinspect.device.storage import Storage

FRAME_BUFFER_BYTES = 240 * 240 * 2  # the program's window of a QVGA frame, RGB565
# One RGB565 picture, which needs the frame memory too; what its square window leaves is the firmware's to work in.
_FRAME_BYTES = 320 * 240 * 2
_ARENA_PLANNED_IN_HEAP = (4, 5, 9)  # since this firmware; before, an arena is planned in the frame memory
_ARENA_ALIGNMENT, _ARENA_EXTRA = 16, 512  # lib/tflm/tflm_backend.cc, TF_ARENA_ALIGN and TF_ARENA_EXTRA
_FILE_ALIGNMENT = 32  # modules/py_ml.c, IMLIB_ML_MODEL_ALIGN: a cache line
STATE_BYTES = 6976  # of heap for interpreter, resolver and model state; measured on 4.8.1
# Measured: the program takes 9.7 kB on 4.8.1, settings with a centroid of 512 numbers 12 kB in MicroPython 1.27.
# The program keeps centroids as arrays alone, 4 bytes a number, so that four of them take no more.
PROGRAM_BYTES = 10 * 1024
SETTINGS_BYTES = 12 * 1024


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

    @property
    def ram_bytes(self) -> int:
        """The arena as the firmware allocates it: what ``model.ram`` says on the camera."""
        return model_ram(self.arena_bytes)


def model_ram(arena_bytes: int) -> int:
    """``model.ram`` of an arena of which so many bytes are used (tflm_backend.cc, ml_backend_init_model)."""
    return -(-arena_bytes // _ARENA_ALIGNMENT) * _ARENA_ALIGNMENT + _ARENA_EXTRA


def rooms(board: Board, need: Need, program_bytes: int = 0) -> list[Room]:
    """Every storage that the board and its firmware offer, the best first.

    Args:
        board: with its firmware.
        need: of the model.
        program_bytes: of heap that the program takes before it loads the model.

    Raises:
        InputError: The board's firmware is outside the known range.
    """
    return [
        Room(storage, _obstacle(board, need, storage, program_bytes))
        for storage in (Storage.ROMFS, Storage.DISK, Storage.UMA, Storage.FRAME_MEMORY)
        if _offers(board, storage)
    ]


def frame_buffers(board: Board, file_bytes: int) -> int:
    """Frame buffers of the program's window for which the frame memory has room beside a model's file."""
    return (board.frame_bytes - file_bytes) // FRAME_BUFFER_BYTES


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
    if board.npu is Npu.NEURAL_ART:  # compiled files, from ROMFS alone
        fit = sum(need.file_bytes for need in needs) <= board.romfs_bytes
        return (Storage.ROMFS,) * len(needs) if fit else None
    places = (False, True) if firmware_of(board.firmware).romfs else (False,)
    choices = sorted(product(places, repeat=len(needs)), key=sum)
    found = (_placed(board, needs, choice) for choice in choices)
    return next((storages for storages in found if storages is not None), None)


@dataclass(frozen=True)
class _Free:
    """What is left while models are loaded one after another, in bytes: of each heap block, and beside a picture."""

    blocks: tuple[int, ...]
    frames: int

    def allocated(self, *sizes: int) -> "_Free | None":
        """After sizes were asked for in this order, as MicroPython's allocator looks for room; None where it fails.

        The first block with room takes the size, and nothing moves later; every board's first block is its smaller one.
        """
        blocks = list(self.blocks)
        for size in sizes:
            number = next((number for number, left in enumerate(blocks) if size <= left), None)
            if number is None:
                return None
            blocks[number] -= size
        return replace(self, blocks=tuple(blocks))


def _start(board: Board, program_bytes: int) -> _Free | None:
    return _Free(tuple(sorted(board.heap_blocks)), board.frame_bytes - _FRAME_BYTES).allocated(program_bytes)


def _placed(board: Board, needs: Sequence[Need], in_romfs: Sequence[bool]) -> tuple[Storage, ...] | None:
    kept = list(zip(needs, in_romfs, strict=True))
    if sum(need.file_bytes for need, inside in kept if inside) > board.romfs_bytes:
        return None
    free = _start(board, PROGRAM_BYTES + SETTINGS_BYTES)
    storages = []
    for need, inside in kept:
        candidates = (Storage.ROMFS,) if inside else (Storage.DISK, Storage.UMA)
        loaded = [(one, _loaded(board, free, need, one)) for one in candidates if free and _offers(board, one)]
        storage, free = next(((one, left) for one, left in loaded if left is not None), (None, None))
        if storage is None:
            return None
        storages.append(storage)
    return tuple(storages)


def _loaded(board: Board, free: _Free, need: Need, storage: Storage) -> _Free | None:
    """What is left after a model is loaded from a storage; None where it does not load."""
    interpreter = need.ram_bytes, STATE_BYTES
    match storage:
        case Storage.ROMFS:
            return free.allocated(*interpreter)
        case Storage.DISK:
            return free.allocated(copied_bytes(need.file_bytes), *interpreter)
        case Storage.UMA:
            # modules/py_ml.c of 5.0.0: only a file for which the heap itself has no room goes there. One that it has
            # room for stays, even where the arena then finds none.
            if free.allocated(copied_bytes(need.file_bytes)) or need.file_bytes > free.frames:
                return None
            left = free.allocated(*interpreter)
            return left and replace(left, frames=free.frames - need.file_bytes)
        case Storage.FRAME_MEMORY:
            # modules/py_ml.c up to 4.8: fb_alloc, on load_to_fb.
            beside = 0 if _version(board) >= _ARENA_PLANNED_IN_HEAP else need.arena_bytes
            return free.allocated(*interpreter) if need.file_bytes + beside <= free.frames else None


def _offers(board: Board, storage: Storage) -> bool:
    firmware = firmware_of(board.firmware)
    return {
        Storage.ROMFS: firmware.romfs,
        Storage.DISK: True,
        Storage.UMA: firmware.uma,
        Storage.FRAME_MEMORY: firmware.load_to_fb,
    }[storage]


def _obstacle(board: Board, need: Need, storage: Storage, program_bytes: int) -> str:
    """Why a model does not load from a storage; empty where it does."""
    free = _start(board, program_bytes)
    if free is not None:
        if storage is Storage.ROMFS and need.file_bytes > board.romfs_bytes:
            return f"file of {need.file_bytes} bytes, ROMFS {board.romfs_bytes}"
        if _loaded(board, free, need, storage) is not None:
            return ""
    return "; ".join(_reasons(board, free, need, storage))


def _reasons(board: Board, free: _Free | None, need: Need, storage: Storage) -> Iterator[str]:
    arena = f"arena of {need.arena_bytes} bytes (model.ram {need.ram_bytes}, interpreter {STATE_BYTES})"
    if free is None or not free.allocated(need.ram_bytes, STATE_BYTES):
        yield f"{arena}, heap {heap_text(board)}; the arena must fit one block"
        return
    in_heap = free.allocated(copied_bytes(need.file_bytes)) is not None
    if storage is Storage.DISK:
        yield f"{arena} and file of {need.file_bytes} bytes, heap {heap_text(board)}"
    elif storage is Storage.UMA and in_heap:
        yield f"the firmware copies a file of {need.file_bytes} bytes into the heap, which has room for it"
    else:
        arena_too = storage is Storage.FRAME_MEMORY and _version(board) < _ARENA_PLANNED_IN_HEAP
        what = f"file of {need.file_bytes}" + (f" and arena of {need.arena_bytes}" if arena_too else "")
        yield f"{what} bytes, frame memory {free.frames} beside a picture"


def heap_text(board: Board) -> str:
    """The heap's blocks in bytes, the largest first."""
    return " + ".join(str(block) for block in sorted(board.heap_blocks, reverse=True))


def copied_bytes(file_bytes: int) -> int:
    """Heap that a copy of a file takes: whole cache lines, and what aligning its start may cost (modules/py_ml.c)."""
    return -(-file_bytes // _FILE_ALIGNMENT) * _FILE_ALIGNMENT + _FILE_ALIGNMENT - 1


def _version(board: Board) -> tuple[int, ...]:
    return tuple(int(part) for part in board.firmware.split("."))
