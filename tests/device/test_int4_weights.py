"""Files whose weights have 4 bits: their size, arena and cost beside the same networks with int8 weights."""

from pathlib import Path

import pytest

from tests.device.networks import Network
from tinyinspect.device.check import read_accelerator
from tinyinspect.device.checks import check_model
from tinyinspect.device.graph import Graph
from tinyinspect.device.vela import compile_for_ethos_u
from tinyinspect.device.verdict import Examined, examine
from tinyinspect.errors import InputError


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Examined, Examined]:
    """A network with int8 weights, and the same with int4 ones: an odd number of them in one layer."""
    found = []
    for name in ("int8", "int4"):
        network = Network()
        x = network.conv(network.input(1, 16, 16, 3), 5)
        made = network.dense(network.average_pool(network.conv(x, 8, kernel=1)), 3)
        if name == "int4":
            network.narrow()
        found.append(examine(network.write(tmp_path / f"{name}.tflite", made)))
    return found[0], found[1]


def weight_bytes(graph: Graph) -> int:
    return sum(graph.input_of(one, 1).bytes for one in graph.operators if len(one.inputs) == 3)


def test_they_run_and_take_half_the_bytes_and_the_same_arena(pair: tuple[Examined, Examined]) -> None:
    wide, narrow = pair
    assert narrow.refusal == ""
    assert weight_bytes(wide.graph) == 135 + 40 + 24
    assert weight_bytes(narrow.graph) == 68 + 20 + 12
    assert narrow.arena_bytes == wide.arena_bytes


def test_their_cost_is_a_range_above_that_of_int8(pair: tuple[Examined, Examined]) -> None:
    wide, narrow = pair
    assert wide.cost.instructions.exact and not narrow.cost.instructions.exact
    assert narrow.cost.instructions.low > wide.cost.instructions.high
    assert set(narrow.cost.estimated) == {"CONV_2D", "FULLY_CONNECTED"}
    assert narrow.cost.macs == wide.cost.macs


def test_the_verdict_says_what_was_not_shown(pair: tuple[Examined, Examined]) -> None:
    wide, narrow = pair
    assert not [one for one in check_model(wide.graph) if one.check == "int4 weights"]
    (finding,) = [one for one in check_model(narrow.graph) if one.check == "int4 weights"]
    assert finding.kind is None and "in 3 layers" in finding.found and "device-check" in finding.found


def test_vela_is_not_asked_to_compile_them(pair: tuple[Examined, Examined], tmp_path: Path) -> None:
    accelerator = read_accelerator(Path("conf/accelerator/ethos_u55.yaml"))
    with pytest.raises(InputError, match=r"cannot compile the int4 weights .* quantize with quantize=qat"):
        compile_for_ethos_u(pair[1].graph.path, accelerator, tmp_path / "compiled.tflite")
