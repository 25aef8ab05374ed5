import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.device.networks import Network, resnet9
from tinyinspect.device.boards import read_boards
from tinyinspect.device.memory import Storage
from tinyinspect.device.verdict import boards_table, verdict_text, verify, write_layer_costs, write_verdict
from tinyinspect.errors import InputError

BOARDS = read_boards(Path("conf/board"))


def test_a_network_that_fits(tmp_path: Path) -> None:
    verdict = verify(resnet9(tmp_path / "net.tflite", stem_stride=2), BOARDS["openmv_h7"], BOARDS.values())
    assert verdict.fits and verdict.storage is Storage.ROMFS and verdict.changes == ()
    verdict.insist()
    write_verdict(verdict, tmp_path / "device.json")
    metrics = json.loads((tmp_path / "device.json").read_text())
    assert (metrics["board"], metrics["firmware"], metrics["fits"]) == ("openmv_h7", "5.0.0", True)
    assert (metrics["macs"], metrics["arena_bytes"]) == (4_169_776, 30_964)
    assert metrics["file_bytes"] == (tmp_path / "net.tflite").stat().st_size
    assert metrics["milliseconds"] == pytest.approx(metrics["instructions"] * 1.28 / 480e3, abs=0.01)
    assert "1.28 cycles per instruction (assumed)" in verdict_text(verdict)


def test_a_network_too_large_says_why_and_what_would_fit(tmp_path: Path) -> None:
    verdict = verify(resnet9(tmp_path / "net.tflite"), BOARDS["openmv_m7"], BOARDS.values())
    assert not verdict.fits and verdict.storage is None
    assert verdict.metrics()["reasons"][0].startswith("memory, romfs: arena of 104692 bytes")
    with pytest.raises(InputError, match=r"does not run on OpenMV Cam M7: .*it would fit with input of 40") as refused:
        verdict.insist()
    assert "\n" not in str(refused.value)
    assert "NO  memory, romfs" in verdict_text(verdict)


def test_a_model_that_the_allocator_refuses_gets_a_verdict_without_arena(tmp_path: Path) -> None:
    network = Network()
    x = network.conv(network.input(1, 8, 8, 3), 8)
    path = network.write(tmp_path / "net.tflite", network.operator("LSTM", [x], (1, 8)))
    verdict = verify(path, BOARDS["openmv_h7"], BOARDS.values())
    assert verdict.arena_bytes is None and not verdict.fits
    assert any("LSTM" in reason for reason in verdict.reasons)


def test_a_firmware_out_of_range_is_one_sentence(tmp_path: Path) -> None:
    board = BOARDS["openmv_h7"].model_copy(update={"firmware": "4.4.0"})
    with pytest.raises(InputError, match=r"firmware 4\.4\.0 is outside"):
        verify(resnet9(tmp_path / "net.tflite"), board, [])


def test_layer_costs_add_up(tmp_path: Path) -> None:
    verdict = verify(resnet9(tmp_path / "net.tflite"), BOARDS["openmv_h7"], [])
    write_layer_costs(verdict.cost, tmp_path / "layers.csv")
    table = pd.read_csv(tmp_path / "layers.csv")
    assert len(table) == 19 and table["layer"].iloc[3] == "03 ADD"
    assert table["instructions"].sum() == verdict.cost.instructions
    assert table["macs"].sum() == verdict.cost.macs


def test_the_table_has_a_row_for_every_board(tmp_path: Path) -> None:
    path = resnet9(tmp_path / "net.tflite")
    lines = boards_table(verify(path, board, []) for board in BOARDS.values()).splitlines()
    assert len(lines) == 2 + len(BOARDS)
    assert all(line.count("|") == lines[0].count("|") for line in lines)
    assert [line.split("|")[3].strip() for line in lines if "M7" in line] == ["no"]


def _command(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tinyinspect.device", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_prints_the_verdict_and_ends_with_it(tmp_path: Path) -> None:
    path = str(resnet9(tmp_path / "net.tflite"))
    good = _command(path, "--board", "openmv_h7", "--firmware", "4.8.1")
    assert good.returncode == 0 and "firmware 4.8.1" in good.stdout
    bad = _command(path, "--board", "openmv_m7")
    assert bad.returncode == 1 and bad.stderr.startswith("error: ") and bad.stderr.count("\n") == 1


def test_the_command_refuses_a_misspelt_board_in_one_sentence(tmp_path: Path) -> None:
    run = _command(str(tmp_path / "net.tflite"), "--board", "openmv_h8")
    assert run.returncode == 1
    assert run.stderr.startswith("error: unknown board 'openmv_h8'; did you mean") and run.stderr.count("\n") == 1
