from pathlib import Path

from tests.device.networks import resnet9
from tinyinspect.device.arena import arena_of
from tinyinspect.device.boards import read_boards
from tinyinspect.device.changes import changes
from tinyinspect.device.graph import read_graph
from tinyinspect.device.memory import STATE_BYTES, model_ram

BOARDS = read_boards(Path("conf/board"))


def test_the_changes_are_those_that_a_real_network_confirms(tmp_path: Path) -> None:
    path = resnet9(tmp_path / "net.tflite")
    found = changes(read_graph(path), arena_of(path), BOARDS["openmv_m7"], BOARDS.values())
    assert [change.split(" (")[0] for change in found[:3]] == [
        "input of 32 instead of 64 pixels",
        "stem of twice the stride",
        "3/8 of the width",
    ]
    block = max(BOARDS["openmv_m7"].heap_blocks) - STATE_BYTES
    assert model_ram(arena_of(resnet9(tmp_path / "small.tflite", size=32))) <= block
    assert model_ram(arena_of(resnet9(tmp_path / "larger.tflite", size=40))) > block
    strided = arena_of(resnet9(tmp_path / "strided.tflite", stem_stride=2))
    assert found[1] == f"stem of twice the stride (arena {strided} bytes)"
    assert "OpenMV Cam H7" in found[3] and "OpenMV Cam M7" not in found[3]


def test_a_file_too_large_is_helped_by_width_alone(tmp_path: Path) -> None:
    path = resnet9(tmp_path / "net.tflite", stem_stride=2, width=16)
    found = changes(read_graph(path), arena_of(path), BOARDS["openmv_m7"], [])
    assert len(found) == 1 and found[0].startswith("5/8 of the width")
    narrow = resnet9(tmp_path / "narrow.tflite", stem_stride=2, width=10)
    assert narrow.stat().st_size <= BOARDS["openmv_m7"].romfs_bytes
