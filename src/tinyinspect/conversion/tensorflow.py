"""ONNX to a TensorFlow SavedModel with the camera's NHWC input, by onnx2tf or by onnx-tf."""

import contextlib
import shutil
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinyinspect.config.convert import Converter
from tinyinspect.conversion import onnx_file, onnx_tf_compatibility
from tinyinspect.conversion.quiet import quiet
from tinyinspect.conversion.quiet_tensorflow import tf
from tinyinspect.errors import InputError
from tinyinspect.files import complete_folder

# onnx2tf looks for this file in its working directory before it turns to the internet.
_SAMPLES = "calibration_image_sample_data_20x128x128x3_float32.npy"


def convert(
    source: Path, samples: NDArray[np.float32], folder: Path, converter: Converter, tolerance: float = 1e-4
) -> float:
    """Convert an ONNX file into a SavedModel with a batch of one.

    Args:
        source: the .onnx file, NCHW input.
        samples: (n, size, size, 3) float32 in [0, 1], real frames to check with.
        folder: the SavedModel; its signature `serving_default` takes (1, size, size, 3) float32.
        converter: which package converts.
        tolerance: largest difference allowed between TensorFlow and onnxruntime on the samples.

    Returns:
        The largest difference found.

    Raises:
        InputError: The file is no ONNX model, or the two disagree.
    """
    make = {Converter.ONNX2TF: _by_onnx2tf, Converter.ONNX_TF: _by_onnx_tf}[converter]
    with complete_folder(folder.resolve()) as target, quiet():
        make(source.resolve(), samples, target)
        (target / "fingerprint.pb").unlink(missing_ok=True)  # a random number, the one thing that two runs differ in
        expected = onnx_file.run(source, np.ascontiguousarray(samples.transpose(0, 3, 1, 2)))
        difference = float(np.abs(_outputs(target, samples) - expected).max())
        if not difference <= tolerance:
            raise InputError(
                f"{folder}: TensorFlow differs from onnxruntime by {difference:.2g}, more than {tolerance:g}; "
                "use the other converter (-S convert=onnx2tf or -S convert=onnx_tf)"
            )
    return difference


def _outputs(folder: Path, samples: NDArray[np.float32]) -> NDArray[np.float32]:
    model = tf.saved_model.load(str(folder))
    signature = model.signatures["serving_default"]
    (name,) = signature.structured_input_signature[1]
    return np.concatenate([next(iter(signature(**{name: one[None]}).values())).numpy() for one in samples])


def _by_onnx2tf(source: Path, samples: NDArray[np.float32], target: Path) -> None:
    import onnx2tf

    model = onnx_file.read(source)
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):
        np.save(_SAMPLES, tf.image.resize(samples[np.arange(20) % len(samples)], (128, 128)).numpy())
        onnx2tf.convert(
            onnx_graph=model,
            output_folder_path="saved_model",
            output_signaturedefs=True,
            batch_size=1,
            non_verbose=True,
        )
        shutil.copytree("saved_model", target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.tflite"))


def _by_onnx_tf(source: Path, samples: NDArray[np.float32], target: Path) -> None:
    onnx_tf_compatibility.prepare_import()

    try:
        from onnx_tf.backend import prepare
    except ModuleNotFoundError:
        raise InputError(
            "convert=onnx_tf needs the package onnx-tf, which is not installed; run `make setup` or use convert=onnx2tf"
        ) from None

    with tempfile.TemporaryDirectory() as scratch:
        prepare(onnx_file.read(source)).export_graph(scratch)
        inner = tf.saved_model.load(scratch)
        signature = inner.signatures["serving_default"]

        # onnx-tf keeps ONNX's NCHW input; the camera gives NHWC.
        @tf.function(input_signature=[tf.TensorSpec((1, *samples.shape[1:]), tf.float32, name="input")])
        def serve(inputs: tf.Tensor) -> dict[str, tf.Tensor]:
            return signature(input=tf.transpose(inputs, (0, 3, 1, 2)))

        module = tf.Module()
        module.inner = inner
        tf.saved_model.save(module, str(target), signatures=serve)
