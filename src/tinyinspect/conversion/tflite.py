"""A TensorFlow SavedModel to TFLite: float32 for comparison, full int8 for the camera."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from tinyinspect.conversion.operator_order import in_lean_order
from tinyinspect.conversion.quiet import quiet
from tinyinspect.conversion.quiet_tensorflow import tf
from tinyinspect.errors import InputError
from tinyinspect.files import complete_file

with quiet():
    from tensorflow.lite.python.convert import mlir_quantize
    from tensorflow.lite.python.util import modify_model_io_type

INPUT_SCALE, INPUT_ZERO_POINT = 1 / 255, -128  # the camera writes pixel - 128, whatever the file says


def to_float(saved_model: Path, path: Path) -> None:
    """Write a SavedModel as a float32 .tflite file."""
    with quiet():
        content = _converter(saved_model).convert()
    _write(content, path)


def to_int8(
    saved_model: Path, views: NDArray[np.uint8], path: Path, adjust: Callable[[bytes], bytes] | None = None
) -> None:
    """Write a SavedModel as a full int8 .tflite file that keeps the camera's input contract.

    Args:
        saved_model: a SavedModel with a (1, size, size, 3) float32 input in [0, 1].
        views: (n, size, size, 3) uint8 calibration frames through the camera's preprocessing, never test frames.
        path: the .tflite file.
        adjust: from a float .tflite file whose activations carry the smallest and largest value of the calibration
            to the same file with other ranges; None keeps them.

    Raises:
        InputError: The file that came out does not take pixel - 128.
    """
    with quiet():
        converter = _converter(saved_model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: _representatives(views)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    # The camera's FULLY_CONNECTED refuses per-channel weights.
    converter._experimental_disable_per_channel_quantization_for_dense_layers = True
    converter._experimental_calibrate_only = adjust is not None
    with quiet():
        content = converter.convert()
        if adjust is not None:
            content = _rounded(adjust(content))
    check_input_contract(content)
    _write(content, path)


def _rounded(calibrated: bytes) -> bytes:
    """A calibrated float file to int8: TFLiteConverter's own last steps, which have no public name."""
    content = mlir_quantize(
        calibrated,
        fully_quantize=True,
        input_data_type=tf.float32,
        output_data_type=tf.float32,
        disable_per_channel_for_dense_layers=True,
    )
    return modify_model_io_type(content, tf.int8, tf.int8)


def check_input_contract(content: bytes) -> None:
    """Refuse a .tflite file whose input is not int8 with scale 1/255 and zero point -128.

    Raises:
        InputError: It is not.
    """
    details = Interpreter(model_content=content).get_input_details()[0]
    scale, zero_point = details["quantization"]
    if details["dtype"] is not np.int8 or zero_point != INPUT_ZERO_POINT or abs(scale - INPUT_SCALE) > 1e-7:
        raise InputError(
            f"the int8 input is {np.dtype(details['dtype']).name} with scale {scale:.6f} and zero point {zero_point}, "
            "but the camera needs int8, 0.003922 and -128; train the network on pixels in [0, 1]"
        )


def _representatives(views: NDArray[np.uint8]) -> Iterator[list[NDArray[np.float32]]]:
    for view in views:
        yield [view[None].astype(np.float32) / 255]
    # A black and a white pixel in one corner: the input's scale is 1/255 however dark the frames are.
    whole_range = views[0].copy()
    whole_range[0, :2] = [[0], [255]]
    yield [whole_range[None].astype(np.float32) / 255]


def _converter(saved_model: Path) -> tf.lite.TFLiteConverter:
    try:
        return tf.lite.TFLiteConverter.from_saved_model(str(saved_model))
    except OSError:
        raise InputError(f"{saved_model} holds no SavedModel; run `dvc repro convert`") from None


def _write(content: bytes, path: Path) -> None:
    with complete_file(path) as target:
        target.write_bytes(in_lean_order(content))
