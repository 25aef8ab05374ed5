"""Vela itself, on small networks: what it compiles, what it leaves to the core, and what is said of it."""

from pathlib import Path

import pytest

from tests.device.networks import Network, resnet9
from tinyinspect.device.boards import read_boards
from tinyinspect.device.check import check_file, read_accelerator
from tinyinspect.device.compiled import Made, read_compiled, write_compiled
from tinyinspect.device.findings import Kind
from tinyinspect.device.graph import read_graph
from tinyinspect.device.vela import Compiled, compile_for_ethos_u
from tinyinspect.device.verdict import OWN, examine, judge
from tinyinspect.device.verdict_text import verdict_text
from tinyinspect.errors import InputError

BOARDS = read_boards(Path("conf/board"))
AE3 = BOARDS["openmv_ae3"]
ACCELERATORS = Path("conf/accelerator")
ETHOS_U = read_accelerator(ACCELERATORS / "ethos_u55.yaml")
NONE = read_accelerator(ACCELERATORS / "none.yaml")


def _with_a_core_operator(path: Path) -> Path:
    """A convolution, and an operator that the Ethos-U55 lacks."""
    network = Network()
    x = network.conv(network.input(1, 16, 16, 3), 8)
    return network.write(path, network.operator("FLOOR_MOD", [x, x], network.shape(x)))


def test_a_network_that_the_npu_runs_whole(tmp_path: Path) -> None:
    model = resnet9(tmp_path / "net.tflite", stem_stride=2)
    compiled = compile_for_ethos_u(model, ETHOS_U, tmp_path / "compiled.tflite")
    assert compiled.cpu_operators == () and compiled.report.npu_operators == 19
    assert 0 < compiled.report.milliseconds < 2 and compiled.report.cycles > 10_000
    before, after = read_graph(model), compiled.graph
    for ends in ("inputs", "outputs"):
        (given,), (made,) = ([graph.tensors[index] for index in getattr(graph, ends)] for graph in (before, after))
        assert (given.shape, given.dtype, given.scales, given.zero_points) == (
            made.shape, made.dtype, made.scales, made.zero_points,
        )  # fmt: skip


def test_the_arena_is_what_the_compiler_planned(tmp_path: Path) -> None:
    model = resnet9(tmp_path / "net.tflite", stem_stride=2)
    compiled = compile_for_ethos_u(model, ETHOS_U, tmp_path / "compiled.tflite")
    verdict = judge(examine(model), AE3, [], made=Made(compiled), accelerator=ETHOS_U)
    assert verdict.arena_bytes is not None
    assert 0 < verdict.arena_bytes - compiled.report.sram_bytes < 1_000
    assert verdict.fits and "Vela's estimate" in verdict_text(verdict) and "make device-check" in verdict_text(verdict)
    assert verdict.as_file().npu == compiled.report and compiled.report.npu_operators == 19


def test_operators_left_to_the_core_cost_and_of_our_own_are_refused_beyond_the_limit(tmp_path: Path) -> None:
    model = _with_a_core_operator(tmp_path / "net.tflite")
    compiled = compile_for_ethos_u(model, ETHOS_U, tmp_path / "compiled.tflite")
    assert compiled.cpu_operators == ("FLOOR_MOD",)
    foreign = judge(examine(model), AE3, [], made=Made(compiled), accelerator=ETHOS_U)
    assert foreign.fits and foreign.of_kind(Kind.COSTS) == [
        "NPU: 1 operators on the NPU, 1 on the core (leave FLOOR_MOD out)"
    ]
    refused = judge(examine(model), AE3, [], origin=OWN, made=Made(compiled), accelerator=ETHOS_U)
    assert any("raise accelerator.max_cpu_operators from 0" in reason for reason in refused.reasons)
    roomy = ETHOS_U.model_copy(update={"max_cpu_operators": 1})
    allowed = judge(examine(model), AE3, [], origin=OWN, made=Made(compiled), accelerator=roomy)
    assert allowed.of_kind(Kind.REFUSED) == []


def test_a_core_that_is_left_to_itself_is_told(tmp_path: Path) -> None:
    verdict = judge(examine(resnet9(tmp_path / "net.tflite")), AE3, [])
    assert verdict.fits and verdict.milliseconds is None
    assert any("accelerator=ethos_u55" in sentence for sentence in verdict.of_kind(Kind.COSTS))


def test_a_file_that_was_compiled_before_loads_on_that_board_alone(tmp_path: Path) -> None:
    made = tmp_path / "compiled.tflite"
    compile_for_ethos_u(resnet9(tmp_path / "net.tflite"), ETHOS_U, made)
    found = {one.board.name: one for one in check_file(made, list(BOARDS.values()), [], ACCELERATORS)}
    assert found["openmv_ae3"].fits
    assert "give the file before Vela" in found["openmv_h7"].reasons[0]
    assert "compiled by Vela, for another NPU (give the one before)" in found["openmv_n6"].reasons[0]


def test_the_folder_says_what_is_in_it(tmp_path: Path) -> None:
    model = resnet9(tmp_path / "net.tflite")
    for accelerator, name in ((NONE, "none"), (ETHOS_U, "npu")):
        (tmp_path / name).mkdir()
        written = write_compiled(model, accelerator, tmp_path / name)
        found = read_compiled(tmp_path / name)
        if accelerator is NONE:
            assert written == found == Made() and [path.name for path in (tmp_path / name).iterdir()] == [
                "compiled.json"
            ]
        else:
            assert isinstance(written.ethos_u, Compiled) and isinstance(found.ethos_u, Compiled)
            assert found.ethos_u.report == written.ethos_u.report
    (tmp_path / "npu" / "compiled.json").write_text("[1]")
    with pytest.raises(InputError, match="is no report; run `dvc repro compile`"):
        read_compiled(tmp_path / "npu")


def test_an_unknown_system_is_one_sentence(tmp_path: Path) -> None:
    odd = ETHOS_U.model_copy(update={"system": "RTSS_XX"})
    with pytest.raises(InputError, match=r"Vela refuses .*RTSS_XX") as refused:
        compile_for_ethos_u(resnet9(tmp_path / "net.tflite"), odd, tmp_path / "compiled.tflite")
    assert "\n" not in str(refused.value) and not (tmp_path / "compiled.tflite").exists()
