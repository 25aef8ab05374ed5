import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.device.networks import TYPES, Network
from tinyinspect.device.checks import check_model, refuse_float, supported_operators
from tinyinspect.device.graph import read_graph
from tinyinspect.errors import InputError


def _failures(path: Path, network: Network, output: int) -> dict[str, str]:
    findings = check_model(read_graph(network.write(path / "net.tflite", output)))
    return {finding.check: f"{finding.found} -> {finding.change}" for finding in findings if not finding.passes}


def test_a_sound_network_passes_every_check(tmp_path: Path) -> None:
    network = Network()
    x = network.average_pool(network.conv(network.input(1, 16, 16, 1), 8))
    assert _failures(tmp_path, network, network.dense(x, 3)) == {}


def _schema(network: Network, x: int) -> int:
    network.model.version = 2
    return network.conv(x, 8)


def _unsupported_operator(network: Network, x: int) -> int:
    return network.operator("RSQRT", [network.operator("GELU", [x], network.shape(x))], network.shape(x))


def _per_channel_dense(network: Network, x: int) -> int:
    return network.dense(x, 3, per_channel=True)


def _unsigned(network: Network, x: int) -> int:
    return network.conv(network.operator("RELU", [x], network.shape(x), dtype=TYPES.UINT8), 8)


def _float_leftover(network: Network, x: int) -> int:
    real = network.operator("DEQUANTIZE", [x], network.shape(x), dtype=TYPES.FLOAT32)
    return network.operator("QUANTIZE", [real], network.shape(x))


def _external_weights(network: Network, x: int) -> int:
    made = network.conv(x, 8)
    buffer = network.model.buffers[1]
    buffer.data, buffer.offset, buffer.size = None, 4096, 216
    return made


def _float_output(network: Network, x: int) -> int:
    return network.operator("RELU", [x], network.shape(x), dtype=TYPES.FLOAT32)


@pytest.mark.parametrize(
    ("fault", "check", "says"),
    [
        (_schema, "schema", "version 2 -> convert to schema 3"),
        (_unsupported_operator, "operators", "the firmware has no GELU -> leave it out"),
        (_per_channel_dense, "dense layers", "3 scales .* _experimental_disable_per_channel_quantization"),
        (_unsigned, "types", "1 uint8 tensors .* -> quantize to int8"),
        (_float_leftover, "types", "1 float tensors, 2 QUANTIZE or DEQUANTIZE"),
        (_external_weights, "buffers", "1 tensors stored behind the flatbuffer"),
        (_float_output, "output", "float32 -> set inference_output_type"),
    ],
)
def test_a_fault_is_found(tmp_path: Path, fault: Callable[[Network, int], int], check: str, says: str) -> None:
    network = Network()
    failures = _failures(tmp_path, network, fault(network, network.input(1, 16, 16, 3)))
    assert check in failures

    assert re.search(says, failures[check])


@pytest.mark.parametrize(
    ("shape", "contract", "says"),
    [
        ((1, 3, 16, 16), {}, "shape 1x3x16x16"),
        ((2, 16, 16, 3), {}, "shape 2x16x16x3"),
        ((1, 16, 16, 4), {}, "shape 1x16x16x4"),
        ((1, 16, 16, 3), {"scale": 2 / 255, "zero_point": -1}, "scale 0.00784314, zero point -1"),
        ((1, 16, 16, 3), {"zero_point": -127}, "zero point -127"),
        ((1, 16, 16, 3), {"dtype": TYPES.UINT8, "zero_point": 0}, "uint8 -> set inference_input_type"),
    ],
)
def test_an_input_outside_the_contract_is_found(tmp_path: Path, shape: tuple, contract: dict, says: str) -> None:
    network = Network()
    assert says in _failures(tmp_path, network, network.conv(network.input(*shape, **contract), 8))["input"]


def test_a_calibrated_scale_a_hair_off_passes(tmp_path: Path) -> None:
    network = Network()
    assert _failures(tmp_path, network, network.conv(network.input(1, 16, 16, 3, scale=0.00392148), 8)) == {}


def test_a_change_of_scale_within_int8_passes(tmp_path: Path) -> None:
    network = Network()
    x = network.input(1, 16, 16, 3)
    assert _failures(tmp_path, network, network.operator("QUANTIZE", [x], network.shape(x))) == {}


def test_two_inputs_are_found(tmp_path: Path) -> None:
    network = Network()
    made = network.add(network.input(1, 16, 16, 3), network.input(1, 16, 16, 3))
    assert "2 inputs" in _failures(tmp_path, network, made)["input"]


def test_a_float_model_is_one_sentence(tmp_path: Path) -> None:
    network = Network()
    x = network.input(1, 16, 16, 3, dtype=TYPES.FLOAT32)
    made = network.operator("RELU", [x], (1, 16, 16, 3), dtype=TYPES.FLOAT32)
    with pytest.raises(InputError, match="is a float model"):
        refuse_float(read_graph(network.write(tmp_path / "net.tflite", made)))


def test_the_firmware_has_111_operators() -> None:
    assert len(supported_operators()) == 111
    assert {"CONV_2D", "L2_NORMALIZATION", "CUSTOM:SignalFramer"} <= supported_operators()
    assert "GELU" not in supported_operators()
