from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tests.device.networks import Network, resnet9, single
from tinyinspect.device.allocator import planned_bytes
from tinyinspect.device.arena import arena_of, planned_arena_bytes
from tinyinspect.device.cost import measured_operators
from tinyinspect.device.graph import read_graph
from tinyinspect.device.planner import Buffer, activations, planned_size
from tinyinspect.errors import InputError

# model.ram on the emulated camera, counted for networks of these shapes.
COUNTED = [
    ({}, 104_692),
    ({"stem_stride": 2}, 30_964),
    ({"stem_stride": 2, "width": 16}, 58_708),
    ({"stem_stride": 2, "size": 96}, 61_684),
]


@pytest.mark.parametrize(("shape", "counted"), COUNTED)
def test_whole_networks_equal_the_camera(tmp_path: Path, shape: dict, counted: int) -> None:
    assert arena_of(resnet9(tmp_path / "net.tflite", **shape)) == counted


BUILDERS: dict[str, Callable[[pd.Series], Callable[[Network, int], int]]] = {
    "CONV_2D": lambda row: lambda net, x: net.conv(x, int(row.out_channels), int(row.kernel), int(row.stride)),
    "DEPTHWISE_CONV_2D": lambda row: lambda net, x: net.depthwise(x, int(row.kernel), int(row.stride)),
    "FULLY_CONNECTED": lambda row: lambda net, x: net.dense(x, int(row.out_channels)),
    "ADD": lambda row: lambda net, x: net.add(x, x),
    "AVERAGE_POOL_2D": lambda row: Network.average_pool,
    "MAX_POOL_2D": lambda row: Network.max_pool,
    "SOFTMAX": lambda row: Network.softmax,
}


def test_single_operators_equal_the_camera(tmp_path: Path) -> None:
    rows = measured_operators()
    rows = rows[rows["operator"].isin(BUILDERS)]
    assert len(rows) > 60
    for _, row in rows.iterrows():
        channels = int(row.in_channels)
        shape = (1, channels) if pd.isna(row.height) else (1, int(row.height), int(row.width), channels)
        graph = read_graph(single(tmp_path / "one.tflite", shape, BUILDERS[row.operator](row)))
        assert planned_arena_bytes(graph) == row.arena_bytes, row


def test_the_planner_equals_the_allocator_on_the_host(tmp_path: Path) -> None:
    path = resnet9(tmp_path / "net.tflite", stem_stride=2, size=96)
    assert planned_size(activations(read_graph(path))) == planned_bytes(path)


def test_buffers_alive_together_stand_apart_and_others_share() -> None:
    assert planned_size([Buffer(32, 0, 1), Buffer(16, 1, 2)]) == 48
    assert planned_size([Buffer(32, 0, 1), Buffer(16, 2, 3)]) == 32
    assert planned_size([]) == 0


def test_what_the_allocator_refuses_is_one_sentence(tmp_path: Path) -> None:
    network = Network()
    x = network.input(1, 8, 8, 3)
    path = network.write(tmp_path / "net.tflite", network.operator("LSTM", [x], (1, 8)))
    with pytest.raises(InputError, match=r"TFLite-Micro refuses .*LSTM"):
        arena_of(path)
