from pathlib import Path

import numpy as np
import pytest

from tests.device.networks import TYPES, Network, resnet9
from tinyinspect.device.graph import read_graph
from tinyinspect.errors import InputError


def test_reads_operators_shapes_and_quantization(tmp_path: Path) -> None:
    graph = read_graph(resnet9(tmp_path / "net.tflite"))
    kinds = [operator.kind for operator in graph.operators]
    assert kinds.count("CONV_2D") == 13 and kinds.count("ADD") == 4
    assert kinds[-2:] == ["AVERAGE_POOL_2D", "FULLY_CONNECTED"]
    assert graph.operators[-1].inputs[2] == -1
    picture = graph.tensors[graph.inputs[0]]
    assert (picture.shape, picture.dtype, picture.zero_points) == ((1, 64, 64, 3), "int8", (-128,))
    assert picture.bytes == 12288 and not picture.constant
    weights = graph.input_of(graph.operators[0], 1)
    assert weights.constant and len(weights.scales) == 8


def test_a_truncated_file_is_one_sentence(tmp_path: Path) -> None:
    content = resnet9(tmp_path / "net.tflite").read_bytes()
    cut = tmp_path / "cut.tflite"
    for size in range(8, len(content), len(content) // 40):
        cut.write_bytes(content[:size])
        with pytest.raises(InputError, match=r"cut\.tflite is truncated or corrupt"):
            read_graph(cut)


@pytest.mark.parametrize("content", [b"", b"TFL3", b"\x89PNG\r\n\x1a\n" * 10])
def test_a_foreign_file_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "photo.tflite").write_bytes(content)
    with pytest.raises(InputError, match="is no TensorFlow Lite model"):
        read_graph(tmp_path / "photo.tflite")


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_graph(tmp_path / "absent.tflite")


def _unknown_tensor(network: Network) -> None:
    network.graph.operators[0].inputs[0] = 99


def _flat_picture(network: Network) -> None:
    network.graph.tensors[network.graph.inputs[0]].shape = [3072]


def _huge_picture(network: Network) -> None:
    network.graph.tensors[network.graph.inputs[0]].shape[1] = 2**31 - 1


def _no_weights(network: Network) -> None:
    network.graph.operators[0].inputs = network.graph.operators[0].inputs[:1]


@pytest.mark.parametrize("fault", [_unknown_tensor, _flat_picture, _huge_picture, _no_weights])
def test_a_graph_that_makes_no_sense_is_one_sentence(tmp_path: Path, fault) -> None:
    network = Network()
    made = network.conv(network.input(1, 32, 32, 3), 8)
    fault(network)
    with pytest.raises(InputError, match="make no sense"):
        read_graph(network.write(tmp_path / "net.tflite", made))


def test_one_axis_may_be_as_long_as_a_compilers_weights(tmp_path: Path) -> None:
    network = Network()
    made = network.conv(network.input(1, 8, 8, 3), 8)
    network.tensor((3_000_000,), TYPES.UINT8, data=np.zeros(3_000_000, np.uint8))
    assert read_graph(network.write(tmp_path / "net.tflite", made)).tensors[-1].shape == (3_000_000,)


def test_a_constant_of_the_wrong_size_is_refused(tmp_path: Path) -> None:
    network = Network()
    made = network.conv(network.input(1, 32, 32, 3), 8)
    network.graph.tensors[1].shape = [8, 3, 3, 4]
    with pytest.raises(InputError, match="truncated or corrupt"):
        read_graph(network.write(tmp_path / "net.tflite", made))
