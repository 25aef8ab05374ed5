import json
from pathlib import Path

import pandas as pd
import pytest

from tests.device.networks import TYPES, Network, resnet9
from tinyinspect.device.boards import read_boards
from tinyinspect.device.findings import Kind
from tinyinspect.device.storage import Storage
from tinyinspect.device.verdict import OWN, verify
from tinyinspect.device.verdict_text import boards_table, verdict_text, write_layer_costs
from tinyinspect.errors import InputError
from tinyinspect.files import write_json

BOARDS = read_boards(Path("conf/board"))


def test_a_network_that_fits(tmp_path: Path) -> None:
    verdict = verify(resnet9(tmp_path / "net.tflite", stem_stride=2), BOARDS["openmv_h7"], BOARDS.values(), origin=OWN)
    assert verdict.fits and verdict.storage is Storage.ROMFS and verdict.changes == ()
    assert all(finding.kind is None for finding in verdict.findings)
    verdict.insist()
    write_json(verdict.as_file(), tmp_path / "device.json")
    metrics = json.loads((tmp_path / "device.json").read_text())
    assert (metrics["board"], metrics["firmware"], metrics["fits"]) == ("openmv_h7", "5.0.0", True)
    assert (metrics["macs"], metrics["arena_bytes"]) == (4_169_776, 30_964)
    assert metrics["file_bytes"] == (tmp_path / "net.tflite").stat().st_size
    assert metrics["model_ram_bytes"] == 31_488 and metrics["interpreter_bytes"] == 6_976
    assert metrics["instructions"] == metrics["instructions_low"]
    assert metrics["milliseconds"] == pytest.approx((metrics["instructions"] + 630_000) * 1.28 / 480e3, abs=0.01)
    assert metrics["milliseconds_low"] == pytest.approx((metrics["instructions"] + 390_000) * 1.28 / 480e3, abs=0.01)
    assert "1.28 cycles per instruction (assumed)" in verdict_text(verdict)


def test_a_network_too_large_says_why_and_what_would_fit(tmp_path: Path) -> None:
    verdict = verify(resnet9(tmp_path / "net.tflite"), BOARDS["openmv_m7"], BOARDS.values())
    assert not verdict.fits and verdict.storage is None
    assert verdict.as_file().reasons[0].startswith("memory, romfs, disk, uma: arena of 104692 bytes")
    with pytest.raises(InputError, match=r"does not run on OpenMV Cam M7: .*it would fit with input of 32") as refused:
        verdict.insist()
    assert "\n" not in str(refused.value)
    assert "NO    memory, romfs" in verdict_text(verdict)


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
    assert table["instructions"].sum() == verdict.cost.instructions.high
    assert table["macs"].sum() == verdict.cost.macs


def test_the_table_has_a_row_for_every_board(tmp_path: Path) -> None:
    path = resnet9(tmp_path / "net.tflite")
    lines = boards_table(verify(path, board, []) for board in BOARDS.values()).splitlines()
    assert len(lines) == 2 + len(BOARDS)
    assert all(line.count("|") == lines[0].count("|") for line in lines)
    assert [line.split("|")[3].strip() for line in lines if "M7" in line] == ["no"]


def test_the_same_file_is_an_error_of_our_own_and_a_question_of_a_foreign_one(tmp_path: Path) -> None:
    network = Network()
    x = network.input(1, 16, 16, 3, scale=1.0)
    path = network.write(tmp_path / "net.tflite", network.conv(x, 8))
    foreign = verify(path, BOARDS["openmv_h7"], [])
    assert foreign.fits and foreign.of_kind(Kind.SEES) and "?     input" in verdict_text(foreign)
    own = verify(path, BOARDS["openmv_h7"], [], origin=OWN)
    assert not own.fits and "NO    input" in verdict_text(own)
    with pytest.raises(InputError, match="it was trained on 0 to 1"):
        own.insist()


def test_what_costs_is_told_with_its_instructions_and_refuses_nothing(tmp_path: Path) -> None:
    network = Network()
    x = network.input(1, 32, 32, 3, dtype=TYPES.FLOAT32)
    inner = network.operator("QUANTIZE", [x], network.shape(x), scales=[1 / 255], zero_points=[-128])
    made = network.conv(inner, 8)
    path = network.write(
        tmp_path / "net.tflite", network.operator("DEQUANTIZE", [made], network.shape(made), dtype=TYPES.FLOAT32)
    )
    verdict = verify(path, BOARDS["openmv_h7"], [])
    assert verdict.fits and verdict.cost.estimated == ["DEQUANTIZE", "QUANTIZE"]
    costs = verdict.of_kind(Kind.COSTS)
    assert costs[0].startswith("QUANTIZE: 1, 0.04 to 0.25 M instructions") and costs[1].startswith("DEQUANTIZE: 1")
    found = verdict.as_file()
    assert found.instructions_low < found.instructions and found.costs == costs


def test_a_float_network_loads_and_costs(tmp_path: Path) -> None:
    network = Network()
    x = network.input(1, 16, 16, 3, dtype=TYPES.FLOAT32)
    path = network.write(
        tmp_path / "net.tflite",
        network.operator("ADD", [x, x], network.shape(x), network.add_options(), dtype=TYPES.FLOAT32),
    )
    verdict = verify(path, BOARDS["openmv_h7"], [])
    assert verdict.fits and verdict.of_kind(Kind.COSTS)[0].startswith("float operators: 1")


def test_an_audio_model_is_judged_by_loading_and_cost_alone(tmp_path: Path) -> None:
    network = Network()
    path = network.write(tmp_path / "net.tflite", network.softmax(network.dense(network.input(1, 1960), 4)))
    verdict = verify(path, BOARDS["openmv_h7"], BOARDS.values())
    assert verdict.fits and not verdict.of_kind(Kind.SEES) and verdict.cost.resize.high == 0


def test_the_n6_takes_what_its_own_compiler_takes(tmp_path: Path) -> None:
    network = Network()
    x = network.conv(network.input(1, 8, 8, 3), 8)
    path = network.write(tmp_path / "net.tflite", network.operator("GELU", [x], network.shape(x)))
    verdict = verify(path, BOARDS["openmv_n6"], [])
    assert verdict.fits and verdict.milliseconds is None and verdict.arena_bytes is None
    assert "OpenMV IDE compiles the file" in verdict_text(verdict)
    small = BOARDS["openmv_n6"].model_copy(update={"romfs_bytes": 100})
    assert not verify(path, small, []).fits
