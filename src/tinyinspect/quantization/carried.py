"""Trained ranges, carried into the calibrated TFLite file that becomes the int8 file.

The file's tensors are those of the ONNX graph under other names. They are found by value: on one frame a tensor of the
file holds the numbers of one of the graph, in another order where the layout differs, and with zeros around them where
it is padded. So they are told apart by four sums that neither changes.
"""

import numpy as np
import onnx
from numpy.typing import NDArray

from tinyinspect.conversion import onnx_file
from tinyinspect.errors import InputError
from tinyinspect.quantization.calibrated import Range, ranges_of, values_of, with_ranges

TOLERANCE = 1e-3  # relative, of each sum: between the float kernels of TFLite and of onnxruntime


def carry(calibrated: bytes, model: onnx.ModelProto, ranges: dict[str, Range], view: NDArray[np.uint8]) -> bytes:
    """The calibrated file with the ranges that were trained.

    Args:
        calibrated: a float .tflite file of the model, whose activations carry ranges.
        model: the ONNX graph.
        ranges: by name of the model's tensors, of all that int8 holds.
        view: (size, size, 3) uint8, a frame to tell tensors apart by.

    Raises:
        InputError: The file holds an activation that the model does not have.
    """
    wanted = _sums_of_model(model, list(ranges), view)
    found = {}
    for place, values in next(values_of(calibrated, view[None], list(ranges_of(calibrated)))).items():
        sums = _sums(values)
        name = min(wanted, key=lambda one: _distance(sums, wanted[one]))
        if _distance(sums, wanted[name]) > TOLERANCE:
            raise InputError(
                "the converter added an activation that the network does not have, so its trained ranges cannot be "
                "carried over; use the other converter (-S convert=onnx2tf or -S convert=onnx_tf) or ptq_equalized"
            )
        found[place] = ranges[name]
    return with_ranges(calibrated, found)


def _sums_of_model(model: onnx.ModelProto, names: list[str], view: NDArray[np.uint8]) -> dict[str, NDArray[np.float64]]:
    probe = onnx.ModelProto()
    probe.CopyFrom(model)
    start = probe.graph.input[0].name
    outputs = [name for name in names if name != start]
    del probe.graph.output[:]
    probe.graph.output.extend(
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in outputs
    )
    session = onnx_file.session(probe)
    planes = np.ascontiguousarray(view.transpose(2, 0, 1)[None]).astype(np.float32) / 255
    return {start: _sums(planes)} | {
        name: _sums(values) for name, values in zip(outputs, session.run(outputs, {start: planes}), strict=True)
    }


def _sums(values: NDArray) -> NDArray[np.float64]:
    exact = values.astype(np.float64).ravel()
    return np.array([exact[exact > 0].sum(), exact[exact < 0].sum(), (exact**2).sum(), np.abs(exact).max()])


def _distance(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """The largest relative difference of two tensors' sums."""
    size = np.maximum(np.abs(first), np.abs(second))
    return float((np.abs(first - second) / np.where(size > 0, size, 1)).max())
