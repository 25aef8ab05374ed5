from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.device.networks import Network, resnet9, single
from tinyinspect.device import cost
from tinyinspect.device.boards import read_board
from tinyinspect.device.cost import work_of_row
from tinyinspect.device.estimates import Interval, estimated
from tinyinspect.device.graph import read_graph
from tinyinspect.device.work import Work, inside, work_of

# Macs and instructions counted on the emulated camera for networks of these shapes.
COUNTED = [
    ({}, 16_678_960, 51_288_960),
    ({"stem_stride": 2}, 4_169_776, 12_876_280),
    ({"stem_stride": 2, "width": 16}, 16_203_824, 36_485_400),
    ({"stem_stride": 2, "size": 96}, 9_381_936, 28_888_760),
]


@pytest.mark.parametrize(("shape", "macs", "counted"), COUNTED)
def test_whole_networks_cost_what_was_counted(tmp_path: Path, shape: dict, macs: int, counted: int) -> None:
    found = cost.cost_of(resnet9(tmp_path / "net.tflite", **shape))
    assert found.macs == macs
    assert found.instructions.exact and found.estimated == []
    assert found.instructions.high == pytest.approx(counted, rel=0.01)
    assert sum(layer.instructions.high for layer in found.layers) == found.instructions.high


def test_networks_of_another_family_cost_what_was_counted(tmp_path: Path) -> None:
    """ResNet-8 and the visual-wake-words MobileNetV1 of MLPerf Tiny: 29.9 M and 23.9 M instructions."""
    network = Network()
    x = network.conv(network.input(1, 32, 32, 3), 16)
    x = network.add(network.conv(network.conv(x, 16), 16), x)
    for channels in (32, 64):
        inner = network.conv(network.conv(x, channels, stride=2), channels)
        x = network.add(inner, network.conv(x, channels, kernel=1, stride=2))
    resnet8 = network.write(tmp_path / "resnet8.tflite", network.softmax(network.dense(network.average_pool(x), 10)))
    assert cost.cost_of(resnet8).instructions.high == pytest.approx(29.9e6, rel=0.01)

    network = Network()
    x = network.conv(network.input(1, 96, 96, 3), 8, stride=2)
    blocks = [(16, 1), (32, 2), (32, 1), (64, 2), (64, 1), (128, 2), *[(128, 1)] * 5, (256, 2), (256, 1)]
    for channels, stride in blocks:
        x = network.conv(network.depthwise(x, stride=stride), channels, kernel=1)
    mobilenet = network.write(tmp_path / "vww.tflite", network.softmax(network.dense(network.average_pool(x), 2)))
    assert cost.cost_of(mobilenet).instructions.high == pytest.approx(23.9e6, rel=0.01)


def test_every_counted_operator_is_met() -> None:
    rows = cost.measured_operators()
    found = [cost.instructions(work) for work in rows["work"]]
    assert all(one.exact for one in found)
    assert np.abs(np.array([one.high for one in found]) / rows["instructions"] - 1).max() < 0.02


@pytest.mark.parametrize("path", ["convolution", "depthwise 3x3", "add", "PAD", "MAX_POOL_2D", "MEAN"])
def test_a_counted_operator_is_predicted_by_the_others(path: str) -> None:
    rows = cost.measured_operators()
    on_path = rows[[cost.path_of(work) == path for work in rows["work"]]]
    for index, row in on_path.iterrows():
        prices = cost.fitted(rows.drop(index), path)
        assert cost.priced(prices, row["work"], path) == pytest.approx(row["instructions"], rel=0.03)


def test_macs_of_each_operator_are_exact() -> None:
    rows = cost.measured_operators()
    assert rows["macs"].sum() > 0
    for _, row in rows[rows["operator"].isin(["CONV_2D", "DEPTHWISE_CONV_2D"])].iterrows():
        work = row["work"]
        assert work.out_elements * work.kernel * work.in_channels == row["macs"]


def test_work_of_a_file_equals_work_of_the_counted_row(tmp_path: Path) -> None:
    rows = cost.measured_operators()
    row = rows[(rows["operator"] == "CONV_2D") & (rows["height"] == 32) & (rows["stride"] == 2)].iloc[0]
    graph = read_graph(single(tmp_path / "one.tflite", (1, 32, 32, 8), lambda net, x: net.conv(x, 16, 3, 2)))
    assert work_of(graph, graph.operators[0]) == row["work"]


def test_kernel_positions_outside_the_picture_are_left_out() -> None:
    assert inside(4, 4, kernel=3, stride=1, same=True) == 10
    assert inside(4, 2, kernel=3, stride=1, same=False) == 6
    assert inside(4, 2, kernel=3, stride=2, same=True) == 5


def test_the_estimates_hold_what_was_counted_of_their_like() -> None:
    """A table of ranges is only as good as its units: each must hold the counts of the kinds that it was drawn from."""
    rows = cost.measured_operators()
    for kind, like in (("ADD", "SUB"), ("PAD", "PADV2"), ("MEAN", "SUM"), ("TRANSPOSE", "TRANSPOSE")):
        for _, row in rows[rows["operator"] == kind].iterrows():
            found = estimated(replace(row["work"], kind=like, dtype="int8"))
            assert found.low < row["instructions"] < found.high, (kind, like)


def test_what_was_never_counted_makes_the_total_an_interval(tmp_path: Path) -> None:
    network = Network()
    x = network.conv(network.input(1, 16, 16, 3), 8)
    counted = cost.cost_of(network.write(tmp_path / "conv.tflite", x)).instructions
    found = cost.cost_of(network.write(tmp_path / "one.tflite", network.operator("HARD_SWISH", [x], (1, 16, 16, 8))))
    assert found.estimated == ["HARD_SWISH"] and counted.exact and not found.instructions.exact
    assert found.instructions.low - counted.low == 20 * 16 * 16 * 8
    assert found.instructions.high > found.instructions.low > counted.high


@pytest.mark.parametrize("kind", ["LOGISTIC", "CONCATENATION", "RESIZE_BILINEAR", "PRELU", "QUANTIZE", "NOBODY_KNOWS"])
def test_float_and_unknown_operators_have_a_range(kind: str) -> None:
    found = estimated(Work(kind, in_elements=100, out_elements=100, dtype="float32"))
    assert 0 < found.low < found.high


def test_a_float_convolution_is_not_priced_as_an_int8_one() -> None:
    work = work_of_row(cost.measured_operators().iloc[0])
    assert cost.instructions(work).exact
    real = cost.instructions(replace(work, dtype="float32"))
    assert not real.exact and real.low > cost.instructions(work).high


def test_the_time_of_predict_holds_the_resize(tmp_path: Path) -> None:
    board = read_board(Path("conf/board"), "openmv_h7")
    found = cost.cost_of(resnet9(tmp_path / "net.tflite"))
    time = found.milliseconds(board)
    assert time is not None
    assert time.low == pytest.approx((found.instructions.low + 390_000) * 1.28 / 480e3)
    assert time.high == pytest.approx((found.instructions.high + 630_000) * 1.28 / 480e3)
    half = found.milliseconds(board.model_copy(update={"mhz": 240}))
    assert half is not None and half.high == pytest.approx(2 * time.high)
    assert found.milliseconds(board.model_copy(update={"cycles_per_instruction": None})) is None


def test_a_model_without_a_picture_resizes_nothing(tmp_path: Path) -> None:
    network = Network()
    found = cost.cost_of(network.write(tmp_path / "net.tflite", network.dense(network.input(1, 40), 4)))
    assert found.resize == Interval(0, 0)
