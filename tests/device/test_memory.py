from pathlib import Path

import pytest

from tinyinspect.config.board import Board
from tinyinspect.device.boards import read_board
from tinyinspect.device.memory import PROGRAM_BYTES, Need, Storage, rooms, rooms_together

H7 = read_board(Path("conf/board"), "openmv_h7")  # heap 270336 + 65536, ROMFS 131072
M7 = read_board(Path("conf/board"), "openmv_m7")  # heap 51200 in one block


def _fitting(board: Board, arena: int, file: int, firmware: str = "5.0.0") -> list[Storage]:
    board = board.model_copy(update={"firmware": firmware})
    return [room.storage for room in rooms(board, arena, file) if room.fits]


@pytest.mark.parametrize(
    ("arena", "file", "fitting"),
    [
        (270_336, 65_536, [Storage.ROMFS, Storage.DISK]),  # arena and file in a heap block each
        (270_336, 65_537, [Storage.ROMFS]),
        (270_337, 100, []),
        (100_000, 131_073, [Storage.DISK]),  # side by side in the larger block
        (100_000, 170_337, []),
        (65_536, 270_336, [Storage.DISK]),  # the file in the larger block
    ],
)
def test_arena_and_file_on_a_board_of_two_heap_blocks(arena: int, file: int, fitting: list[Storage]) -> None:
    assert _fitting(H7, arena, file) == fitting


def test_arena_and_file_share_the_only_heap_block() -> None:
    assert _fitting(M7, 31_200, 20_000) == [Storage.ROMFS, Storage.DISK]
    assert _fitting(M7, 31_200, 20_001) == [Storage.ROMFS]


def test_older_firmware_has_no_romfs_and_loads_into_frame_memory() -> None:
    assert _fitting(H7, 100_000, 131_072, "4.5.9") == [Storage.DISK, Storage.FRAME_MEMORY]
    assert _fitting(H7, 270_336, 131_072, "4.8.1") == [Storage.ROMFS, Storage.FRAME_MEMORY]


def test_the_frame_memory_keeps_room_for_a_picture() -> None:
    free = H7.frame_bytes - 320 * 240 * 2
    assert Storage.FRAME_MEMORY in _fitting(H7, 1000, free, "4.8.1")
    assert Storage.FRAME_MEMORY not in _fitting(H7, 1000, free + 1, "4.8.1")


def test_an_obstacle_gives_both_figures() -> None:
    obstacle = rooms(H7, 300_000, 1000)[0].obstacle
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
    block = M7.heap_blocks[0] - PROGRAM_BYTES
    assert rooms_together(M7, [Need(block - 8, 8), Need(0, 0)]) == (DISK, DISK)
    assert rooms_together(M7, [Need(block, 8), Need(0, 0)]) == (ROMFS, DISK)
    assert rooms_together(M7, [Need(block, 8), Need(1, 0)]) is None
