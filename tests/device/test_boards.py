from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir

from tinyinspect.camera import Fit
from tinyinspect.config.board import BoardName
from tinyinspect.device.boards import firmware_of, read_board, read_boards
from tinyinspect.errors import InputError

BOARDS = Path("conf/board")


def test_every_board_is_described_under_its_own_name() -> None:
    boards = read_boards(BOARDS)
    assert set(boards) == set(BoardName)
    assert all(board.name == name for name, board in boards.items())
    for board in boards.values():
        assert firmware_of(board.firmware).fit is Fit.STRETCH


@pytest.mark.parametrize(
    ("name", "accelerator"), [("nicla_vision", "none"), ("openmv_ae3", "ethos_u55"), ("openmv_n6", "none")]
)
def test_hydra_composes_the_same_board_with_its_accelerator(name: str, accelerator: str) -> None:
    with initialize_config_dir(str(Path("conf").resolve()), version_base=None):
        composed = compose("config", [f"board={name}"])
    assert dict(composed.board) == read_board(BOARDS, name).model_dump(mode="json")
    assert composed.accelerator.name == accelerator


def test_the_core_of_an_ae3_may_be_chosen_in_place_of_its_npu() -> None:
    with initialize_config_dir(str(Path("conf").resolve()), version_base=None):
        assert compose("config", ["board=openmv_ae3", "accelerator=none"]).accelerator.name == "none"


def test_a_misspelt_board_is_one_sentence() -> None:
    with pytest.raises(InputError, match="unknown board 'openmvh7'; did you mean 'openmv_h7'"):
        read_board(BOARDS, "openmvh7")


def test_a_folder_without_boards_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no board"):
        read_boards(tmp_path)


def test_a_board_file_with_an_unknown_key_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").write_text((BOARDS / "openmv_h7.yaml").read_text() + "color: red\n")
    with pytest.raises(InputError, match="describes no board") as refused:
        read_boards(tmp_path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("version", "romfs", "load_to_fb", "uma", "fit"),
    [
        ("4.5.6", False, True, False, Fit.CROP),
        ("4.5.9", False, True, False, Fit.CROP),
        ("4.6.20", True, True, False, Fit.CROP),
        ("4.8.1", True, True, False, Fit.CROP),
        ("5.0.0", True, False, True, Fit.STRETCH),
    ],
)
def test_what_a_firmware_changes(version: str, romfs: bool, load_to_fb: bool, uma: bool, fit: Fit) -> None:
    firmware = firmware_of(version)
    assert (firmware.romfs, firmware.load_to_fb, firmware.uma, firmware.fit) == (romfs, load_to_fb, uma, fit)


@pytest.mark.parametrize("version", ["4.5.5", "5.0.1", "6.0.0", "0.0.0"])
def test_a_firmware_out_of_range_is_one_sentence(version: str) -> None:
    with pytest.raises(InputError, match=r"outside what is known; choose one from 4\.5\.6 to 5\.0\.0"):
        firmware_of(version)


@pytest.mark.parametrize("version", ["5", "five", "4.8.x", "4.8.1-dev", ""])
def test_a_firmware_that_is_no_version_is_one_sentence(version: str) -> None:
    with pytest.raises(InputError, match="is no version"):
        firmware_of(version)
