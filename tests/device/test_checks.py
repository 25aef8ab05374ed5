"""The firmware's rules, both sides of each: a small file that it takes, and one that it refuses.

Where TFLite-Micro on the host knows a rule, the table's truth is its own: it must run the one and refuse the other.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.device.networks import TYPES, Network
from tinyinspect.config.board import Npu
from tinyinspect.device.checks import check_model, supported_operators
from tinyinspect.device.findings import Kind
from tinyinspect.device.graph import read_graph
from tinyinspect.device.verdict import examine

Build = Callable[[Network], int]


def _conv(network: Network) -> int:
    return network.conv(network.input(1, 16, 16, 3), 8)


def _dense(network: Network) -> int:
    return network.dense(_conv(network), 3)


def _dense_per_channel(network: Network) -> int:
    return network.dense(_conv(network), 3, per_channel=True)


def _schema(network: Network) -> int:
    network.model.version = 2
    return _conv(network)


def _relu6(network: Network) -> int:
    x = _conv(network)
    return network.operator("RELU6", [x], network.shape(x))


def _gelu(network: Network) -> int:
    x = _conv(network)
    return network.operator("GELU", [x], network.shape(x))


def _external_weights(network: Network) -> int:
    made = _conv(network)
    buffer = network.model.buffers[1]
    buffer.data, buffer.offset, buffer.size = None, 4096, 216
    return made


def _uint8_ends(network: Network) -> int:
    x = network.input(1, 16, 16, 3, dtype=TYPES.UINT8, zero_point=0)
    inner = network.operator("QUANTIZE", [x], network.shape(x), scales=[1 / 255], zero_points=[-128])
    made = network.conv(inner, 8)
    return network.operator("QUANTIZE", [made], network.shape(made), dtype=TYPES.UINT8, zero_points=[128])


def _uint8_body(network: Network) -> int:
    x = network.input(1, 16, 16, 3, dtype=TYPES.UINT8, zero_point=0)
    return network.operator("ADD", [x, x], network.shape(x), network.add_options(), dtype=TYPES.UINT8)


def _float_ends(network: Network) -> int:
    x = network.input(1, 16, 16, 3, dtype=TYPES.FLOAT32)
    inner = network.operator("QUANTIZE", [x], network.shape(x), scales=[1 / 255], zero_points=[-128])
    made = network.conv(inner, 8)
    return network.operator("DEQUANTIZE", [made], network.shape(made), dtype=TYPES.FLOAT32)


def _float_body(network: Network) -> int:
    x = network.input(1, 16, 16, 3, dtype=TYPES.FLOAT32)
    return network.operator("ADD", [x, x], network.shape(x), network.add_options(), dtype=TYPES.FLOAT32)


def _int16_output(network: Network) -> int:
    made = _conv(network)
    return network.operator("QUANTIZE", [made], network.shape(made), dtype=TYPES.INT16)


def _int32_output(network: Network) -> int:
    made = _conv(network)
    return network.operator("QUANTIZE", [made], network.shape(made), dtype=TYPES.INT32)


def _four_dimensions(network: Network) -> int:
    return network.reshape(_conv(network), (1, 16, 16, 8))


def _five_dimensions(network: Network) -> int:
    return network.reshape(_conv(network), (1, 16, 16, 2, 4))


@dataclass(frozen=True)
class Rule:
    check: str
    taken: Build
    refused: Build
    says: str
    host_knows: bool  # whether TFLite-Micro on the host refuses it as well


RULES = [
    Rule("schema", _conv, _schema, "version 2 .*convert to schema 3", host_knows=False),
    Rule("operators", _relu6, _gelu, "the firmware has no GELU .*leave it out", host_knows=True),
    Rule("dense layers", _dense, _dense_per_channel, "3 scales .*_experimental_disable_per_channel", host_knows=False),
    Rule("buffers", _conv, _external_weights, "1 tensors stored behind the flatbuffer", host_knows=False),
    Rule("TFLite-Micro", _uint8_ends, _uint8_body, "TFLite-Micro refuses", host_knows=True),
    Rule("output type", _int16_output, _int32_output, "int32 .*cast it to one of int8", host_knows=False),
    Rule("output shape", _four_dimensions, _five_dimensions, "5 dimensions", host_knows=False),
]


def _refusals(path: Path, build: Build) -> dict[str, str]:
    network = Network()
    network.write(path, build(network))
    return _of_file(path)


def _of_file(path: Path) -> dict[str, str]:
    found = {one.check: one.sentence for one in check_model(read_graph(path)) if one.kind is Kind.REFUSED}
    refusal = examine(path).refusal
    return found | ({"TFLite-Micro": refusal} if refusal else {})


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.check)
def test_a_rule_refuses_one_side_and_takes_the_other(tmp_path: Path, rule: Rule) -> None:
    refused = _refusals(tmp_path / "net.tflite", rule.refused)
    assert re.search(rule.says, refused[rule.check])
    assert ("TFLite-Micro" in refused) is rule.host_knows
    assert _refusals(tmp_path / "net.tflite", rule.taken) == {}


@pytest.mark.parametrize("build", [_uint8_ends, _float_ends, _float_body, _int16_output])
def test_what_the_firmware_takes_at_the_ends(tmp_path: Path, build: Build) -> None:
    assert _refusals(tmp_path / "net.tflite", build) == {}


def test_a_compiled_operator_runs_where_its_npu_is(tmp_path: Path) -> None:
    network = Network()
    x = network.input(1, 8, 8, 3)
    graph = read_graph(network.write(tmp_path / "net.tflite", network.custom("ethos-u", [x], (1, 3))))
    assert [one.kind for one in check_model(graph) if one.check == "operators"] == [Kind.REFUSED]
    assert [one.kind for one in check_model(graph, Npu.ETHOS_U55) if one.check == "operators"] == [None]


def test_the_firmware_has_111_operators() -> None:
    assert len(supported_operators()) == 111
    assert {"CONV_2D", "L2_NORMALIZATION", "CUSTOM:SignalFramer"} <= supported_operators()
    assert "GELU" not in supported_operators()
