from pathlib import Path

import pytest

from tinyinspect.config import Board
from tinyinspect.device.boards import read_board
from tinyinspect.device.memory import Storage, rooms

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
