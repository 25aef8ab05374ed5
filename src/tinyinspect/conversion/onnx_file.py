"""Read an ONNX file of this pipeline; another file, or a damaged one, is told in one sentence."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import ModelProto

from tinyinspect.errors import InputError

INPUT, OUTPUT = "input", "output"
_LARGEST_BYTES = 1 << 31  # of a protobuf message


def read(path: Path) -> ModelProto:
    """The network of an ONNX file, which ONNX Runtime can run.

    Raises:
        InputError: The file is missing or damaged, or its network does not take square frames, NCHW.
    """
    try:
        if path.stat().st_size >= _LARGEST_BYTES:
            raise ValueError("it has 2 GiB or more")
        # No data beside the file: a foreign one could name any file of this machine.
        model = onnx.load(path, load_external_data=False)
        onnx.checker.check_model(model)
        _require_names(model)
        session(model)
        _side(model)
    except Exception as error:  # ONNX Runtime's errors share no other base
        raise InputError(f"{path} is no ONNX model ({' '.join(str(error).split())}); run `dvc repro export`") from None
    return model


def input_size(path: Path) -> int:
    """Side of the square input of an ONNX file, in pixels.

    Raises:
        InputError: See :func:`read`.
    """
    return _side(read(path))


def run(path: Path, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Outputs of an ONNX file, (n, outputs) float32, for (n, 3, size, size) float32 inputs.

    Raises:
        InputError: See :func:`read`.
    """
    return session(read(path)).run([OUTPUT], {INPUT: inputs})[0]


def session(model: ModelProto) -> onnxruntime.InferenceSession:
    """A session of ONNX Runtime on the CPU."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what it refuses, its exception says
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def _require_names(model: ModelProto) -> None:
    names = [name for node in model.graph.node for name in (node.name, *node.input, *node.output)]
    if not all(isinstance(name, str) for name in names):  # the parser leaves as bytes what is no UTF-8
        raise ValueError("a name in it is no UTF-8")


def _side(model: ModelProto) -> int:
    if [one.name for one in (*model.graph.input, *model.graph.output)] != [INPUT, OUTPUT]:
        raise ValueError(f"it does not have one {INPUT} and one {OUTPUT}")
    sides = [one.dim_value for one in model.graph.input[0].type.tensor_type.shape.dim][1:]
    if len(sides) != 3 or sides[0] != 3 or sides[1] != sides[2] or sides[1] < 1:
        raise ValueError(f"its input is {sides}, not square frames of three planes")
    return sides[1]
