from pathlib import Path

import pytest

from tinyinspect.config.board import Board
from tinyinspect.device.boards import read_board
from tinyinspect.device.memory import (
    PROGRAM_BYTES,
    SETTINGS_BYTES,
    STATE_BYTES,
    Need,
    Storage,
    frame_buffers,
    model_ram,
    rooms,
    rooms_together,
)

H7 = read_board(Path("conf/board"), "openmv_h7")  # heap 270336 + 65536, ROMFS 131072
M7 = read_board(Path("conf/board"), "openmv_m7")  # heap 51200 in one block


def _fitting(board: Board, ram: int, file: int, firmware: str = "5.0.0") -> list[Storage]:
    """Storages that fit a model whose interpreter and arena take ``ram`` bytes of heap, in one block."""
    board = board.model_copy(update={"firmware": firmware})
    return [room.storage for room in rooms(board, Need(_arena(ram), file)) if room.fits]


def _arena(ram: int) -> int:
    """The largest arena that takes ``ram`` bytes of heap with its interpreter."""
    return ram - STATE_BYTES - 512


def _file(copied: int) -> int:
    """The largest file that takes ``copied`` bytes of heap: whole lines of 32 bytes, and 31 to align them."""
    return (copied - 31) // 32 * 32


def test_an_arena_as_the_firmware_allocates_it() -> None:
    assert model_ram(25_972) == 26_496
    assert model_ram(16) == 528 and model_ram(17) == 544


@pytest.mark.parametrize(
    ("ram", "file", "fitting"),
    [
        (270_336, 65_000, [Storage.ROMFS, Storage.DISK]),  # arena and file in a heap block each
        (270_336, 65_537, [Storage.ROMFS]),
        (270_336 + 16, 65_000, [Storage.ROMFS]),  # the interpreter needs the other block
        (270_336 + STATE_BYTES + 16, 100, []),
        (100_000, 131_073, [Storage.DISK]),  # side by side in the larger block
        (110_000, 177_000, []),  # the file has room in the heap, and then the arena has not
        (65_536, _file(270_336), [Storage.DISK]),  # the file in the larger block
        (65_536, _file(270_336) + 1, [Storage.UMA]),  # the heap has no room for the file: beside the frame buffers
        (270_336, 333_288, [Storage.UMA]),
        (270_336, 491_520 - 320 * 240 * 2, [Storage.UMA]),
        (270_336, 491_520 - 320 * 240 * 2 + 1, []),
    ],
)
def test_arena_and_file_on_a_board_of_two_heap_blocks(ram: int, file: int, fitting: list[Storage]) -> None:
    assert _fitting(H7, ram, file) == fitting


def test_arena_and_file_share_the_only_heap_block() -> None:
    file = _file(20_000)
    assert _fitting(M7, 51_200 - 20_000, file) == [Storage.ROMFS, Storage.DISK]
    assert _fitting(M7, 51_200 - 20_000 + 32, file) == [Storage.ROMFS]


def test_the_program_takes_heap_before_the_model() -> None:
    need = Need(_arena(50_000 - 2 * 16), 40_000)
    assert rooms(M7, need)[0].fits and not rooms(M7, need, program_bytes=2_000)[0].fits


def test_uma_is_for_firmware_5_alone() -> None:
    assert _fitting(H7, 270_336, 333_288) == [Storage.UMA]
    assert _fitting(H7, 270_336, 333_288, "4.8.1") == [Storage.FRAME_MEMORY]
    assert Storage.UMA not in [room.storage for room in rooms(_older("4.8.1"), Need(1, 1))]


def test_what_a_model_in_uma_leaves_for_the_pictures() -> None:
    assert frame_buffers(H7, 333_288) == 1
    assert frame_buffers(H7, 100_000) == 3


def _older(firmware: str) -> Board:
    return H7.model_copy(update={"firmware": firmware})


def test_older_firmware_has_no_romfs_and_loads_into_frame_memory() -> None:
    assert _fitting(H7, 100_000, 131_072, "4.5.9") == [Storage.DISK, Storage.FRAME_MEMORY]
    assert _fitting(H7, 270_336, 131_072, "4.8.1") == [Storage.ROMFS, Storage.FRAME_MEMORY]


def test_the_frame_memory_keeps_room_for_a_picture() -> None:
    free = H7.frame_bytes - 320 * 240 * 2
    assert Storage.FRAME_MEMORY in _fitting(H7, 10_000, free, "4.8.1")
    assert Storage.FRAME_MEMORY not in _fitting(H7, 10_000, free + 1, "4.8.1")


def test_an_obstacle_gives_both_figures() -> None:
    obstacle = rooms(H7, Need(300_000, 1000))[0].obstacle
    assert "300000" in obstacle and "270336" in obstacle


KB = 1024
DISK, ROMFS = Storage.DISK, Storage.ROMFS


@pytest.mark.parametrize(
    ("gate", "classifier", "storages"),
    [
        (Need(60 * KB, 40 * KB), Need(30 * KB, 20 * KB), (DISK, DISK)),  # side by side
        (Need(120 * KB, 90 * KB), Need(50 * KB, 36 * KB), (DISK, ROMFS)),  # the smaller file makes room
        (Need(150 * KB, 120 * KB), Need(30 * KB, 30 * KB), (ROMFS, DISK)),
        (Need(200 * KB, 90 * KB), Need(60 * KB, 36 * KB), (ROMFS, ROMFS)),  # each arena in a block of its own
        (Need(200 * KB, 100 * KB), Need(60 * KB, 36 * KB), None),  # ROMFS holds one of the files, the heap neither
        (Need(200 * KB, 10 * KB), Need(70 * KB, 10 * KB), None),  # the arenas alone are too much
    ],
)
def test_two_models_share_the_heap(gate: Need, classifier: Need, storages: tuple[Storage, ...] | None) -> None:
    assert rooms_together(H7, [gate, classifier]) == storages


def test_the_h7_holds_a_small_gate_beside_the_default_classifier() -> None:
    assert rooms_together(H7, [Need(165_124, 113_872), Need(25_972, 95_008)]) == (ROMFS, DISK)


def test_without_romfs_both_files_are_in_the_heap() -> None:
    needs = [Need(120 * KB, 90 * KB), Need(50 * KB, 36 * KB)]
    assert rooms_together(H7.model_copy(update={"firmware": "4.5.6"}), needs) is None


def test_two_models_leave_room_for_the_program() -> None:
    block = M7.heap_blocks[0] - PROGRAM_BYTES - SETTINGS_BYTES - 2 * STATE_BYTES - 2 * 512
    assert rooms_together(M7, [Need(block - 16, 0), Need(16, 0)]) == (ROMFS, ROMFS)
    assert rooms_together(M7, [Need(block, 0), Need(16, 0)]) is None


def test_a_second_model_goes_beside_the_pictures_where_the_heap_is_taken() -> None:
    needs = [Need(100 * KB, 300 * KB), Need(20 * KB, 20 * KB)]
    assert rooms_together(H7, needs) == (Storage.UMA, DISK)
    assert rooms_together(_older("4.8.1"), needs) is None
