from pathlib import Path

import numpy as np

from tests.device.networks import Network, resnet9
from tinyinspect.conversion.operator_order import in_lean_order
from tinyinspect.device.arena import arena_of
from tinyinspect.device.microcontroller import MicroRuntime


def branched(path: Path) -> Path:
    """A network whose side branch stands behind all else, and so keeps the input in memory."""
    network = Network()
    start = network.input(1, 32, 32, 3)
    wide = network.conv(network.conv(start, 8, stride=2), 12)
    deep = network.dense(network.average_pool(wide), 4)
    side = network.dense(network.average_pool(network.conv(start, 2, stride=4)), 4)
    return network.write(path, network.add(deep, side))


def test_a_side_branch_that_holds_the_input_comes_first(tmp_path):
    path = branched(tmp_path / "network.tflite")
    frames = np.random.default_rng(0).integers(-128, 128, (3, 32, 32, 3)).astype(np.int8)
    before, expected = arena_of(path), MicroRuntime(path).quantised_outputs(frames)
    content = path.read_bytes()
    ordered = in_lean_order(content)
    path.write_bytes(ordered)
    assert before - arena_of(path) > 2500  # of an input of 3072
    np.testing.assert_array_equal(MicroRuntime(path).quantised_outputs(frames), expected)
    assert len(ordered) == len(content) and in_lean_order(ordered) == ordered


def test_a_network_without_a_branch_is_left_as_it_is(tmp_path):
    content = resnet9(tmp_path / "network.tflite").read_bytes()
    assert in_lean_order(content) == content
