"""An ONNX file that is none of this pipeline's, or is damaged, is told in one sentence."""

from collections.abc import Callable

import onnx
import pytest
from onnx import ModelProto, TensorProto, helper

from tinyinspect.conversion import onnx_file
from tinyinspect.errors import InputError


def network(shape: tuple[int, ...] = (1, 3, 8, 8), name: str = "input") -> ModelProto:
    """A network of one ReLU."""
    ends = [helper.make_tensor_value_info(end, TensorProto.FLOAT, shape) for end in (name, "output")]
    graph = helper.make_graph([helper.make_node("Relu", [name], ["output"])], "g", ends[:1], ends[1:])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def nested(depth: int) -> bytes:
    """A graph in a graph in a graph ..., deeper than a parser goes."""
    content = b""
    for field in (1, 5, 6) * depth + (7,):
        size, rest = b"", len(content)
        while rest > 127:
            size, rest = size + bytes([rest & 127 | 128]), rest >> 7
        content = bytes([field << 3 | 2]) + size + bytes([rest]) + content
    return content


def with_outside_data(model: ModelProto) -> bytes:
    weights = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4], data_location=TensorProto.EXTERNAL)
    weights.external_data.add(key="location", value="../../etc/passwd")
    model.graph.initializer.append(weights)
    return model.SerializeToString()


WHOLE = network().SerializeToString()
SPOILED: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "cut off": lambda: WHOLE[: len(WHOLE) // 2],
    "foreign": lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "another network": lambda: network((1, 3)).SerializeToString(),
    "oblong frames": lambda: network((1, 3, 8, 9)).SerializeToString(),
    "another input": lambda: network(name="x").SerializeToString(),
    "nested": lambda: nested(2000),
    "a name that is no UTF-8": lambda: WHOLE.replace(b"\x0a\x05input\x12\x06output", b"\x0a\x05inp\xfft\x12\x06output"),
    "an unknown operator": lambda: WHOLE.replace(b"Relu", b"Rexu"),
    "data outside": lambda: with_outside_data(network()),
}


@pytest.mark.parametrize("content", SPOILED.values(), ids=SPOILED.keys())
def test_what_is_no_model_of_this_pipeline_is_one_sentence(content, tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(content())
    with pytest.raises(InputError, match=r"model\.onnx is no ONNX model \(.+\); run `dvc repro export`$") as told:
        onnx_file.read(path)
    assert "\n" not in str(told.value)


def test_a_huge_file_is_not_read(tmp_path):
    with (tmp_path / "model.onnx").open("wb") as file:
        file.truncate(1 << 31)
    with pytest.raises(InputError, match="2 GiB or more"):
        onnx_file.read(tmp_path / "model.onnx")


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir()], ids=["missing", "a folder"])
def test_what_is_no_file_is_one_sentence(make, tmp_path):
    path = tmp_path / "model.onnx"
    make(path)
    with pytest.raises(InputError, match="run `dvc repro export`"):
        onnx_file.read(path)


def test_a_whole_one_is_read_and_runs(tmp_path):
    path = tmp_path / "model.onnx"
    onnx.save(network(), path)
    assert onnx_file.input_size(path) == 8
