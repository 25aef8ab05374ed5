"""What a network makes of frames before its last layer."""

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from tinyinspect.conversion import onnx_file

BATCH = 32


def features(path: Path, views: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Inputs of the last layer of an ONNX network, (n, d) float32.

    Args:
        path: the .onnx file, NCHW input in [0, 1].
        views: (n, size, size, 3) uint8.

    Raises:
        InputError: The file is missing or is no ONNX model.
    """
    model = onnx_file.read(path)
    last = next(node for node in reversed(model.graph.node) if node.op_type in ("Gemm", "MatMul", "Conv"))
    model.graph.output.append(onnx.helper.make_tensor_value_info(last.input[0], onnx.TensorProto.FLOAT, None))
    session = onnx_file.session(model)
    planes = np.ascontiguousarray(views.transpose(0, 3, 1, 2))
    start = session.get_inputs()[0].name
    batches = [planes[first : first + BATCH].astype(np.float32) / 255 for first in range(0, len(planes), BATCH)]
    made = [session.run([last.input[0]], {start: batch})[0] for batch in batches]
    return np.concatenate(made).reshape(len(views), -1)
